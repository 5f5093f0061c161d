import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { planText } from "../../topology/check.ts";
import { diffTopologies } from "../../topology/diff/compare.ts";
import { Deployment } from "../support/deployment.ts";

const controller = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };
/** As the Helm chart calls it. */
const chartMap = { namespace: "ingress-nginx", name: "ingress-nginx-tcp" };

let deployment: Deployment | undefined;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

const core = (cluster: string) => started().kubeConfig(cluster).makeApiClient(CoreV1Api);

function started(): Deployment {
  if (!deployment) throw new Error("no lab is running");
  return deployment;
}

async function passes(topology: string): Promise<void> {
  const { results } = await started().verify(topology);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results).not.toEqual([]);
}

const renumbered = /\[\{"op":"test".*?\}\]/;

function operations(printed: string): object[] {
  const found: unknown = JSON.parse(renumbered.exec(printed)?.[0] ?? "null");
  if (!Array.isArray(found)) throw new Error(`no patch is printed: ${printed}`);
  return found;
}

describe("a controller of the Helm chart with another team's TCP service", () => {
  const topology = `
environment: development
clusters:
  east: { inbound: none }
  west: { ingress: { host: bp.west.example.com, configMap: ingress-nginx-tcp } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], port: 4117, queries: { cars: ["color = 'blue'"] } }
`;
  const grown = `${topology}  red-cars: { app: cars, between: [bp1, bp3], port: 4118, queries: { cars: ["color = 'red'"] } }\n`;
  const argumentsOf = async () => {
    const apps = started().kubeConfig("west").makeApiClient(AppsV1Api);
    const { spec } = await apps.readNamespacedDeployment(controller);
    return spec?.template.spec?.containers[0]?.args;
  };
  const entries = async () => (await core("west").readNamespacedConfigMap(chartMap)).data;

  /** All tests run here, each from nothing to nothing. */
  const directory = mkdtempSync(join(tmpdir(), "bigpeer-ingress-"));
  let lab: RunningLab;
  let deployments = 0;
  beforeAll(async () => {
    lab = await startLab({ directory: join(directory, "lab"), clusters: labClusters(planText(topology).plan) });
  });
  afterAll(async () => {
    await lab?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  afterEach(async () => {
    const { exitCode, stdout, stderr } = await started().engine.stack("dev", "destroy");
    expect(exitCode, stdout + stderr).toBe(0);
    await core("west").deleteNamespacedConfigMap({ namespace: chartMap.namespace, name: chartMap.name });
  });

  async function fromNothing(): Promise<Deployment> {
    deployments += 1;
    deployment = await Deployment.on(lab, topology, `bigpeer-topology-${deployments}`);
    return deployment;
  }

  /** The other team's TCP service is there. */
  async function withOthers(): Promise<Deployment> {
    deployment = await fromNothing();
    await core("west").createNamespacedConfigMap({
      namespace: "ingress-nginx",
      body: { metadata: chartMap, data: { "5432": "shop/postgres:5432" } },
    });
    return deployment;
  }

  test("keeps its flag and that service with every setting", async () => {
    const deployment = await withOthers();
    const before = await argumentsOf();
    expect(before).toContain("--tcp-services-configmap=$(POD_NAMESPACE)/ingress-nginx-tcp");

    for (const manage of ["check", "arguments"]) {
      deployment.write(topology.replace("configMap: ingress-nginx-tcp", `manage: ${manage}`));
      expect(await deployment.up()).toContain("write `configMap: ingress-nginx-tcp` in the ingress");
      expect(await argumentsOf()).toEqual(before);
    }
    for (const settings of ["configMap: ingress-nginx-tcp, manage: arguments", "configMap: ingress-nginx-tcp"]) {
      deployment.write(topology.replace("configMap: ingress-nginx-tcp", settings));
      expect(await deployment.up()).not.toContain("pending: ");
      expect(await argumentsOf()).toEqual(before);
      expect(await entries()).toMatchObject({
        "5432": "shop/postgres:5432",
        "4117": expect.stringMatching(/^ditto\//),
      });
    }
    await passes(topology);
    await deployment.up("dev", ["--expect-no-changes"]);
  });

  const placeOfOurs = async () => {
    const { spec } = await core("west").readNamespacedService(controller);
    return spec?.ports?.findIndex(({ name }) => name === "bigpeer-4117") ?? -1;
  };

  test("whose port of ours was renumbered by hand is refused, with the command that repairs it", async () => {
    const deployment = await withOthers();
    await deployment.up();
    const place = await placeOfOurs();
    const edit = ["port", "targetPort"].map((field) => ({
      ...{ op: "replace", path: `/spec/ports/${place}/${field}`, value: 4999 },
    }));
    await core("west").patchNamespacedService({ ...controller, body: edit });
    const refused = await deployment.engine.stack("dev", "up", ["--refresh"]);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout).toMatch(/error port-edited/);
    const printed = refused.stdout.replace(/\s*\n\s*/g, "");
    await core("west").patchNamespacedService({ ...controller, body: operations(printed) });
    await deployment.up("dev", ["--refresh"]);
    await deployment.up("dev", ["--expect-no-changes"]);
    await passes(topology);
  });

  test("whose entry of ours leads elsewhere is pending, and a port of ours that is gone is reported and written again", async () => {
    const deployment = await withOthers();
    await deployment.up();
    const right = (await entries())?.["4117"];
    const elsewhere = [{ op: "replace", path: "/data/4117", value: "shop/postgres:5432" }];
    await core("west").patchNamespacedConfigMap({ ...chartMap, body: elsewhere });
    // The rest is updated all the same; a refresh stops at the conflict.
    const misled = await deployment.engine.stack("dev", "up");
    expect(misled.exitCode).toBe(0);
    expect(misled.stdout).toMatch(/error port-edited/);
    expect(misled.stdout.replace(/\s*\n\s*/g, " ")).toMatch(
      /pending: exposure by ingress-nginx\/\S+ in cluster "west"/,
    );
    expect((await deployment.engine.stack("dev", "up", ["--refresh"])).exitCode).not.toBe(0);
    expect(misled.stdout.replace(/\s*\n\s*/g, "")).toContain(`{"data":{"4117":"${right}"}}`);
    const back = [{ op: "replace", path: "/data/4117", value: right }];
    await core("west").patchNamespacedConfigMap({ ...chartMap, body: back });
    await deployment.up("dev", ["--refresh"]);

    const gone = [{ op: "remove", path: `/spec/ports/${await placeOfOurs()}` }];
    await core("west").patchNamespacedService({ ...controller, body: gone });
    expect(await deployment.up()).toMatch(/exposure-edited/);
    await deployment.up("dev", ["--refresh"]);
    await deployment.up("dev", ["--expect-no-changes"]);
    await passes(topology);
  });

  test("cuts the streams of its other ports when one is added, as the diff has said", async () => {
    const deployment = await fromNothing();
    await deployment.up();
    const side = (name: string, text: string) => ({ name, findings: [], plan: planText(text).plan });
    const { interruptions } = diffTopologies(side("base", topology), side("head", grown));
    expect(interruptions).toMatchObject([{ replication: "blue-cars", peers: ["bp1", "bp2"] }]);
    expect(interruptions[0]?.reasons.join()).toMatch(/ingress-nginx-controller of west reloads/);

    const { status } = await core("west").readNamespacedService(controller);
    const stream = connect(4117, status?.loadBalancer?.ingress?.[0]?.ip ?? "");
    await once(stream, "connect");
    const cut = new Promise((resolve) => stream.once("close", resolve));
    stream.resume();
    await deployment.up("dev", ["--expect-no-changes"]);
    expect(stream.closed).toBe(false);
    deployment.write(grown);
    await deployment.up();
    await cut;
    await passes(grown);
  });
});

test("two environments with the same names on one controller: the second is refused before any write, with a port that is free", async () => {
  const environment = (name: string, id: string, port = "") => `
environment: development
clusters:
  dc: { namespace: ditto-${name}, ingress: { host: dc.example.com } }
  edge: { namespace: ditto-${name}, inbound: none }
peers:
  hub: { cluster: dc, version: 1.63.2 }
  shop: { cluster: edge, version: 1.63.2 }
apps:
  till: { id: ${id}, peers: [hub, shop] }
replications:
  orders: { app: till, from: shop, to: hub, dial: from, ${port}queries: { orders: "paid = true" } }
`;
  const production = environment("prod", "2164bef3-37c0-489c-9ac6-c94b034525d7");
  const staging = (port?: string) => environment("staging", "3164bef3-37c0-489c-9ac6-c94b034525d7", port);
  const tcpServices = { namespace: "ingress-nginx", name: "tcp-services" };
  deployment = await Deployment.start(production);
  for (const cluster of ["dc", "edge"])
    await core(cluster).createNamespace({ body: { metadata: { name: "ditto-staging" } } });
  await deployment.up();
  const before = (await core("dc").readNamespacedConfigMap(tcpServices)).data;

  // An environment has a file of its own; the deployment's says what its stacks may do.
  const file = join(deployment.directory, "staging.yaml");
  await deployment.engine.init("staging", JSON.stringify({ config: { "bigpeer:topology": file } }));
  const write = (text: string) => {
    started().write(text);
    writeFileSync(file, text);
  };
  write(staging());
  const { exitCode, stdout } = await deployment.engine.stack("staging", "up");
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(/error port-taken/);
  expect((await core("dc").readNamespacedConfigMap(tcpServices)).data).toEqual(before);
  expect(await deployment.names("dc", "bigpeers", "ditto-staging")).toEqual([]);
  const [, pin] = /pin a free one: `(port: \{ hub: \d+ \})`/.exec(stdout.replace(/\s*\n\s*/g, " ")) ?? [];

  write(staging(`${pin}, `));
  await deployment.up("staging");
  expect((await core("dc").readNamespacedConfigMap(tcpServices)).data).toMatchObject(before ?? {});
  await passes(staging(`${pin}, `));
  await passes(production);
});
