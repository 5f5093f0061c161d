import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { type LabClusterRequest, labClusterSchema } from "../../lab/supervisor-messages.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { planText } from "../../topology/check.ts";
import { Deployment } from "../support/deployment.ts";

/** Each way of exposing targets from the first preview to the end, with the rights that `bigpeer rbac` prints and nothing more. */
const folder = join(import.meta.dirname, "../../topologies");
const files = readdirSync(folder).filter((name) => name.startsWith("exposure-"));

/** Ways that differ from those in topologies/ in who has made what they take. */
const otherwise = `
environment: development
clusters:
  east: { inbound: none }
  west:
    exposures:
      own: { gateway: { name: bigpeers, namespace: ditto, listeners: gateway, className: bigpeers } }
      there: { gateway: { name: ready, namespace: infra, listeners: existing, listener: "tcp-{port}" } }
      older: { gateway: { name: older, namespace: infra, routeVersion: v1alpha2, ports: 5100-5199 } }
      listed: { transportServer: { manage: listeners, host: f5.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2, exposure: own }
  bp3: { cluster: west, version: 1.63.2, exposure: there }
  bp4: { cluster: west, version: 1.63.2, exposure: older }
  bp5: { cluster: west, version: 1.63.2, exposure: listed }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3, bp4, bp5] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, between: [bp1, bp3], queries: { cars: ["color = 'red'"] } }
  green-cars: { app: cars, between: [bp1, bp4], queries: { cars: ["color = 'green'"] } }
  white-cars: { app: cars, between: [bp1, bp5], queries: { cars: ["color = 'white'"] } }
`;

/** The operator's Service, the address of a load balancer, and then the dialler: each is known to the update after. */
const mostUpdates = 3;

/** The clusters of several topologies in one: each has what the platform teams of all of them have installed before. */
function clustersOfAll(topologies: readonly string[]): LabClusterRequest[] {
  const requests = topologies.flatMap((topology) => labClusters(planText(topology).plan));
  const byName = Map.groupBy(requests, ({ name }) => name);
  return [...byName.values()].map((same) => labClusterSchema.parse(same.reduce<unknown>(merged, undefined)));
}

/** Lists have what both have, and of anything else the later has precedence. */
function merged(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other))
    return [...new Map([...one, ...other].map((each) => [JSON.stringify(each), each])).values()];
  if (isRecord(one) && isRecord(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return Object.fromEntries(keys.map((key) => [key, merged(one[key], other[key])]));
  }
  return other ?? one;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const directory = mkdtempSync(join(tmpdir(), "bigpeer-ways-"));
let lab: RunningLab;
beforeAll(async () => {
  const topologies = files.map((file) => readFileSync(join(folder, file), "utf8"));
  lab = await startLab({ directory: join(directory, "lab"), clusters: clustersOfAll([...topologies, otherwise]) });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(directory, { recursive: true, force: true });
});

let deployment: Deployment | undefined;
let deployments = 0;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

async function ran(started: Deployment, operation: "preview" | "destroy"): Promise<string> {
  const { exitCode, stdout, stderr } = await started.engine.stack("dev", operation);
  expect(exitCode, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

async function pendingOf(started: Deployment): Promise<unknown> {
  return Reflect.get(Object(await started.engine.outputs("dev")), "pending");
}

/** What is left in the target's cluster of objects that this project makes to expose targets, and of its ports in objects of others. */
async function leftIn(started: Deployment, topology: string): Promise<string[]> {
  const api = KubernetesObjectApi.makeApiClient(started.kubeConfig("west"));
  const kinds = [...(planText(topology).plan.clusters.get("west")?.ways.values() ?? [])].map(({ kind }) => kind);
  const lists = [
    ["v1", "Service"],
    ["v1", "ConfigMap"],
    ...(kinds.includes("gateway")
      ? ["Gateway", "ListenerSet", "TCPRoute"].map((kind) => ["gateway.networking.k8s.io/v1", kind])
      : []),
    ...(kinds.includes("transportServer") ? [["k8s.nginx.org/v1", "TransportServer"]] : []),
  ];
  const found = await Promise.all(lists.map(([apiVersion = "", kind = ""]) => api.list(apiVersion, kind)));
  return found
    .flatMap(({ items }) => items)
    .filter(({ metadata, ...object }) => {
      const ours = metadata?.labels?.["app.kubernetes.io/managed-by"] === "bigpeer-topology";
      return ours || JSON.stringify(object).includes('"bigpeer-');
    })
    .map(({ kind, metadata }) => `${kind} ${metadata?.namespace}/${metadata?.name}`);
}

async function runs(topology: string): Promise<Deployment> {
  deployments += 1;
  deployment = await Deployment.on(lab, topology, `bigpeer-topology-${deployments}`);
  await ran(deployment, "preview");
  let updates = 0;
  do {
    await deployment.up();
    updates += 1;
  } while (JSON.stringify(await pendingOf(deployment)) !== "[]" && updates < mostUpdates);
  expect(await pendingOf(deployment)).toEqual([]);
  await deployment.up("dev", ["--expect-no-changes"]);
  const { results } = await deployment.verify(topology);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results).not.toEqual([]);
  return deployment;
}

async function ends(started: Deployment, topology: string): Promise<void> {
  await ran(started, "destroy");
  expect(await started.names("west", "bigpeers")).toEqual([]);
  expect(await leftIn(started, topology)).toEqual([]);
}

describe("documents flow, a second update changes nothing, and nothing is left in the end", () => {
  test.each(files)("by topologies/%s", async (file) => {
    const topology = readFileSync(join(folder, file), "utf8");
    await ends(await runs(topology), topology);
  });

  test("by a Gateway of ours, by listeners that are there, by an older TCPRoute, by a list of listeners of ours", async () => {
    await ends(await runs(otherwise), otherwise);
  });
});
