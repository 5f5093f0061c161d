import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { formatEvict } from "../../../../cli/commands/evict.ts";
import { pauseCommand } from "../../../../cli/commands/pause.ts";
import { pausedLines } from "../../../../cli/commands/status.ts";
import { formatSummary } from "../../../../cli/commands/verify.ts";
import { checkSource, planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { TopologyError } from "../../../../topology/findings/finding.ts";
import { firewallRules } from "../../../../topology/firewall/firewall-rules.ts";
import { evictReport } from "../../../../topology/flows/evict.ts";
import { arrowLines } from "../../../../topology/graph/labels.ts";
import { mergeDrawings } from "../../../../topology/graph/merge.ts";
import { toMermaid } from "../../../../topology/graph/mermaid.ts";
import { drawingOf } from "../../../../topology/graph/model.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";
import { PauseError, setPaused } from "../../../../topology/pause/set-paused.ts";
import { junitOf } from "../../../../verify/junit.ts";
import { planProbes, skippedReplications } from "../../../../verify/probes.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

const running = `# the pair
environment: development
clusters:
  east: { ingress: { host: bp.east.example.com } }
  west: { ingress: { host: bp.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  # blue ones, both ways
  blue-cars: # since March
    app: cars
    between: [bp1, bp2]   # bp1 dials
    queries: { cars: ["color = 'blue'"] }
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } } # one way
`;
const paused = running.replace(
  `queries: { cars: ["color = 'blue'"] }\n`,
  `queries: { cars: ["color = 'blue'"] }\n    paused: true\n`,
);
const planOf = (text: string) => planText(text).plan;
const edit = (text: string, replication: string, pause: boolean) =>
  setPaused(parseSource("topology.yaml", text), replication, pause).texts.get("topology.yaml");

describe("pausing in the file", () => {
  test("adds one line and keeps every comment, and resuming takes just that line out again", () => {
    expect(edit(running, "blue-cars", true)).toBe(paused);
    expect(edit(paused, "blue-cars", false)).toBe(running);
  });

  test("of an entry on one line stays on it", () => {
    const text = edit(running, "red-cars", true) ?? "";
    expect(text).toContain(`queries: { cars: ["color = 'red'"] }, paused: true } # one way`);
    expect(edit(text, "red-cars", false)).toBe(running);
  });

  test("changes nothing where it is so already", () => {
    expect(setPaused(parseSource("t.yaml", paused), "blue-cars", true).texts.size).toBe(0);
    expect(setPaused(parseSource("t.yaml", running), "blue-cars", false).texts.size).toBe(0);
  });

  test("names the replications where there is no such one", () => {
    expect(() => edit(running, "blue-car", true)).toThrow(
      new PauseError('the topology has no replication "blue-car"; did you mean "blue-cars"?'),
    );
  });

  test("of a topology with errors says the errors", () => {
    expect(() => edit(running.replace("to: bp2", "to: bp9"), "blue-cars", true)).toThrow(TopologyError);
  });

  test("of an entry that others share refuses, and one that a merge key pauses is overruled where it stands", () => {
    const shared = running
      .replace(/ {2}red-cars: .*\n/, "  red-cars: *pair\n")
      .replace("blue-cars: #", "blue-cars: &pair #");
    expect(() => edit(shared, "red-cars", true)).toThrow(/shares its entry with blue-cars/);
    const merged = paused
      .replace("blue-cars: #", "blue-cars: &pair #")
      .replace("  red-cars: {", "  red-cars: { <<: *pair, between: [bp1, bp2], queries: { cars: true } } #");
    expect(edit(merged.replace("cars: true", 'cars: "true"'), "red-cars", false)).toContain("paused: false");
  });

  test("writes into the included file that has the entry", () => {
    const [top = "", below = ""] = running.split("replications:\n");
    const files = {
      "topology.yaml": `include: parts/flows.yaml\n${top}`,
      "parts/flows.yaml": `replications:\n${below}`,
    };
    const { texts } = setPaused(sourceOf(files), "blue-cars", true);
    expect([...texts.keys()]).toEqual(["parts/flows.yaml"]);
    expect(texts.get("parts/flows.yaml")).toBe(`replications:\n${paused.split("replications:\n")[1]}`);
  });

  test("of what a template makes refuses with the column to write, and the column pauses that site alone", () => {
    const family = (template: string, csv: string) =>
      sourceOf({
        "topology.yaml": `environment: development
clusters: { hub: { ingress: { host: hub.example.com } } }
peers: { hub: { cluster: hub, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, shop-1, shop-2] } }
sites:
  shops:
    table: shops.csv
    columns: { paused: boolean }
    clusters: { "{site.name}": { inbound: none } }
    peers: { "{site.name}": { cluster: "{site.name}", version: 1.63.2 } }
    replications: { "cars-{site.name}": { app: cars, between: ["{site.name}", hub], queries: { cars: "true" }${template} } }
`,
        "shops.csv": csv,
      });
    const plain = family("", "name,paused\nshop-1,\nshop-2,\n");
    expect(() => setPaused(plain, "cars-shop-2", true)).toThrow(/into its row: write `paused: "{site.paused}"`/);
    const one = checkSource(family(', paused: "{site.paused}"', "name,paused\nshop-1,\nshop-2,true\n"));
    expect([...(one.plan?.replications.values() ?? [])].map((each) => each.paused)).toEqual([false, true]);
  });
});

test("the command writes the file and says what stops and what comes next", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pause-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "topology.yaml");
  writeFileSync(file, running);
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  expect(await pauseCommand(true, "blue-cars", file, {})).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(paused);
  const text = said.mock.calls.flat().join("\n");
  expect(text).toContain("documents stop flowing from bp1 to bp2 and from bp2 to bp1 until it is resumed");
  expect(text).toContain(`next: review and commit ${file}, then deploy it`);
});

describe("a paused replication", () => {
  const objects = (text: string) =>
    ["east", "west"].flatMap((cluster) => clusterManifests(planOf(text), cluster).map(({ manifest }) => manifest));

  test("differs in the connections of its initiator, and in nothing else", () => {
    const before = objects(running);
    const changed = objects(paused).filter((each, index) => JSON.stringify(each) !== JSON.stringify(before[index]));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatchObject({
      kind: "BigPeerReplication",
      metadata: { name: "blue-cars-bp1" },
      spec: { connections: [], queriesByCollection: { cars: ["color = 'blue'"] } },
    });
    expect(planOf(paused).exposures).toEqual(planOf(running).exposures);
    expect(firewallRules(planOf(paused))).toEqual(firewallRules(planOf(running)));
  });

  test("is told by the diff as documents that stop, not as a connection that breaks", () => {
    const side = (text: string) => ({ name: "t.yaml", ...checkSource(parseSource("t.yaml", text)) });
    const stops = diffTopologies(side(running), side(paused));
    expect(stops.consequences).toEqual([
      expect.stringMatching(
        /^The replication blue-cars is paused: documents stop flowing from bp1 to bp2 and from bp2 to bp1 until it is resumed\. /,
      ),
    ]);
    expect(stops.replications).toMatchObject([
      { name: "blue-cars", fields: [{ path: "paused", after: true }], links: [] },
    ]);
    expect(stops.flows.map(({ effect, from, to }) => [effect, from, to].join(" ")).sort()).toEqual([
      // Red cars go on.
      "narrows bp1 bp2",
      "stops bp2 bp1",
    ]);
    expect([stops.interruptions, stops.ports, stops.trust, stops.refused]).toEqual([[], [], [], []]);
    const resumes = diffTopologies(side(paused), side(running));
    expect(resumes.consequences).toEqual([
      "The replication blue-cars is resumed: documents flow again from bp1 to bp2 and from bp2 to bp1, with those that were written while it was paused.",
    ]);
    expect(resumes.interruptions).toEqual([]);
  });

  test("holds documents back from eviction until it has delivered them", () => {
    const entries = evictReport(planOf(paused), { peer: "bp1", collection: "cars" });
    const blue = entries[0]?.documents.find(({ query }) => query === "color = 'blue'");
    expect(blue).toMatchObject({
      returns: [{ replication: "blue-cars", paused: true }],
      tombstone: [],
      undelivered: [{ peer: "bp2", replication: "blue-cars", certain: true }],
    });
    const text = formatEvict(entries, planOf(paused));
    expect(text).toMatch(
      /do not evict.*: blue-cars is paused, and what bp1 evicts .* never reaches bp2; run `bigpeer resume blue-cars` first/,
    );
    expect(formatEvict(evictReport(planOf(running)), planOf(running))).not.toContain("do not evict");
  });

  test("does not hold back what its peers get over another replication", () => {
    const twice = paused.replace("color = 'red'", "true");
    const [entry] = evictReport(planOf(twice), { peer: "bp1", collection: "cars" });
    expect(entry?.documents.flatMap(({ undelivered }) => undelivered)).toEqual([]);
  });

  test("is not probed by verify, which says so in text and JUnit", () => {
    expect([...new Set(planProbes(planOf(paused)).map(({ replication }) => replication))]).toEqual(["red-cars"]);
    expect(skippedReplications(planOf(paused), () => true)).toEqual(["blue-cars"]);
    expect(skippedReplications(planOf(paused), ({ app }) => app === "vans")).toEqual([]);
    const report = { passed: true, results: [], leftovers: [], trust: [], notCompared: [], paused: ["blue-cars"] };
    expect(formatSummary(report, true)).toMatch(
      /blue-cars: paused, so it was not verified.*\nnothing to verify: what was selected is paused$/,
    );
    expect(junitOf(report)).toContain('<testcase classname="blue-cars" name="paused" time="0">\n      <skipped ');
  });

  test("is marked in a picture, and a picture of the change marks it as changed", () => {
    const [one] = drawingOf(planOf(paused)).arrows;
    expect(one && arrowLines(one)[0]).toBe("blue-cars (paused)");
    expect(toMermaid(drawingOf(planOf(paused)))).toMatch(/<-\.->\|"blue-cars \(paused\)/);
    const merged = mergeDrawings(drawingOf(planOf(running)), drawingOf(planOf(paused)));
    expect(merged.arrows.map(({ replication, mark }) => [replication, mark])).toEqual([
      ["blue-cars", "changed"],
      ["red-cars", undefined],
    ]);
  });

  test("is named by status with the command that ends it", () => {
    expect(pausedLines(["blue-cars"])).toEqual([
      expect.stringMatching(/paused.*: blue-cars: .*`bigpeer resume blue-cars`/),
    ]);
  });
});
