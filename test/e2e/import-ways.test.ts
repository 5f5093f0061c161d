import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { planText } from "../../topology/check.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { Deployment } from "../support/deployment.ts";

/** The way of exposing targets that a topology of this project shows. */
function wayOf(name: string): unknown {
  const example = z.object({ clusters: z.object({ west: z.object({ exposure: z.json() }) }) });
  return example.parse(parse(readFileSync(`topologies/exposure-${name}.yaml`, "utf8"))).clusters.west.exposure;
}

const ways = { balancer: "load-balancer", nodes: "node-port", route: "gateway", server: "nginx-f5" };
const names = Object.keys(ways);
const peers = names.map(
  (way, index) => [`bp${index + 2}`, { cluster: "west", version: "1.63.2", exposure: way }] as const,
);
const colors = ["blue", "red", "green", "white"];

/** Each way of topologies/exposure-*.yaml, side by side in one cluster: one Big Peer by each. */
const topology = stringify({
  environment: "development",
  clusters: {
    east: { inbound: "none" },
    west: { exposures: Object.fromEntries(Object.entries(ways).map(([way, file]) => [way, wayOf(file)])) },
  },
  peers: { bp1: { cluster: "east", version: "1.63.2" }, ...Object.fromEntries(peers) },
  apps: { cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7", peers: ["bp1", ...peers.map(([name]) => name)] } },
  replications: Object.fromEntries(
    peers.map(([peer], index) => {
      const queries = { cars: [`color = '${colors[index]}'`] };
      return [`${colors[index]}-cars`, { app: "cars", between: ["bp1", peer], queries }];
    }),
  ),
});
const { plan } = planText(topology);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
  // The operator's Service, the address of a load balancer, and then the dialler: each is known to the update after.
  for (let updates = 0; updates < 3; updates++) {
    await deployment.up();
    if (JSON.stringify(Reflect.get(Object(await deployment.engine.outputs("dev")), "pending")) === "[]") return;
  }
});
afterAll(() => deployment?.stop());

function imported(): Promise<{ code: number | null; out: string; err: string }> {
  const contexts = [...plan.clusters.values()].flatMap(({ name, context }) => ["--context", `${name}=${context}`]);
  const args = ["cli/bigpeer.ts", "import", ...contexts, "--kubeconfig", deployment.lab.kubeconfig];
  return new Promise((done) => {
    const env = { ...deployment.engine.env, NO_COLOR: "1" };
    const child = execFile(process.execPath, args, { env }, (_, out, err) => done({ code: child.exitCode, out, err }));
  });
}

/** What counts of an exposure, without the order of the file and without pins. */
const exposuresOf = ({ exposures }: Plan) =>
  exposures
    .map(({ id, way, port, host, object, backend }) => ({ id, kind: way.kind, port, host, object, backend }))
    .sort((one, other) => one.id.localeCompare(other.id));

test("a load balancer, a node port, a Gateway and a TransportServer are imported as they are, and a preview changes nothing", async () => {
  const kinds = ["gateway", "loadBalancer", "nodePort", "transportServer"];
  expect(plan.exposures.map(({ way }) => way.kind).sort()).toEqual(kinds);
  const { code, out, err } = await imported();
  expect(err).toBe("");
  expect(code).toBe(0);
  const text = `environment: development\n${out}`;
  expect(exposuresOf(planText(text).plan)).toEqual(exposuresOf(plan));
  expect((await deployment.verify(text)).results.filter(({ passed }) => !passed)).toEqual([]);
  deployment.write(text);
  expect(await deployment.changes()).toEqual([]);
});
