import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { stackExports } from "../../program/stack-exports.ts";
import { Deployment } from "../support/deployment.ts";

/** One stack with three clusters, of which each has a peer that two others replicate with. Production, so that the peers are protected. */
const topology = `
environment: production
clusters:
  east: { ingress: { host: bp.east.example.com, ports: 4040-4139 } }
  west: { ingress: { ports: 4040-4139 } }
  north: { ingress: { host: bp.north.example.com, ports: 4040-4139 } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: { cluster: north, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2, bp3] }
replications:
  blue-cars: { app: cars, mesh: [bp1, bp2, bp3], queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
`;
const withGreen = `${topology}  green-cars: { app: cars, from: bp1, to: bp3, queries: { cars: ["color = 'green'"] } }\n`;
const withoutRed = withGreen.replace(/ {2}red-cars.*\n/, "");
const lost = withoutRed.replace("  west: { ingress", "  west: { lost: true, ingress");
const withoutWest = lost
  .replace(/ {2}west:.*\n/, "")
  .replace(/ {2}bp2:.*\n/, "")
  .replaceAll("bp1, bp2, bp3", "bp1, bp3");

const outputs = z.object({
  topology: stackExports,
  pending: z.array(z.object({ what: z.string(), reason: z.string(), next: z.string() })),
});
const spec = z.object({
  spec: z.object({ auth: z.object({ trustedCASecrets: z.array(z.object({ name: z.string() })) }) }),
});
const connections = z.object({ spec: z.object({ connections: z.array(z.string()).default([]) }) });

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
  await deployment.up();
  await deployment.up();
});
afterAll(() => deployment?.stop());

const exported = async () => outputs.parse(await deployment.engine.outputs("dev"));
const pending = async () => (await exported()).pending.map(({ what }) => what);
const replications = (context: string) => deployment.names(context, "bigpeerreplications");
const trustedBy = async (context: string) => {
  const [bigPeer] = await deployment.objects(context, "bigpeers");
  return spec
    .parse(bigPeer)
    .spec.auth.trustedCASecrets.map(({ name }) => name)
    .sort();
};
const dialledBy = async (context: string) =>
  (await deployment.objects(context, "bigpeerreplications")).flatMap(
    (each) => connections.parse(each).spec.connections,
  );
/** Names of the resources that the state holds of a cluster. */
async function inState(cluster: string): Promise<string[]> {
  const { stdout } = await deployment.engine.run(["stack", "--stack", "dev", "--show-urns"], { quiet: true });
  return stdout.match(/urn:pulumi:\S+/g)?.filter((urn) => urn.split("::").at(-1)?.startsWith(cluster)) ?? [];
}

describe("a cluster that cannot be reached for a while", () => {
  test("is named as pending and delays no other: the others are changed, and its peers are still trusted and dialled", async () => {
    const before = await exported();
    await deployment.lab.kill("west", "api-server");
    deployment.write(withGreen);
    const said = await deployment.up();
    expect(said).toMatch(/pending: cluster west: it cannot be reached \(.*ECONNREFUSED.*\)/);
    expect(await pending()).toEqual(["cluster west"]);
    expect(await replications("east")).toContain("green-cars-bp1");
    expect(await replications("north")).toContain("green-cars-bp3");
    const now = await exported();
    expect(now.topology.peers).toEqual(before.topology.peers);
    expect(now.topology.exposures).toMatchObject(before.topology.exposures);
    expect(await trustedBy("east")).toEqual(["bp1-trusts-bp2", "bp1-trusts-bp3"]);
  });

  test("an update without a change changes nothing meanwhile, and a refresh leaves its state alone", async () => {
    await deployment.up("dev", ["--expect-no-changes"]);
    const held = await inState("west");
    expect((await deployment.engine.stack("dev", "refresh")).exitCode).toBe(0);
    expect(await inState("west")).toEqual(held);
  });

  test("what is to be deleted in it stays until it is back", async () => {
    deployment.write(withoutRed);
    await deployment.up();
    expect(await replications("east")).not.toContain("red-cars-bp1");
    await deployment.lab.start("west", "api-server");
    await deployment.up();
    expect(await pending()).toEqual([]);
    expect(await replications("west")).toEqual(["blue-cars-bp2"]);
    await deployment.up("dev", ["--expect-no-changes"]);
    await expect
      .poll(async () => (await deployment.verify(withoutRed)).results.filter(({ passed }) => !passed), {
        timeout: 40_000,
      })
      .toEqual([]);
  });
});

describe("a cluster that is marked as lost", () => {
  test("is refused while it answers, and nothing is changed", async () => {
    deployment.write(lost);
    const { exitCode, stdout } = await deployment.engine.stack("dev", "up");
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(
      /error lost-cluster-answers +clusters\.west\.lost: the cluster "west" is marked as lost, but it answers/,
    );
    expect(await deployment.names("west", "bigpeers")).toEqual(["bp2"]);
  });

  test("is forgotten in two updates: nobody trusts or dials its peers, and nothing of it stays in the state", async () => {
    await deployment.lab.kill("west", "api-server");
    await deployment.up();
    expect(await pending()).toEqual(["the loss of cluster west"]);
    expect(await trustedBy("east")).toEqual(["bp1-trusts-bp3"]);
    expect(await trustedBy("north")).toEqual(["bp3-trusts-bp1"]);
    expect((await dialledBy("east")).concat(await dialledBy("north")).join(" ")).not.toMatch(/west|127\./);
    await deployment.up();
    expect(await pending()).toEqual([]);
    expect(await inState("west")).toEqual([]);
    await deployment.up("dev", ["--expect-no-changes"]);
  });

  test("can be taken out of the file then, which changes nothing", async () => {
    deployment.write(withoutWest);
    await deployment.up("dev", ["--expect-no-changes"]);
    expect(await deployment.names("east", "bigpeers")).toEqual(["bp1"]);
  });

  test("stays untouched if it was not lost after all", async () => {
    await deployment.lab.start("west", "api-server");
    expect(await deployment.names("west", "bigpeers")).toEqual(["bp2"]);
    expect(await replications("west")).toEqual(["blue-cars-bp2"]);
  });
});

test("where no cluster of the stack can be reached, the update is refused with the reason", async () => {
  for (const cluster of ["east", "north"]) await deployment.lab.kill(cluster, "api-server");
  const { exitCode, stdout } = await deployment.engine.stack("dev", "preview");
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(
    /error cluster-unreachable +clusters\.east: the cluster "east" cannot be reached: .*ECONNREFUSED/,
  );
  expect(stdout).toMatch(/the cluster "north" cannot be reached/);
});
