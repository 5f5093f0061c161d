import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterEach, expect, test } from "vitest";
import { liveConditions } from "../../status/live-conditions.ts";
import { operatorSchema } from "../../topology/operator/contract.ts";
import { valueAt } from "../../topology/value-at.ts";
import { Deployment } from "../support/deployment.ts";

const topology = (bundle: boolean) => `environment: development
operator: { trustSecret: { bundle: ${bundle} } }
clusters: { dev: { namespace: ditto } }
peers:
${["hub", "north", "south"].map((peer) => `  ${peer}: { cluster: dev, version: 1.63.2 }`).join("\n")}
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, north, south] }
replications:
  orders: { app: shop, hub: hub, spokes: [north, south], up: { orders: "paid = true" } }
`;

let deployment: Deployment | undefined;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

/** What a Big Peer lists as trusted. */
async function listed(from: Deployment, name: string): Promise<unknown> {
  const peer = (await from.objects("dev", "bigpeers")).find(({ metadata }) => metadata?.name === name);
  return valueAt(peer, ["spec", "auth", "trustedCASecrets"]);
}

/** Everything that is not ready or not connected at any moment while something runs. */
async function brokenDuring(from: Deployment, work: () => Promise<unknown>): Promise<string[]> {
  const broken = new Set<string>();
  let done = false;
  const watch = async () => {
    while (!done) {
      for (const plural of ["bigpeers", "bigpeerreplications"])
        for (const object of await from.objects("dev", plural)) {
          const { ready, connected } = liveConditions(object, "Ready");
          if (ready?.holds === false || connected?.holds === false) broken.add(`${plural} ${object.metadata?.name}`);
        }
      await delay(100);
    }
  };
  const watching = watch();
  await work().finally(() => {
    done = true;
  });
  await watching;
  return [...broken];
}

test("trust moves into one Secret and back, and no connection breaks on the way", async () => {
  const reading = operatorSchema.parse({ trustSecret: { bundle: true } });
  deployment = await Deployment.start(topology(false), { dev: undefined }, reading);
  const running = deployment;
  await running.up();
  expect((await running.verify(topology(false))).passed).toBe(true);
  expect(await listed(running, "hub")).toEqual([{ name: "hub-trusts-north" }, { name: "hub-trusts-south" }]);

  running.write(topology(true));
  expect(await brokenDuring(running, () => running.up())).toEqual([]);
  expect(await listed(running, "hub")).toEqual([{ name: "hub-trusted-cas" }]);
  const api = running.kubeConfig("dev").makeApiClient(CoreV1Api);
  const { data } = await api.readNamespacedSecret({ namespace: "ditto", name: "hub-trusted-cas" });
  const pem = Buffer.from(data?.["ca.crt"] ?? "", "base64").toString("utf8");
  expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(pem).not.toContain("PRIVATE");
  const bundled = await running.verify(topology(true));
  expect([bundled.passed, bundled.trust]).toEqual([true, []]);
  await running.up("dev", ["--expect-no-changes"]);

  running.write(topology(false));
  expect(await brokenDuring(running, () => running.up())).toEqual([]);
  expect(await listed(running, "hub")).toEqual([{ name: "hub-trusts-north" }, { name: "hub-trusts-south" }]);
  expect((await running.verify(topology(false))).passed).toBe(true);
});

test("with an operator that reads one CA of a Secret, verify finds the peer that is not trusted", async () => {
  const strict = operatorSchema.parse({});
  deployment = await Deployment.start(topology(true), { dev: undefined }, strict);
  await deployment.up();
  const { results } = await deployment.verify(topology(true), 5_000);
  const failed = results.filter(({ passed }) => !passed);
  expect(failed.map(({ probe }) => [probe.from, probe.to])).toEqual([["south", "hub"]]);
});
