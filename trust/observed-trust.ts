import { type CoreV1Api, KubernetesObjectApi } from "@kubernetes/client-node";
import { loadKubeConfig } from "../kubernetes/kubeconfig.ts";
import { readSecretKey, secretsApi } from "../kubernetes/secret-key.ts";
import { apiVersionOf } from "../topology/objects/manifests.ts";
import { readShape } from "../topology/operator/shape.ts";
import type { Plan, PlannedPeer } from "../topology/plan/plan.ts";
import { type Look, lookAtPeer, type WaysToPeer } from "./shown-by-peer.ts";
import type { Found, TrustSeen } from "./stale-trust.ts";

/** How a peer's replication ports are looked at; undefined: they are not. */
export type WaysTo = (peer: PlannedPeer) => WaysToPeer | undefined;

/** Reads out of every cluster of a plan which CAs there are and which are trusted, and looks at what peers show. */
export async function observeTrust(plan: Plan, kubeconfig: string | undefined, ways: WaysTo): Promise<TrustSeen> {
  const authorities = new Map<string, Found<string>>();
  const secrets = new Map<string, Found<readonly (string | undefined)[]>>();
  const listed = new Map<string, Found<readonly string[]>>();
  const looks = new Map<string, Look>();
  await Promise.all(
    [...plan.peers.values()].map(async (peer) => {
      const cluster = plan.clusters.get(peer.cluster);
      const source = { kubeconfig: cluster?.kubeconfig ?? kubeconfig, context: cluster?.context };
      const read = readerOf(source);
      const trusts = peer.trusts.map(async ({ peer: other, secret }) => {
        const found = await read("v1", "Secret", peer.namespace, secret);
        const keys = plan.operator.trustSecret.certificateKey;
        secrets.set(
          `${peer.name} ${other}`,
          foundIn(found, (object) => keys.map((key) => dataOf(object, key))),
        );
      });
      const bigPeer = async () => {
        const found = await read(apiVersionOf(plan.operator), plan.operator.kinds.bigPeer, peer.namespace, peer.name);
        listed.set(
          peer.name,
          foundIn(found, (object) => trustedBy(plan, object)),
        );
      };
      const look = async () => {
        const way = ways(peer);
        if (way) looks.set(peer.name, await lookAtPeer(plan, peer.name, way));
      };
      await Promise.all([
        ...trusts,
        bigPeer(),
        look(),
        readAuthority(plan, peer, source).then((found) => authorities.set(peer.name, found)),
      ]);
    }),
  );
  const notAsked = { unknown: "nobody has asked" };
  return {
    authority: (peer) => authorities.get(peer) ?? notAsked,
    secret: (truster, trusted) => secrets.get(`${truster} ${trusted}`) ?? notAsked,
    listed: (truster) => listed.get(truster) ?? notAsked,
    shown: (peer) => looks.get(peer),
  };
}

type Source = { readonly kubeconfig: string | undefined; readonly context: string | undefined };

async function readAuthority(plan: Plan, peer: PlannedPeer, source: Source): Promise<Found<string>> {
  const { certificateKey } = plan.operator.caSecret;
  try {
    const api: CoreV1Api = secretsApi(source);
    const place = { namespace: peer.namespace, secret: peer.caSecret, key: certificateKey };
    return { value: await readSecretKey(api, place, { wait: false }) };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

function readerOf(source: Source) {
  let api: KubernetesObjectApi | undefined;
  return async (apiVersion: string, kind: string, namespace: string, name: string): Promise<Found<unknown>> => {
    try {
      api ??= KubernetesObjectApi.makeApiClient(loadKubeConfig(source));
      return { value: await api.read({ apiVersion, kind, metadata: { namespace, name } }) };
    } catch (error) {
      const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
      if (code === 404) return { value: undefined };
      const reason = typeof code === "number" ? `HTTP ${code}` : error instanceof Error ? error.message : String(error);
      return { unknown: `${kind} ${namespace}/${name} cannot be read: ${reason}` };
    }
  };
}

function foundIn<T>(found: Found<unknown>, value: (object: unknown) => T): Found<T> {
  if ("unknown" in found) return found;
  return { value: found.value === undefined ? undefined : value(found.value) };
}

function dataOf(secret: unknown, key: string): string | undefined {
  const value = at(secret, ["data", key]);
  return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : undefined;
}

function trustedBy(plan: Plan, bigPeer: unknown): string[] {
  const entries = at(bigPeer, plan.operator.fields.bigPeer.trustedCas.split("."));
  return (Array.isArray(entries) ? entries : []).flatMap(
    (entry: unknown) => readShape(plan.operator.shapes.trustedCa, entry)?.secret ?? [],
  );
}

function at(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, step) => {
    if (typeof current !== "object" || current === null) return undefined;
    return Object.entries(current).find(([key]) => key === step)?.[1];
  }, object);
}
