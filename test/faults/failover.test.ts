import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { extract } from "tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { planText } from "../../topology/check.ts";
import { Session } from "../../verify/session.ts";
import { Deployment } from "../support/deployment.ts";

/** Two hubs, of which the second pulls what the first has, and two shops that nobody can dial into. */
const topology = `environment: production
clusters:
  first: { stack: first, ingress: { host: bp.first.example.com, ports: 4040-4139 } }
  second: { stack: second, ingress: { host: bp.second.example.com, ports: 4040-4139 } }
  edge: { stack: edge, inbound: none }
peers:
  hub-1: { cluster: first, version: 1.63.2 }
  hub-2: { cluster: second, version: 1.63.2 }
  shop-1: { cluster: edge, version: 1.63.2 }
  shop-2: { cluster: edge, version: 1.63.2 }
apps:
  retail: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub-1, hub-2, shop-1, shop-2] }
replications:
  retail: { app: retail, hub: hub-1, spokes: [shop-1, shop-2], up: { orders: "state = 'paid'" }, down: { menus: "published = true" } }
  standby: { app: retail, from: hub-1, to: hub-2, dial: to, queries: { menus: "published = true", orders: "state = 'paid'" } }
`;
const stacks = { first: ["first"], second: ["second"], edge: ["edge"] };
const connections = z.object({ spec: z.object({ connections: z.array(z.string()).default([]) }) });

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, stacks);
  for (const stack of ["first", "second", "edge", "first", "second"]) await deployment.up(stack);
});
afterAll(() => deployment?.stop());

function bigpeer(...args: string[]): Promise<{ code: number; said: string }> {
  const { env, directory: cwd } = deployment.engine;
  return new Promise((done) => {
    const child = execFile(process.execPath, [resolve("cli/bigpeer.ts"), ...args], { env, cwd }, (_, stdout, stderr) =>
      done({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}

async function withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
  const { plan } = planText(readFileSync(deployment.topologyFile, "utf8"));
  const access = { kubeconfig: deployment.lab.kubeconfig, reach: "cluster-ip" as const, apis: {}, managementApis: {} };
  const session = new Session(plan, access);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** Writes a document on one peer and waits until the other has it. */
async function flows(collection: string, fields: object, from: string, to: string): Promise<string> {
  const _id = randomUUID();
  await withSession(async (session) => {
    await (await session.documents("retail", from)).insert(collection, { _id, ...fields });
    const target = await session.documents("retail", to);
    await expect
      .poll(() => target.has(collection, _id), {
        timeout: 20_000,
        interval: 50,
        message: `${_id} from ${from} on ${to}`,
      })
      .toBe(true);
  });
  return _id;
}
const dialled = async () =>
  new Set(
    (await deployment.objects("edge", "bigpeerreplications")).flatMap(
      (each) => connections.parse(each).spec.connections,
    ),
  );

test("with the hub dead, its API server and its Big Peer, every spoke dials the standby, which has what it had pulled; and back", async () => {
  const paid = await flows("orders", { state: "paid" }, "shop-1", "hub-2");
  expect([...(await dialled())]).toEqual([expect.stringMatching(/^bp\.first\.example\.com:/)]);
  const before = await dialled();

  await deployment.lab.kill("first", "big-peers");
  await deployment.lab.kill("first", "api-server");
  const { code, said } = await bigpeer("failover", "hub-1", "hub-2", deployment.topologyFile);
  expect(code, said).toBe(0);
  expect(said).toMatch(/hub-2 takes the place of hub-1 in retail: shop-1, shop-2 dial it instead of hub-1\./);
  expect(said).toMatch(
    /documents that hub-2 may lack:[\s\S]*hub-2 pulled them from hub-1; the last ones may be missing/,
  );
  for (const stack of ["second", "edge", "second"]) await deployment.up(stack);
  expect([...(await dialled())]).toEqual([expect.stringMatching(/^bp\.second\.example\.com:/)]);
  await withSession(async (session) => {
    expect(await (await session.documents("retail", "hub-2")).has("orders", paid)).toBe(true);
  });
  const late = await flows("orders", { state: "paid" }, "shop-2", "hub-2");
  await flows("menus", { published: true }, "hub-2", "shop-1");

  await deployment.lab.start("first", "api-server");
  await deployment.lab.start("first", "big-peers");
  const undone = await bigpeer("failover", "hub-1", "hub-2", deployment.topologyFile, "--back");
  expect(undone.code, undone.said).toBe(0);
  expect(readFileSync(deployment.topologyFile, "utf8")).toBe(topology);
  for (const stack of ["first", "edge", "second", "first"]) await deployment.up(stack);
  expect(await dialled()).toEqual(before);
  await flows("orders", { state: "paid" }, "shop-1", "hub-1");
  // It is still on the shop where it was written, and comes along.
  await withSession(async (session) => {
    const hub = await session.documents("retail", "hub-1");
    await expect.poll(() => hub.has("orders", late), { timeout: 20_000, interval: 50 }).toBe(true);
  });
}, 400_000);

test("a support bundle of clusters of which one is dead has everything of the others, and says what it lacks", async () => {
  await deployment.lab.kill("first", "api-server");
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const output = join(folder, "bundle.tar.gz");
  const { code, said } = await bigpeer("support", deployment.topologyFile, "--output", output);
  expect(code, said).toBe(0);
  expect(said).toMatch(/- first: nothing of this cluster was read, since it cannot be reached: .*ECONNREFUSED/);
  await extract({ file: output, cwd: folder });
  const [root = ""] = readdirSync(folder).filter((name) => name.startsWith("bigpeer-support-"));
  const read = (...path: string[]) => readFileSync(join(folder, root, ...path), "utf8");
  expect(read("README.md")).toContain("since it cannot be reached");
  expect(read("clusters", "edge", "objects", "ditto", "BigPeerReplication-retail-shop-1.yaml")).toMatch(
    /conditions:[\s\S]*type: Connected/,
  );
  expect(read("clusters", "second", "objects", "ditto", "BigPeer-hub-2.yaml")).toContain("type: Ready");
  expect(read("plan.yaml")).toContain("hub-1");
  expect(read("deployed.yaml")).toContain("deployed: yes");
  expect(readdirSync(join(folder, root, "clusters"))).toEqual(["edge", "second"]);
  rmSync(folder, { recursive: true });
  await deployment.lab.start("first", "api-server");
});
