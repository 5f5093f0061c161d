import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { planText } from "../../topology/check.ts";
import { parseSource } from "../../topology/file/source.ts";
import { setPaused } from "../../topology/pause/set-paused.ts";
import { Session } from "../../verify/session.ts";
import { Deployment } from "../support/deployment.ts";

const running = readFileSync("topologies/dev.yaml", "utf8");
const paused =
  setPaused(parseSource("topology.yaml", running), "blue-cars", true).texts.get("topology.yaml") ?? running;
const object = z.object({
  metadata: z.object({ name: z.string(), uid: z.string() }),
  spec: z.object({ connections: z.array(z.string()).default([]), queriesByCollection: z.unknown() }),
});

let deployment: Deployment;
let session: Session;
beforeAll(async () => {
  deployment = await Deployment.start(running);
  await deployment.up();
  const access = { kubeconfig: deployment.lab.kubeconfig, reach: "cluster-ip" as const, apis: {}, managementApis: {} };
  session = new Session(planText(running).plan, access);
});
afterAll(async () => {
  await session?.close();
  await deployment?.stop();
});

const sides = async () =>
  new Map(
    (await deployment.objects("dev", "bigpeerreplications"))
      .map((each) => object.parse(each))
      .map((each) => [each.metadata.name, each]),
  );
const has = async (peer: string, id: string) => (await session.documents("cars", peer)).has("cars", id);
async function write(peer: string, color: string): Promise<string> {
  const _id = randomUUID();
  await (await session.documents("cars", peer)).insert("cars", { _id, color });
  return _id;
}

test("a paused replication keeps its objects and carries nothing; resumed, it delivers what was written meanwhile", async () => {
  const before = await sides();
  deployment.write(paused);
  expect(await deployment.changes()).toEqual(["update dev/blue-cars/bp1"]);
  await deployment.up();
  const held = await sides();
  expect([...held.values()].map(({ metadata }) => metadata)).toEqual(
    [...before.values()].map(({ metadata }) => metadata),
  );
  expect(held.get("blue-cars-bp1")?.spec).toEqual({ ...before.get("blue-cars-bp1")?.spec, connections: [] });
  expect(held.get("blue-cars-bp2")?.spec).toEqual(before.get("blue-cars-bp2")?.spec);

  const [there, back, other] = [await write("bp1", "blue"), await write("bp2", "blue"), await write("bp1", "red")];
  await expect.poll(() => has("bp2", other), { timeout: 10_000, interval: 20 }).toBe(true);
  await delay(1_500);
  expect([await has("bp2", there), await has("bp1", back)]).toEqual([false, false]);
  const report = await deployment.verify(paused);
  expect(report).toMatchObject({ passed: true, paused: ["blue-cars"] });
  expect(new Set(report.results.map(({ probe }) => probe.replication))).toEqual(new Set(["red-cars"]));

  deployment.write(running);
  await deployment.up();
  await expect.poll(() => has("bp2", there), { timeout: 10_000, interval: 20 }).toBe(true);
  await expect.poll(() => has("bp1", back), { timeout: 10_000, interval: 20 }).toBe(true);
  const now = await sides();
  expect([...now.values()]).toEqual([...before.values()]);
  expect((await deployment.verify(running)).passed).toBe(true);
});
