import { readFileSync } from "node:fs";
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { planText } from "../../topology/check.ts";
import { Deployment } from "../support/deployment.ts";
import { Kept } from "./kept.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
const pendingOutput = z.object({ pending: z.array(z.object({ what: z.string(), reason: z.string() })) });
const controller = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };
const tcpServices = { namespace: "ingress-nginx", name: "tcp-services" };

let deployment: Deployment;
let kept: Kept;
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-east": ["east"], "dev-west": ["west"] });
  for (const stack of ["dev-west", "dev-east", "dev-west"]) await deployment.up(stack);
});
afterAll(() => deployment?.stop());

const failures = async () =>
  (await deployment.verify(topology)).results.flatMap(({ passed, message }) => (passed ? [] : [message]));
const pending = async (stack: string) => pendingOutput.parse(await deployment.engine.outputs(stack)).pending;

test("a port and an entry of the controller that another manager has taken are not taken back, but refused with the manager's name", async () => {
  kept = await Kept.plant(deployment, topology, [
    { app: "cars", collection: "cars", document: { _id: "kept", color: "blue" }, writtenOn: "bp1", arrivesOn: ["bp2"] },
  ]);
  const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig("west"));
  const core = deployment.kubeConfig("west").makeApiClient(CoreV1Api);
  const port = planText(topology).plan.exposures.find(({ cluster }) => cluster === "west")?.port ?? 0;
  const before = (await core.readNamespacedConfigMap(tcpServices)).data;
  const take = (object: object) =>
    api.patch(
      { apiVersion: "v1", ...object },
      undefined,
      undefined,
      "somebody-else",
      true,
      PatchStrategy.ServerSideApply,
    );
  await take({ kind: "ConfigMap", metadata: tcpServices, data: { [port]: "other/database:5432" } });
  await take({
    ...{ kind: "Service", metadata: controller },
    spec: { ports: [{ name: "database", port, protocol: "TCP", targetPort: port }] },
  });
  const { exitCode, stdout } = await deployment.engine.stack("dev-west", "up", ["--refresh"]);
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(/error port-taken[\s\S]*(other\/database:5432|database)[\s\S]*pin a free one/);
  expect((await core.readNamespacedConfigMap(tcpServices)).data).toEqual({ [port]: "other/database:5432" });
  // They give it back.
  await take({ kind: "ConfigMap", metadata: tcpServices, data: before });
  await take({
    ...{ kind: "Service", metadata: controller },
    spec: { ports: [{ name: `bigpeer-${port}`, port, protocol: "TCP", targetPort: port }] },
  });
  await deployment.up("dev-west", ["--refresh"]);
  expect(await failures()).toEqual([]);
  await deployment.up("dev-west", ["--expect-no-changes"]);
});

test("another cluster's stack that is destroyed is named as pending, and what it had exported stays valid; once it is made again, everything is as before", async () => {
  await kept.remember();
  expect((await deployment.engine.stack("dev-east", "destroy")).exitCode).toBe(0);
  await deployment.up("dev-west");
  expect(await pending("dev-west")).toContainEqual({
    what: "trust of bp1",
    reason: 'the stack "dev-east" has no outputs yet',
  });
  expect(await deployment.names("west", "bigpeerreplications")).toEqual(["blue-cars-bp2", "red-cars-bp2"]);
  for (const stack of ["dev-east", "dev-west", "dev-east"]) await deployment.up(stack);
  await expect.poll(failures, { timeout: 30_000 }).toEqual([]);
  // What bp1 had comes back from bp2, which nothing has touched.
  await expect.poll(() => kept.missing(), { timeout: 20_000 }).toEqual([]);
  for (const stack of ["dev-east", "dev-west"]) await deployment.up(stack);
  for (const stack of ["dev-east", "dev-west"]) await deployment.up(stack, ["--expect-no-changes"]);
});
