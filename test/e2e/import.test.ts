import { execFile } from "node:child_process";
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { createCa } from "../../lab/operator/authority.ts";
import { planText } from "../../topology/check.ts";
import { type ClusterManifest, clusterManifests, placeholders } from "../../topology/objects/cluster-manifests.ts";
import { Deployment } from "../support/deployment.ts";

const topology = `
environment: development
clusters:
  east: {}
  west: { ingress: { host: bp.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: { cluster: east, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
  near-cars: { app: cars, between: [bp1, bp3], queries: { vans: ["color = 'blue'"] } }
`;
const { plan } = planText(topology);
let deployment: Deployment;

/** The CA certificate of a peer, base64 of PEM, once the operator has made it. */
async function authorityOf(peer: string): Promise<string> {
  const { cluster = "", namespace = "", caSecret: name = "" } = plan.peers.get(peer) ?? {};
  const api = deployment.kubeConfig(plan.clusters.get(cluster)?.context ?? cluster).makeApiClient(CoreV1Api);
  const found = await vi.waitFor(() => api.readNamespacedSecret({ namespace, name }), {
    timeout: 30_000,
    interval: 250,
  });
  return found.data?.[plan.operator.caSecret.certificateKey] ?? "";
}

/** Writes objects as somebody does with kubectl, without this program's labels and Pulumi's annotations. */
async function byHand(cluster: string, objects: readonly ClusterManifest[]): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig(plan.clusters.get(cluster)?.context ?? cluster));
  for (const { manifest, role } of objects) {
    const { labels = {}, annotations: _, ownerReferences: __, ...metadata } = manifest.metadata;
    const own = Object.entries(labels).filter(([name]) => name !== "app.kubernetes.io/managed-by");
    const object = { ...manifest, metadata: { ...metadata, labels: Object.fromEntries(own) } };
    await api.patch(
      JSON.parse(JSON.stringify(object)),
      undefined,
      undefined,
      role === "patch" ? "kubectl-patch" : "kubectl",
      true,
      PatchStrategy.ServerSideApply,
    );
  }
}

function bigpeer(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const env = { ...deployment.engine.env, NO_COLOR: "1" };
    const child = execFile(process.execPath, ["cli/bigpeer.ts", ...args], { env }, (_error, out, err) =>
      done({ code: child.exitCode, out, err }),
    );
  });
}

beforeAll(async () => {
  deployment = await Deployment.start(topology);
  const clusters = [...plan.clusters.keys()];
  const isPeer = ({ role, manifest }: ClusterManifest) =>
    role === "object" && manifest.kind === plan.operator.kinds.bigPeer;
  for (const cluster of clusters) await byHand(cluster, clusterManifests(plan, cluster).filter(isPeer));
  const authorities = new Map<string, string>();
  for (const peer of plan.peers.keys()) authorities.set(peer, await authorityOf(peer));
  const values = { ...placeholders, caCertificates: (peer: string) => authorities.get(peer) };
  for (const cluster of clusters)
    await byHand(
      cluster,
      clusterManifests(plan, cluster, values).filter((object) => !isPeer(object)),
    );
});
afterAll(() => deployment?.stop());

const importOf = (...clusters: readonly string[]) => {
  const contexts = clusters.flatMap((name) => ["--context", `${name}=${plan.clusters.get(name)?.context}`]);
  return bigpeer("import", ...contexts, "--kubeconfig", deployment.lab.kubeconfig);
};

/** Of every object of the operator's: what a restart, a second one of the same name or a cut connection would change. */
async function standing(): Promise<Record<string, unknown>> {
  const kinds = ["bigpeers", "bigpeerapps", "bigpeerreplications"];
  const found = [...plan.clusters.values()].flatMap(({ context }) =>
    kinds.map(async (kind) =>
      (await deployment.objects(context, kind)).map((object) => {
        const { metadata } = object;
        const { conditions } = conditionsSchema.parse(object).status;
        return [`${context} ${kind} ${metadata?.name}`, { uid: metadata?.uid, conditions }] as const;
      }),
    ),
  );
  return Object.fromEntries((await Promise.all(found)).flat());
}
const conditionsSchema = z.looseObject({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.unknown() })),
  }),
});

let imported: string;

test("what was made with kubectl alone is imported, and a preview takes it over without a change", async () => {
  expect((await deployment.verify(topology)).results.filter(({ passed }) => !passed)).toEqual([]);
  const { code, out, err } = await importOf("east", "west");
  expect(code, err).toBe(0);
  imported = out;
  expect(planText(imported).plan.exposures.map(({ id, host, port }) => ({ id, host, port }))).toEqual(
    plan.exposures.map(({ id, host, port }) => ({ id, host, port })),
  );
  deployment.write(imported);
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "preview");
  const said = stdout + stderr;
  expect(exitCode, said).toBe(0);
  for (const kind of ["BigPeer", "BigPeerApp", "BigPeerReplication"]) {
    const lines = said
      .split("\n")
      .filter((line) => line.includes(`: ${kind} ditto/`) && line.includes("exists already"));
    expect(lines.length, kind).toBeGreaterThanOrEqual(3);
    for (const line of lines) expect(line).toContain("change nothing in it");
  }
});

test("one cluster alone gives what runs within it, and lists what leads out of it", async () => {
  const { code, out, err } = await importOf("east");
  const { replications } = planText(out).plan;
  expect([...replications.keys()]).toEqual(["near-cars"]);
  expect(replications.get("near-cars")?.links).toEqual(plan.replications.get("near-cars")?.links);
  for (const name of ["blue-cars", "red-cars"])
    expect(err).toContain(`east: BigPeerReplication ditto/${name}-bp1: it dials bp.west.example.com:`);
  expect(code).toBe(1);
});

test("odd ones are listed, each with the reason and an offer, and the others are imported as before", async () => {
  const objects = (cluster: string) =>
    KubernetesObjectApi.makeApiClient(deployment.kubeConfig(plan.clusters.get(cluster)?.context ?? cluster));
  const { group, version } = plan.operator;
  const apiVersion = `${group}/${version}`;
  const labels = { "ditto.live/big-peer": "bp2", "ditto.live/app": "cars-bp2" };
  const copy = {
    ...{ apiVersion, kind: "BigPeerApp", spec: { appId: "2164bef3-37c0-489c-9ac6-c94b034525d7" } },
    metadata: { name: "copy-bp2", namespace: "ditto", labels: { "ditto.live/big-peer": "bp2" } },
  };
  const lonely = {
    ...{ apiVersion, kind: "BigPeerReplication", spec: { queriesByCollection: { cars: ["color = 'grey'"] } } },
    metadata: { name: "old-bp2", namespace: "ditto", labels },
  };
  for (const object of [copy, lonely]) await objects("west").create(object);
  const core = deployment.kubeConfig("west").makeApiClient(CoreV1Api);
  const entry = [{ op: "add", path: "/data/4999", value: "ditto/gone:4040" }];
  await core.patchNamespacedConfigMap({ namespace: "ingress-nginx", name: "tcp-services", body: entry });
  const trust = { namespace: "ditto", name: "bp2-trusts-bp1" };
  const { data = {}, type = "Opaque" } = await core.readNamespacedSecret(trust);
  const body = { metadata: { name: "ca-of-the-east" }, data, type };
  await core.createNamespacedSecret({ namespace: "ditto", body });
  const partner = Buffer.from((await createCa("partner")).certificate).toString("base64");
  const other = { metadata: { name: "ca-of-a-partner" }, data: { "tls.crt": partner, "ca.crt": partner }, type };
  await core.createNamespacedSecret({ namespace: "ditto", body: other });
  const list = plan.operator.fields.bigPeer.trustedCas
    .split(".")
    .reduceRight<unknown>(
      (inner, step) => ({ [step]: inner }),
      [{ name: "ca-of-a-partner" }, { name: "ca-of-the-east" }],
    );
  await objects("west").patch(
    { apiVersion, kind: "BigPeer", metadata: { name: "bp2", namespace: "ditto" }, ...Object(list) },
    undefined,
    undefined,
    "kubectl-patch",
    true,
    PatchStrategy.ServerSideApply,
  );
  await core.deleteNamespacedSecret(trust);
  await expect
    .poll(async () => (await deployment.verify(topology, 5_000)).results.every(({ passed }) => passed), {
      timeout: 30_000,
    })
    .toBe(true);
  const { code, out, err } = await importOf("east", "west");
  expect(code).toBe(1);
  expect(err.split("\n").filter((line) => line.startsWith("west:"))).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^west: BigPeerApp ditto\/copy-bp2: it has the app ID \S+ of cars-bp2 on the same Big Peer bp2/,
      ),
      expect.stringMatching(/^west: BigPeerReplication ditto\/old-bp2: nobody dials it/),
      expect.stringMatching(
        /^west: Secret ditto\/ca-of-a-partner: bp2 trusts it, and it contains a CA that belongs to none of the Big Peers .*, so it stays on the list as it is/,
      ),
      expect.stringMatching(/^west: port 4999 of the ingress controller, to ditto\/gone: no replication/),
    ]),
  );
  expect(err.match(/\n {2}fix: \S/g)).toHaveLength(
    err.split("\n").filter((line) => /^(?:east|west):/.test(line)).length,
  );
  expect(planText(out).plan.replications).toEqual(planText(imported).plan.replications);
  const { trusts, otherTrustSecrets } = planText(out).plan.peers.get("bp2") ?? {};
  expect(trusts).toEqual([{ peer: "bp1", secret: "ca-of-the-east" }]);
  expect(otherTrustSecrets).toEqual(["ca-of-a-partner"]);
  imported = out;
});

test("an update takes all of it over under a running verify: nothing restarts, no connection is cut, and no document is lost", async () => {
  deployment.write(imported);
  const preview = await deployment.engine.stack("dev", "preview");
  const said = (preview.stdout + preview.stderr).split("\n");
  const bigPeers = said.filter((line) => line.includes(": BigPeer ditto/") && line.includes("exists already"));
  expect(bigPeers.length).toBeGreaterThanOrEqual(3);
  for (const line of bigPeers) expect(line).toContain("change nothing in it");
  const before = await standing();
  let updating = true;
  const failures: unknown[] = [];
  let runs = 0;
  const watched = (async () => {
    while (updating) {
      const { results } = await deployment.verify(topology, 5_000);
      failures.push(...results.filter(({ passed }) => !passed));
      runs++;
    }
  })();
  await deployment.up().finally(() => {
    updating = false;
  });
  await watched;
  expect(failures).toEqual([]);
  expect(runs).toBeGreaterThan(1);
  expect(await standing()).toEqual(before);
  // Whom each trusts is as the file says, so there is nothing left to update.
  expect(await deployment.changes()).toEqual([]);
  const listed = z.looseObject({ spec: z.looseObject({ auth: z.looseObject({ trustedCASecrets: z.unknown() }) }) });
  const [bp2] = (await deployment.objects("west", "bigpeers")).map((each) => listed.parse(each).spec.auth);
  expect(bp2?.trustedCASecrets).toHaveLength(2);
  // What nobody can import stays as it is.
  expect(await deployment.names("west", "bigpeerapps")).toEqual(["cars-bp2", "copy-bp2"]);
  expect(await deployment.names("west", "bigpeerreplications")).toContain("old-bp2");
}, 180_000);
