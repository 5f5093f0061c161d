import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
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
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
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

test("what was made with kubectl alone is imported, and a preview takes it over without a change", async () => {
  expect((await deployment.verify(topology)).results.filter(({ passed }) => !passed)).toEqual([]);
  const file = join(deployment.directory, "imported.yaml");
  const contexts = [...plan.clusters.values()].flatMap(({ name, context }) => ["--context", `${name}=${context}`]);
  const { code, err } = await bigpeer("import", ...contexts, "--kubeconfig", deployment.lab.kubeconfig, "-o", file);
  expect(code, err).toBe(0);
  const imported = readFileSync(file, "utf8");
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
    expect(lines.length, kind).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toContain("change nothing in it");
  }
});
