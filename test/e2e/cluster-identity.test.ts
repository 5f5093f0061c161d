import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { Deployment } from "../support/deployment.ts";

/** `other` is only there to be mistaken for `dev`. */
const topology = `
environment: development
clusters:
  dev: {}
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const twoClusters = topology.replace("  dev: {}\n", "  dev: {}\n  other: {}\n");

const kubeconfigSchema = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.record(z.string(), z.unknown()) })),
  contexts: z.array(z.looseObject({ name: z.string(), context: z.record(z.string(), z.unknown()) })),
});
const stateSchema = z.looseObject({
  deployment: z.looseObject({ resources: z.array(z.looseObject({ type: z.string() })) }),
});

let deployment: Deployment;
let balancer: Server;
beforeAll(async () => {
  deployment = await Deployment.start(twoClusters);
  deployment.write(topology);
  // Another way to the same API server: what a new load balancer is.
  const { hostname, port } = new URL(clusterOf("dev").server);
  balancer = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) });
    client.on("error", () => server.destroy()).on("close", () => server.destroy());
    server.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => balancer.listen(0, "127.0.0.1", resolve));
  await give(kubeconfigFor("dev"));
  await deployment.up();
});
afterAll(async () => {
  balancer?.close();
  await deployment?.stop();
});

function clusterOf(name: string) {
  const found = deployment.lab.description.clusters.find((each) => each.name === name);
  if (!found) throw new Error(`the lab has no cluster ${name}`);
  return found;
}

/** The content of a kubeconfig whose context `dev` leads to a cluster of the lab. */
function kubeconfigFor(cluster: string, server?: string): string {
  const config = kubeconfigSchema.parse(parse(readFileSync(deployment.access.kubeconfig, "utf8")));
  const [{ cluster: entry } = { cluster: {} }] = config.clusters.filter(({ name }) => name === cluster);
  const [{ context } = { context: {} }] = config.contexts.filter(({ name }) => name === cluster);
  const name = new URL(clusterOf(cluster).server).hostname;
  return stringify({
    ...config,
    "current-context": "dev",
    clusters: [{ name: "dev", cluster: { ...entry, ...(server ? { server, "tls-server-name": name } : {}) } }],
    contexts: [{ name: "dev", context: { ...context, cluster: "dev" } }],
  });
}

async function give(kubeconfig: string): Promise<void> {
  const set = ["config", "set", "--secret", "bigpeer:kubeconfig", "--stack", "dev", kubeconfig];
  const { exitCode, stderr } = await deployment.engine.run(set, { quiet: true });
  if (exitCode !== 0) throw new Error(stderr);
}

function balancerUrl(): string {
  const address: AddressInfo | string | null = balancer.address();
  return `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

async function uids(context = "dev"): Promise<string[]> {
  const kinds = ["bigpeers", "bigpeerapps", "bigpeerreplications"];
  const objects = (await Promise.all(kinds.map((kind) => deployment.objects(context, kind)))).flat();
  return objects.map(({ kind, metadata }) => `${kind} ${metadata?.name} ${metadata?.uid}`).sort();
}

test("a cluster that moves to another load balancer is the same one: nothing in it is changed", async () => {
  const before = await uids();
  await give(kubeconfigFor("dev", balancerUrl()));
  expect(await deployment.changes()).toEqual(["update dev"]);
  await deployment.up();
  expect(await uids()).toEqual(before);
  await deployment.up("dev", ["--expect-no-changes"]);
});

test("another cluster under the same name and context is refused with both identities, and nothing is made there", async () => {
  await give(kubeconfigFor("other"));
  const { exitCode, stdout } = await deployment.engine.stack("dev", "up");
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(
    /error another-cluster +clusters\.dev: the cluster "dev" is not the one that this stack has deployed to/,
  );
  const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig("other"));
  const { metadata } = await api.read({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } });
  expect(stdout).toContain(String(metadata?.uid));
  expect(await uids("other")).toEqual([]);
});

test("a state without an identity is given one, and follows another server with the update after it: nothing is replaced", async () => {
  const before = await uids();
  await give(kubeconfigFor("dev", balancerUrl()));
  await withoutIdentity();
  await give(kubeconfigFor("dev"));
  expect(await deployment.changes()).toEqual(["update dev"]);
  await deployment.up();
  expect(await deployment.changes()).toEqual(["update dev"]);
  await deployment.up();
  expect(await uids()).toEqual(before);
  await deployment.up("dev", ["--expect-no-changes"]);
});

/** Makes the state one of a release that knew no identities. */
async function withoutIdentity(): Promise<void> {
  const exportState = ["stack", "export", "--stack", "dev", "--show-secrets", "--file", "state.json"];
  await deployment.engine.run(exportState, { quiet: true });
  const file = `${deployment.engine.directory}/state.json`;
  const state = stateSchema.parse(
    JSON.parse(readFileSync(file, "utf8"), (key, value) => {
      return key === "clusterIdentifier" || key === "identity" ? undefined : value;
    }),
  );
  writeFileSync(file, JSON.stringify(state));
  const { exitCode, stderr } = await deployment.engine.run(
    ["stack", "import", "--stack", "dev", "--file", "state.json"],
    {
      quiet: true,
    },
  );
  if (exitCode !== 0) throw new Error(stderr);
}
