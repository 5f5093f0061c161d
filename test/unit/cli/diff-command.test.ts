import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { topologyDiffSchema } from "../../../topology/diff/schema.ts";
import { manyReplications } from "../../support/large-topologies.ts";

const dev = readFileSync("topologies/dev.yaml", "utf8");
const green = dev.replace("color = 'blue'", "color = 'green'");
const program = resolve("cli/bigpeer.js");

/** A topology of several files, the last of which has a line more in the folder than in the commit. */
const fleet = {
  "fleet.yaml": `environment: development
include: regions
clusters:
  centre: { ingress: { host: hub.example.com } }
peers:
  hub: { cluster: centre, version: 1.63.2 }
apps:
  retail: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub, { labels: { tier: shop } }] }
replications:
  stock: { app: retail, hub: hub, spokes: { labels: { tier: shop } }, down: { stock: "store = {spoke.labels.store}" } }
`,
  "regions/europe.yaml": `sites:
  shops:
    table: shops.csv
    clusters: { "{site.name}": { inbound: none } }
    peers: { "{site.name}": { cluster: "{site.name}", version: 1.63.2, labels: { tier: shop, store: "{site.store}" } } }
`,
  "regions/shops.csv": "name,store\nshop-1,s-1\n",
};

/** A repository with dev.yaml in two versions: one is committed, the other is in the folder. */
let repository: string;
beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), "bigpeer-diff-"));
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", ...args],
      { cwd: repository },
    );
  git("init", "--quiet", "--initial-branch=main");
  mkdirSync(join(repository, "topologies"));
  writeFileSync(join(repository, "topologies/dev.yaml"), dev);
  writeFileSync(join(repository, "topologies/wrong.yaml"), dev.replace("between: [bp1, bp2]", "between: [bp1, bp9]"));
  mkdirSync(join(repository, "fleet/regions"), { recursive: true });
  for (const [name, text] of Object.entries(fleet)) writeFileSync(join(repository, "fleet", name), text);
  git("add", ".");
  git("commit", "--quiet", "--message=first");
  writeFileSync(join(repository, "fleet/regions/shops.csv"), `${fleet["regions/shops.csv"]}shop-2,s-2\n`);
  writeFileSync(join(repository, "topologies/dev.yaml"), green);
});
afterAll(() => rmSync(repository, { recursive: true }));

function diff(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return bigpeer("diff", ...args);
}

function bigpeer(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const options = { cwd: repository, env: { ...process.env, NO_COLOR: "1" } };
    const child = execFile(process.execPath, [program, ...args], options, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

test("a file is compared with a git revision of it", async () => {
  const { code, out } = await diff("main:topologies/dev.yaml", "topologies/dev.yaml");
  expect(out).toMatch(/^Changes replication blue-cars; objects: 2 changed; data flows: 2 other\.\n/);
  expect(out).toContain("-   color = 'blue'\n  +   color = 'green'");
  expect(code).toBe(0);
});

test.each([
  ["main:fleet/fleet.yaml", "fleet/fleet.yaml"],
  ["main:./fleet/fleet.yaml", "./fleet/fleet.yaml"],
])("what a file includes, and its tables, are read from the revision, too: %s", async (base, head) => {
  const { code, out } = await diff(base, head);
  expect(out).toMatch(/^Changes cluster shop-2 \(added\), peer shop-2 \(added\), app retail, replication stock; /);
  expect(out).not.toContain("shop-1");
  expect(code).toBe(0);
});

test("the files of a topology are listed for git, and an entry with the lines that wrote it", async () => {
  const { out: files } = await bigpeer("expand", "fleet/fleet.yaml", "--files");
  expect(files.trim().split("\n")).toEqual([
    ...["fleet/fleet.yaml", "fleet/regions/europe.yaml", "fleet/regions/shops.csv", "fleet/regions"],
  ]);
  const { out: entry } = await bigpeer("expand", "fleet/fleet.yaml", "--entry", "peers.shop-2");
  expect(entry).toContain("# fleet/regions/shops.csv:3:1 (via fleet/regions/europe.yaml:5)\n");
  expect(entry).toContain("peers:\n  shop-2:\n    cluster: shop-2\n");
  const { out: whole } = await bigpeer("expand", "fleet/fleet.yaml");
  writeFileSync(join(repository, "whole.yaml"), whole);
  expect((await diff("fleet/fleet.yaml", "whole.yaml")).out).toBe("The topology does not change.\n");
});

test("JSON is what its schema describes, and names both sides", async () => {
  const { out } = await diff("HEAD:topologies/dev.yaml", "topologies/dev.yaml", "--json");
  const { version, base, head } = topologyDiffSchema.parse(JSON.parse(out));
  expect({ version, base, head }).toEqual({
    version: 1,
    base: "HEAD:topologies/dev.yaml",
    head: "topologies/dev.yaml",
  });
});

test("the comment has the picture in it, and a file gets one in the format of its name", async () => {
  const { out } = await diff("main:topologies/dev.yaml", "topologies/dev.yaml", "--markdown", "--graph", "changes.svg");
  expect(out).toMatch(/```mermaid\nflowchart LR\n[\s\S]*#39;green#39;[\s\S]*```/);
  expect(readFileSync(join(repository, "changes.svg"), "utf8")).toMatch(/^<svg [\s\S]*\+ cars: color = 'green'/);
});

test("a change that is too large to be drawn is reported all the same, and its picture can be narrowed", async () => {
  writeFileSync(join(repository, "large.yaml"), manyReplications(40, 400));
  writeFileSync(join(repository, "larger.yaml"), manyReplications(40, 400, { query: "color = 'blue'" }));
  const whole = await diff("large.yaml", "larger.yaml", "--markdown", "--graph", "large.svg");
  expect(whole.err).toMatch(/^large\.svg is not written: 400 arrows are too many: svg can show at most 300/);
  expect(whole.out).toMatch(/^The picture is too large for a comment/m);
  expect([whole.code, existsSync(join(repository, "large.svg"))]).toEqual([0, false]);
  const narrowed = await diff("large.yaml", "larger.yaml", "--markdown", "--peer", "peer-3", "--graph", "large.svg");
  expect(narrowed.code).toBe(0);
  expect(narrowed.err).toMatch(
    /^large\.svg is \d+ pixels wide, [\s\S]*\n {2}\[!\[topology\]\(large\.svg\)\]\(large\.svg\)\n$/,
  );
  expect(narrowed.out).toContain("```mermaid");
  expect(readFileSync(join(repository, "large.svg"), "utf8")).toContain("peer-3");
  expect((await diff("large.yaml", "larger.yaml", "--peer", "nobody", "--graph")).code).toBe(2);
});

test("a topology that is new is compared with an empty one, and one that is deleted, too, where that is allowed", async () => {
  writeFileSync(join(repository, "new.yaml"), dev);
  const { code, out } = await diff("main:new.yaml", "new.yaml", "--json", "--allow-missing");
  const added = topologyDiffSchema.parse(JSON.parse(out));
  expect([added.base, added.missing]).toEqual(["main:new.yaml (not there)", ["base"]]);
  expect(added.peers.map(({ action, name }) => `${action} ${name}`)).toEqual(["added bp1", "added bp2"]);
  expect(code).toBe(0);
  const gone = await diff("new.yaml", "main:new.yaml", "--json", "--allow-missing");
  const removed = topologyDiffSchema.parse(JSON.parse(gone.out));
  expect(removed.peers.map(({ action }) => action)).toEqual(["removed", "removed"]);
  expect([removed.missing, gone.code]).toEqual([["head"], 0]);
});

test.each([
  ["main:wrong/dev.yaml", "main has no wrong/dev.yaml; it has topologies/dev.yaml."],
  ["main:topologies/dve.yaml", "main has no topologies/dve.yaml; it has topologies/dev.yaml, topologies/wrong.yaml."],
])("a base that is not there fails, and the report says so and what there is: %s", async (base, told) => {
  const { code, out, err } = await diff(base, "topologies/dev.yaml", "--markdown");
  expect(code).toBe(1);
  expect(err).toContain("--allow-missing");
  expect(out).toMatch(/^\*\*The base lacks the file\. Changes/m);
  expect(out).toContain(`- The base lacks the file, so everything is shown as new: ${told}`);
});

test("no other command takes a path that is not there for a topology that is empty", async () => {
  writeFileSync(join(repository, "Pulumi.dev.yaml"), "config:\n  bigpeer:topology: topologies/dev.yaml\n");
  const preview = await bigpeer("preview", "dev", "--project", ".", "--base", "main:wrong/dev.yaml");
  expect([preview.code, preview.out]).toEqual([2, ""]);
  expect(preview.err).toMatch(
    /main:wrong\/dev\.yaml is not there: .* it has topologies\/dev\.yaml\. .*--allow-missing/,
  );
  const rbac = await bigpeer("rbac", "main:wrong/dev.yaml", "topologies/dev.yaml");
  expect([rbac.code, rbac.out]).toEqual([2, ""]);
  expect(rbac.err).toContain("main:wrong/dev.yaml is not there");
});

test("what pulumi up will refuse fails a diff, unless that is allowed", async () => {
  const production = dev.replace("environment: development", "").replace(", auth: { playground: {} }", "");
  writeFileSync(join(repository, "before.yaml"), production);
  writeFileSync(
    join(repository, "after.yaml"),
    production.replace("\n  cars:", "\n  vehicles:").replaceAll("app: cars", "app: vehicles"),
  );
  const { code, out } = await diff("before.yaml", "after.yaml");
  expect(out).toMatch(/Refused by pulumi up: 1 loss\n {2}! error \[app-removed] apps\.cars: /);
  expect(code).toBe(1);
  const allowed = await diff("before.yaml", "after.yaml", "--allow-losses");
  expect([allowed.code, allowed.out]).toEqual([0, out]);
});

test("a head with errors is not compared: its new findings are shown, and the exit code is 1", async () => {
  const { code, out } = await diff("main:topologies/dev.yaml", "topologies/wrong.yaml");
  expect(out).toMatch(/^Not compared: the head has errors.*\(\d new\)/);
  expect(out).toMatch(/\+ error \[unknown-reference\]/);
  expect(code).toBe(1);
  expect((await diff("main:topologies/wrong.yaml", "topologies/dev.yaml")).code).toBe(0);
});

test.each([
  [
    ["main:dev.yaml", "main:dev.yml"],
    "neither main:dev.yaml nor main:dev.yml exists: main has no dev.yaml; it has topologies/dev.yaml",
  ],
  [["nobody:topologies/dev.yaml", "topologies/dev.yaml"], "git does not know the revision nobody"],
  [["--output=/tmp/x:topologies/dev.yaml", "topologies/dev.yaml"], "unknown option"],
  [
    ["dev.yaml", "topologies/dev.yaml"],
    "there is no topology file dev.yaml; name a file, a name in topologies/, a git revision",
  ],
  [["topologies", "topologies/dev.yaml"], "the folder topologies has 2 topologies; name one of them"],
  [
    ["main:topologies/dev.yaml", "topologies/dev.yaml", "--graph", "changes.png"],
    "the ending of changes.png does not name a format",
  ],
  [["topologies/dev.yaml"], "missing required argument"],
])("what cannot be read is refused with exit code 2: %j", async (args, said) => {
  const { code, out, err } = await diff(...args);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(said);
});
