import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";
import { exposedTopology } from "../support/exposed-topology.ts";

/**
 * From ingress-nginx to a load balancer, by a real engine and real API servers that allow what `bigpeer rbac` prints and nothing more. Nobody
 * here makes load balancers, so the test gives the Service the address of ingress-nginx, which has the same port open.
 */
const ways = "exposures: { balancer: { loadBalancer: { ports: 4040-4139 } } }";
const former = exposedTopology("{ ingress: { ports: 4040-4139 } }");
const both = (order: string) => exposedTopology(`{ ingress: { ports: 4040-4139 }, ${ways}, exposure: ${order} }`);
const latter = exposedTopology(`{ ${ways}, exposure: balancer }`);
const [namespace, operators, own] = ["ditto", "ditto-bp2-replication-blue-cars-bp2", "blue-cars-bp2-balancer"];
const nginx = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };

let deployment: Deployment;
let core: CoreV1Api;
beforeAll(async () => {
  deployment = await Deployment.start(former);
  core = deployment.kubeConfig("west").makeApiClient(CoreV1Api);
});
afterAll(() => deployment?.stop());

async function up(topology: string): Promise<void> {
  deployment.write(topology);
  await deployment.up();
}

async function documentsFlow(topology: string): Promise<void> {
  const { results } = await deployment.verify(topology);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results.length).toBeGreaterThan(0);
}

const pending = async () => JSON.stringify(Reflect.get(Object(await deployment.engine.outputs("dev")), "pending"));
const nginxService = () => core.readNamespacedService(nginx);
const nginxPorts = async () =>
  (await nginxService()).spec?.ports?.filter(({ name }) => name?.startsWith("bigpeer-")).map(({ port }) => port);
const services = async () =>
  (await core.listNamespacedService({ namespace })).items.map(({ metadata }) => metadata?.name);
const dialled = async () => {
  const [dialler] = await deployment.objects("east", "bigpeerreplications");
  return dialler;
};

/** What a cloud's controller does once it has a load balancer. */
async function giveAddress(): Promise<string> {
  const { status } = await nginxService();
  const body = { status: { loadBalancer: { ingress: status?.loadBalancer?.ingress } } };
  const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  await core.patchNamespacedServiceStatus({ namespace, name: own, body }, merge);
  const [balancer] = status?.loadBalancer?.ingress ?? [];
  return balancer?.ip ?? balancer?.hostname ?? "";
}

test("ingress-nginx leaves in three changes, without a moment in which what is dialled is not there", async () => {
  await up(former);
  await documentsFlow(former);
  const ports = await nginxPorts();
  expect(ports).toHaveLength(1);

  const opened = both("[default, balancer]");
  await up(opened);
  expect(await pending()).toContain("has no load balancer address yet");
  const service = await core.readNamespacedService({ namespace, name: own });
  const model = await core.readNamespacedService({ namespace, name: operators });
  expect(service.spec).toMatchObject({ type: "LoadBalancer", selector: model.spec?.selector });
  const address = await giveAddress();
  const before = await dialled();
  await up(opened);
  expect(await pending()).not.toContain("balancer");
  expect(await dialled()).toMatchObject({ spec: Object(before).spec });
  await deployment.up("dev", ["--expect-no-changes"]);

  const moved = both("[balancer, default]");
  await up(moved);
  expect(await dialled()).toMatchObject({ spec: { connections: [`${address}:${ports?.[0]}`] } });
  expect(await nginxPorts()).toEqual(ports);
  await documentsFlow(moved);

  await up(latter);
  expect(await nginxPorts()).toEqual([]);
  expect(await services()).toContain(own);
  await deployment.up("dev", ["--expect-no-changes"]);
});

test("a load balancer goes with the way that it belongs to, and no update waits for it", async () => {
  await up(exposedTopology("{}", { peer: ", address: bp2.west.example.com" }));
  expect(await services()).not.toContain(own);
  expect(await dialled()).toMatchObject({ spec: { connections: ["bp2.west.example.com:4040"] } });
  await deployment.up("dev", ["--expect-no-changes"]);
});
