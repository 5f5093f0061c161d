import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { plural } from "../../lab/operator/crds.ts";
import {
  type ClusterManifest,
  clusterManifests,
  type DeployedValues,
} from "../../topology/objects/cluster-manifests.ts";
import { exposedPortPrefix } from "../../topology/objects/exposure-manifests.ts";
import { hostPort } from "../../topology/plan/names.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { fieldAt } from "../../topology/value-at.ts";

const metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
});
const list = z.object({
  items: z.array(z.looseObject({ metadata, spec: z.record(z.string(), z.unknown()).default({}) })),
});

/** One object as it is, or as it should be: what it is called and everything that it says. */
interface Said {
  readonly name: string;
  readonly says: unknown;
}

/** What of a topology is in its clusters, to be compared with a plan: every object and every field, and nothing that is not planned. */
export class LiveState {
  readonly #kubeConfig: (context: string) => KubeConfig;
  /** IDs of apps that the topology gives none, as they were first seen. */
  readonly #appIds = new Map<string, unknown>();

  constructor(kubeConfig: (context: string) => KubeConfig) {
    this.#kubeConfig = kubeConfig;
  }

  /** Every difference between a plan and the clusters, either way. */
  async differences(plan: Plan): Promise<string[]> {
    const clusters = [...plan.clusters.values()];
    const live = await Promise.all(
      clusters.map(async ({ name, context }) => [name, await this.#read(plan, context)] as const),
    );
    const values = this.#values(plan, new Map(live));
    return live.flatMap(([cluster, found]) => {
      const wanted = wantedObjects(plan, clusterManifests(plan, cluster, values));
      return compared(wanted, found.objects).map((each) => `${cluster}: ${each}`);
    });
  }

  /** Waits until each peer's CA is one of its own or signed by an issuer, as planned. @throws Error after the deadline, with those that are not */
  async casAsPlanned(plan: Plan, deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const read = await Promise.all([...plan.clusters.values()].map(({ context }) => this.#read(plan, context)));
      const issued = new Map(read.flatMap((each) => [...each.issued]));
      const wrong = [...plan.peers.values()].filter(({ name, issuer }) => issued.get(name) !== (issuer !== undefined));
      if (wrong.length === 0) return;
      if (performance.now() > end) throw new Error(`CAs not as planned: ${wrong.map(({ name }) => name).join(", ")}`);
      await setTimeout(200);
    }
  }

  /** What is there of a topology that is not there any more. */
  leftovers(plan: Plan): Promise<string[]> {
    return this.differences({ ...plan, peers: new Map(), apps: new Map(), replications: new Map(), exposures: [] });
  }

  #values(plan: Plan, live: ReadonlyMap<string, Read>): DeployedValues {
    for (const app of plan.apps.values()) {
      const [object] = app.objects;
      const found = live.get(object?.cluster ?? "")?.appIds.get(`${object?.namespace}/${object?.name}`);
      if (!this.#appIds.has(app.name) && found !== undefined) this.#appIds.set(app.name, found);
    }
    return {
      // A generated ID never changes, whatever is edited.
      appId: (app) => this.#appIds.get(app),
      token: () => "the soak has no playgrounds",
      caCertificates: (peer) => live.get(plan.peers.get(peer)?.cluster ?? "")?.cas.get(peer),
      loadBalancerAddress: ({ cluster, ingress, port }) =>
        hostPort(live.get(cluster)?.balancers.get(ingress) ?? "no load balancer", port),
      serviceBackend: ({ id }) => ({ selector: `the soak exposes by ingress-nginx: ${id}`, targetPort: 0 }),
    };
  }

  async #read(plan: Plan, context: string): Promise<Read> {
    const config = this.#kubeConfig(context);
    const core = config.makeApiClient(CoreV1Api);
    const custom = config.makeApiClient(CustomObjectsApi);
    const { group, version, kinds, fields, caSecret } = plan.operator;
    const objects: Said[] = [];
    const appIds = new Map<string, unknown>();
    const listed: string[] = [];
    for (const kind of [kinds.bigPeer, kinds.app, kinds.replication]) {
      const found: unknown = await custom.listClusterCustomObject({ group, version, plural: plural(kind) });
      for (const { metadata, spec } of list.parse(found).items) {
        objects.push({
          name: `${kind} ${metadata.namespace}/${metadata.name}`,
          says: { labels: metadata.labels, spec },
        });
        if (kind === kinds.bigPeer) listed.push(JSON.stringify(fieldAt({ spec }, fields.bigPeer.trustedCas) ?? []));
        if (kind === kinds.app)
          appIds.set(`${metadata.namespace}/${metadata.name}`, spec[fields.app.appId.split(".").at(-1) ?? ""]);
      }
    }
    const cas = new Map<string, string>();
    const issued = new Map<string, boolean>();
    const { items: secrets } = await core.listSecretForAllNamespaces();
    for (const { metadata, data } of secrets) {
      const name = metadata?.name ?? "";
      const [before = "", after = ""] = caSecret.name.split("{peer}");
      const ofCa = name.startsWith(before) && name.endsWith(after);
      const peer = name.slice(before.length, name.length - after.length);
      const certificate = data?.[plan.peers.get(peer)?.caKey ?? caSecret.certificateKey];
      if (ofCa && certificate !== undefined) cas.set(peer, certificate);
      if (ofCa) issued.set(peer, data?.[caSecret.issuerKey] !== data?.[caSecret.certificateKey]);
      if (metadata?.labels?.["app.kubernetes.io/managed-by"] !== "bigpeer-topology") continue;
      // A trust Secret stays until its Big Peer is deleted, also when that lists it no longer.
      const ofPeer = metadata.ownerReferences?.some(({ kind }) => kind === kinds.bigPeer);
      if (ofPeer && !listed.some((text) => text.includes(JSON.stringify(name)))) continue;
      objects.push({
        name: `Secret ${metadata.namespace}/${name}`,
        says: { labels: metadata.labels, data: newestOnly(data ?? {}) },
      });
    }
    const balancers = new Map<string, string>();
    const cluster = [...plan.clusters.values()].find((each) => each.context === context);
    for (const [ingress, { namespace, service, configMap }] of cluster?.ingresses ?? []) {
      const { spec, status } = await core.readNamespacedService({ namespace, name: service });
      const address = status?.loadBalancer?.ingress?.[0]?.ip;
      if (address !== undefined) balancers.set(ingress, address);
      const ports = (spec?.ports ?? [])
        .filter(({ name }) => name?.startsWith(exposedPortPrefix))
        .map(({ port }) => port);
      const map = await core.readNamespacedConfigMap({ namespace, name: configMap }).catch(() => undefined);
      const entries = map?.data ?? {};
      if (ports.length > 0) objects.push({ name: `Service ${namespace}/${service}`, says: ports.sort() });
      if (Object.keys(entries).length > 0) objects.push({ name: `ConfigMap ${namespace}/${configMap}`, says: entries });
    }
    return { objects, appIds, cas, issued, balancers };
  }
}

interface Read {
  readonly objects: readonly Said[];
  readonly appIds: ReadonlyMap<string, unknown>;
  /** Peer -> base64 of the CA certificate (PEM) that its operator keeps. */
  readonly cas: ReadonlyMap<string, string>;
  /** Peer -> whether somebody else has signed its CA. */
  readonly issued: ReadonlyMap<string, boolean>;
  /** Ingress -> address. */
  readonly balancers: ReadonlyMap<string, string>;
}

/** Former certificates stay beside the newest as long as they are in use; what has to be there is the newest. */
function newestOnly(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, firstCertificate(value)]));
}

function firstCertificate(base64: string): string {
  const pem = Buffer.from(base64, "base64").toString();
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0] ?? pem;
}

function wantedObjects(plan: Plan, manifests: readonly ClusterManifest[]): Said[] {
  const patches = manifests.filter(({ role }) => role === "patch");
  const { bigPeer } = plan.operator.kinds;
  return manifests.flatMap(({ manifest, role }): Said[] => {
    const { kind, metadata } = manifest;
    const name = `${kind} ${metadata.namespace}/${metadata.name}`;
    if (kind === "Service") return [{ name, says: portsOf(manifest.spec) }];
    if (kind === "ConfigMap") return [{ name, says: manifest.data }];
    if (role === "patch") return [];
    const labels = metadata.labels ?? {};
    if (kind === "Secret") {
      const data = z.record(z.string(), z.string().default("no certificate")).parse(manifest.data);
      return [{ name, says: { labels, data: newestOnly(data) } }];
    }
    const patch =
      kind === bigPeer
        ? patches.find((each) => each.manifest.kind === kind && each.manifest.metadata.name === metadata.name)
        : undefined;
    return [{ name, says: { labels, spec: merged(manifest.spec, patch?.manifest.spec) } }];
  });
}

function portsOf(spec: unknown): number[] {
  const { ports } = z.object({ ports: z.array(z.object({ port: z.number() })) }).parse(spec);
  return ports.map(({ port }) => port).sort();
}

function merged(object: unknown, patch: unknown): unknown {
  if (!isRecord(object) || !isRecord(patch)) return patch === undefined ? object : patch;
  const keys = new Set([...Object.keys(object), ...Object.keys(patch)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(object[key], patch[key])]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compared(wanted: readonly Said[], found: readonly Said[]): string[] {
  const [plan, live] = [wanted, found].map((all) => new Map(all.map(({ name, says }) => [name, says])));
  const missing = wanted.flatMap(({ name, says }) => {
    if (!live?.has(name)) return [`${name} is planned and not there`];
    const actual = live.get(name);
    return isDeepStrictEqual(withoutEmpty(says), withoutEmpty(actual))
      ? []
      : [`${name} is not as planned:\n  planned ${JSON.stringify(says)}\n  found   ${JSON.stringify(actual)}`];
  });
  const extra = found.filter(({ name }) => !plan?.has(name)).map(({ name }) => `${name} was left behind`);
  return [...missing, ...extra];
}

/** An API server drops a list that has become empty; for the operator that is the same (API). */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined && !isEmpty(inner)));
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);
}
