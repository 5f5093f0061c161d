import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";
import { exposedTopology } from "../support/exposed-topology.ts";

/**
 * From ingress-nginx to a load balancer while documents flow, by a real engine and real API servers that allow what `bigpeer rbac` prints and
 * nothing more. The lab's controller gives the load balancer its address.
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
  // The clusters have both ways from the start; what is deployed first is written by the test.
  deployment = await Deployment.start(both("[default, balancer]"));
  core = deployment.kubeConfig("west").makeApiClient(CoreV1Api);
});
afterAll(() => deployment?.stop());

async function up(topology: string): Promise<void> {
  deployment.write(topology);
  await deployment.up();
}

/** Probes of every direction, one round after the other, until they are ended. */
class RunningVerify {
  readonly #failed: string[] = [];
  #rounds = 0;
  #ending = false;
  readonly #ended: Promise<void>;

  constructor() {
    this.#ended = this.#run();
    // A failure is told by `end`.
    this.#ended.catch(() => {});
  }

  async #run(): Promise<void> {
    while (!this.#ending) {
      const { results } = await deployment.verify(former);
      if (results.length === 0) throw new Error("nothing is probed");
      for (const { passed, probe, message } of results)
        if (!passed) this.#failed.push(`${probe.from} to ${probe.to}, round ${this.#rounds}: ${message}`);
      this.#rounds += 1;
    }
  }

  /** Lets something happen while at least one round begins and ends. */
  async during<T>(what: () => Promise<T>): Promise<T> {
    const before = this.#rounds;
    const done = await what();
    await expect.poll(() => this.#rounds, { timeout: 60_000, interval: 100 }).toBeGreaterThan(before + 1);
    return done;
  }

  /** @returns the probes that did not pass */
  async end(): Promise<readonly string[]> {
    this.#ending = true;
    await this.#ended;
    return this.#failed;
  }
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

/** What the cloud's controller gives the Service of ours. */
async function balancerAddress(): Promise<string> {
  const read = async () => {
    const { status } = await core.readNamespacedService({ namespace, name: own });
    return status?.loadBalancer?.ingress?.[0]?.ip;
  };
  await expect.poll(read, { timeout: 15_000, interval: 100 }).toBeDefined();
  return (await read()) ?? "";
}

test("ingress-nginx leaves in three changes, and no document that is written meanwhile is lost", async () => {
  await up(former);
  const running = new RunningVerify();
  const ports = await nginxPorts();
  expect(ports).toHaveLength(1);

  const opened = both("[default, balancer]");
  await running.during(() => up(opened));
  expect(await pending()).toContain("has no load balancer address yet");
  const service = await core.readNamespacedService({ namespace, name: own });
  const model = await core.readNamespacedService({ namespace, name: operators });
  expect(service.spec).toMatchObject({ type: "LoadBalancer", selector: model.spec?.selector });
  const address = await balancerAddress();
  const before = await dialled();
  await running.during(() => up(opened));
  expect(await pending()).not.toContain("balancer");
  expect(await dialled()).toMatchObject({ spec: Object(before).spec });
  await deployment.up("dev", ["--expect-no-changes"]);

  const moved = both("[balancer, default]");
  await running.during(() => up(moved));
  expect(await dialled()).toMatchObject({ spec: { connections: [`${address}:${ports?.[0]}`] } });
  expect(await nginxPorts()).toEqual(ports);

  await running.during(() => up(latter));
  expect(await nginxPorts()).toEqual([]);
  expect(await services()).toContain(own);
  expect(await running.end()).toEqual([]);
  await deployment.up("dev", ["--expect-no-changes"]);
}, 300_000);

test("a load balancer goes with the way that it belongs to, and no update waits for it", async () => {
  await up(exposedTopology("{}", { peer: ", address: bp2.west.example.com" }));
  expect(await services()).not.toContain(own);
  expect(await dialled()).toMatchObject({ spec: { connections: ["bp2.west.example.com:4040"] } });
  await deployment.up("dev", ["--expect-no-changes"]);
});
