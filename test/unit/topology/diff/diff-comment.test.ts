import { describe, expect, test } from "vitest";
import { commentLimit } from "../../../../report/markdown.ts";
import { checkSource } from "../../../../topology/check.ts";
import { type DiffSide, diffTopologies } from "../../../../topology/diff/compare.ts";
import { findingChanges } from "../../../../topology/diff/finding-changes.ts";
import { formatDiffMarkdown } from "../../../../topology/diff/markdown.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { Finding } from "../../../../topology/findings/finding.ts";
import { live } from "../../../../topology/rules/live.ts";

function side(name: string, text: string): DiffSide {
  return { name, ...checkSource(parseSource(`${name}.yaml`, text)) };
}

const diffOf = (base: string, head: string) => diffTopologies(side("base", base), side("head.yaml", head));
const open = (markdown: string) => markdown.replace(/<details>[\s\S]*?<\/details>/g, "");

/** Twelve clusters, of which the first is dialled by all others. */
const cities = Array.from({ length: 12 }, (_, index) => `city-${String.fromCharCode(97 + index)}`);
const [hub = "", ...spokes] = cities;
const twelve = (change: { port?: number; names?: readonly string[]; query?: string } = {}) =>
  star(cities, { names: cities, ...change });

function star(
  clusters: readonly string[],
  change: { port?: number; names: readonly string[]; query?: string },
): string {
  const { names } = change;
  const [first = "", ...others] = names;
  const lines = (line: (name: string, index: number) => string) => names.map(line).join("\n");
  return `clusters:
${lines((_, index) => `  ${clusters[index]}: { stack: dev-${clusters[index]}, ingress: { host: ${clusters[index]}.example.com } }`)}
peers:
${lines((name, index) => `  ${name}: { cluster: ${clusters[index]}, version: 1.63.2 }`)}
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [${names.join(", ")}] }
replications:
  star:
    app: shop
    hub: ${first}
    spokes: [${others.join(", ")}]
    port: ${change.port ?? 4040}
    down: { prices: ["${change.query ?? "valid = true"}"] }
`;
}

describe("the comment on twelve clusters", () => {
  test("says a new version of all peers in one line", () => {
    const diff = diffOf(twelve(), twelve().replaceAll("1.63.2", "1.64.0"));
    expect(diff.interruptions).toHaveLength(11);
    const markdown = formatDiffMarkdown(diff);
    expect(open(markdown)).toMatch(
      /- 12 peers restart, 1\.63\.2 -&gt; 1\.64\.0 \(.*\); their 11 connections break while an end restarts\./,
    );
    expect(markdown.match(/restart/g)?.length).toBeLessThan(6);
    expect(markdown).toContain("! 12: city-a");
  });

  test("has what flows elsewhere, what is newly wrong and what breaks open and before what is folded", () => {
    const markdown = formatDiffMarkdown(diffOf(twelve(), twelve({ port: 4050, query: "valid = false" })));
    const [before = ""] = markdown.split("<details>");
    expect(before).toMatch(
      /\*\*Data\*\*\n\n- city-b, .* and 6 more receive other documents of prices \(app shop\) from city-a: no longer valid = true, now valid = false\./,
    );
    expect(before).toMatch(/\*\*Interruptions\*\*\n\n- 11 connections between 12 peers/);
    expect(before).not.toContain("BigPeerReplication");
    expect(markdown).toMatch(/<summary>Objects in city-a: /);
  });

  test("says which stack comes first when the hub's port moves, and who dials the old one until when", () => {
    const { consequences } = diffOf(twelve(), twelve({ port: 4050 }));
    expect(consequences).toEqual([
      expect.stringMatching(
        /^Update stack dev-city-a first, then stack dev-city-b, .* and 6 more: the port of city-a moves from 4040 to 4050, and city-b, .* \(11 peers\) dial the old one, which is closed then, until the stack of each has been updated\.$/,
      ),
    ]);
    expect(diffOf(twelve(), twelve({ query: "valid = false" })).consequences).toEqual([]);
  });

  test("recognises a rename, and names the command that keeps the documents", () => {
    const renamed = diffOf(twelve(), twelve({ names: [hub, "berlin-1", ...spokes.slice(1)] }));
    expect(renamed.consequences[0]).toMatch(
      /^city-b is removed and berlin-1 is added, which looks like a rename: `bigpeer migrate city-b berlin-1 head\.yaml`/,
    );
    const two = diffOf(twelve(), twelve({ names: [hub, "berlin-1", "paris-1", ...spokes.slice(2)] }));
    expect(two.consequences.filter((sentence) => sentence.includes("looks like a rename"))).toHaveLength(2);
    const gone = diffOf(twelve(), twelve({ names: cities.slice(0, 11) }));
    expect(gone.consequences.join()).not.toContain("rename");
  });

  test("recognises the rename of an app, and says what it does to clients", () => {
    const renamed = twelve().replace("  shop: {", "  retail: {").replace("app: shop", "app: retail");
    const { consequences } = diffOf(twelve(), renamed);
    expect(consequences.filter((sentence) => sentence.includes("looks like a rename"))).toEqual([
      "App shop is removed and retail is added: this looks like a rename. Its BigPeerApps are deleted and created again under other names, and nothing can rename them. The ID stays the same, so clients need not change. To keep everything as it is, keep the name shop.",
    ]);
    const another = renamed.replace("2164bef3-37c0-489c-9ac6-c94b034525d7", "85d94eeb-b9be-4b2b-8c9f-7ebd3b6a1e1c");
    expect(diffOf(twelve(), another).consequences.join()).toContain("every client has to change");
  });

  test("recognises the rename of a replication, and names the setting that keeps its port", () => {
    const unpinned = twelve().replace(/ {4}port: \d+\n/, "");
    const renamed = unpinned.replace("  star:", "  sun:");
    const sentences = diffOf(unpinned, renamed).consequences.filter((each) => each.includes("looks like a rename"));
    expect(sentences).toEqual([
      expect.stringMatching(
        /^Replication star is removed and sun is added: this looks like a rename\. .*no document is lost\. The port of city-a moves from \d+ to \d+: `port: \d+` keeps it\. To keep the connections, keep the name star\.$/,
      ),
    ]);
    const narrowed = renamed.replace("valid = true", "valid = false");
    expect(diffOf(unpinned, narrowed).consequences.join()).toContain("looks like a rename");
    const onlyPart = renamed.replace(", city-l]\n    down", "]\n    down");
    expect(diffOf(unpinned, onlyPart).consequences.join()).not.toContain("Replication star goes");
  });

  test("recognises a replication whose app is renamed in the same change", () => {
    const renamed = twelve()
      .replace("  shop: {", "  retail: {")
      .replace("app: shop", "app: retail")
      .replace("  star:", "  sun:");
    const sentences = diffOf(twelve(), renamed).consequences.filter((each) => each.includes("looks like a rename"));
    expect(sentences).toEqual([
      expect.stringMatching(/^App shop is removed and retail is added/),
      expect.stringMatching(/^Replication star is removed and sun is added/),
    ]);
  });

  test("has no empty picture", () => {
    const diff = diffOf(twelve(), twelve());
    expect(formatDiffMarkdown(diff, { mermaid: "flowchart LR\n  classDef added stroke:#000\n" })).not.toContain(
      "mermaid",
    );
    expect(formatDiffMarkdown(diff, { mermaid: 'flowchart LR\n  subgraph c0["east"]\n  end\n' })).toContain(
      "```mermaid",
    );
  });
});

/** Twelve clusters and 42 links: a mesh of four hubs, two stars over all, a second mesh and a ring of four. */
function fortyTwoLinks(change: { version?: string; query?: string } = {}): string {
  const { version = "1.63.2", query = "valid = true" } = change;
  const lines = (line: (name: string, index: number) => string) => cities.map(line).join("\n");
  const range = (from: number, to: number) => cities.slice(from, to).join(", ");
  const star = (name: string, at: number) =>
    `  ${name}: { app: shop, hub: ${cities[at]}, spokes: [${cities.filter((_, index) => index !== at).join(", ")}], down: { ${name}: ["${query}"] } }`;
  return `clusters:
${lines((name) => `  ${name}: { stack: dev-${name}, ingress: { host: ${name}.example.com, ports: 4000-4999 } }`)}
peers:
${lines((name) => `  ${name}: { cluster: ${name}, version: ${version} }`)}
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [${cities.join(", ")}] }
replications:
  backbone: { app: shop, mesh: [${range(0, 4)}], queries: { orders: ["total > 100"] } }
${star("prices", 0)}
${star("news", 1)}
  region: { app: shop, mesh: [${range(4, 9)}], queries: { stock: ["count < 5"] } }
${[8, 9, 10].map((at) => `  ring-${at}: { app: shop, from: ${cities[at]}, to: ${cities[at + 1]}, queries: { trips: ["open = true"] } }`).join("\n")}
  ring-11: { app: shop, from: ${cities[11]}, to: ${cities[8]}, queries: { trips: ["open = true"] } }
`;
}

describe("the comment on twelve clusters and 42 links", () => {
  const linkCount = (text: string) =>
    [...(side("x", text).plan?.replications.values() ?? [])].reduce((sum, { links }) => sum + links.length, 0);
  const listed = (markdown: string) =>
    open(markdown)
      .split("\n")
      .filter((line) => line.startsWith("- "));

  test.each([
    ["a new version of every peer", { version: "1.64.0" }, 2],
    ["another query of both stars", { query: "valid = false" }, 4],
  ])("of %s has no two equal lines, and few", (_, change, most) => {
    expect(linkCount(fortyTwoLinks())).toBe(42);
    const markdown = formatDiffMarkdown(diffOf(fortyTwoLinks(), fortyTwoLinks(change)));
    const lines = listed(markdown);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(most);
    expect(new Set(lines).size).toBe(lines.length);
    // Numbers and peers aside, no sentence is said twice.
    const shapes = lines.map((line) => line.replace(/city-[a-l]|\d+/g, ""));
    expect(new Set(shapes).size).toBe(shapes.length);
    for (const [, folded = ""] of markdown.matchAll(/```diff\n([\s\S]*?)\n```/g)) {
      const heads = folded.split("\n").filter((line) => /^[+!-] \S/.test(line));
      expect(new Set(heads).size).toBe(heads.length);
    }
  });

  test("of a new version counts the peers and the connections in one line", () => {
    const markdown = formatDiffMarkdown(diffOf(fortyTwoLinks(), fortyTwoLinks({ version: "1.64.0" })));
    expect(listed(markdown)).toEqual([
      expect.stringMatching(
        /^- 12 peers restart, 1\.63\.2 -&gt; 1\.64\.0 \(.*\); their 42 connections break while an end restarts\.$/,
      ),
    ]);
  });
});

describe("what is folded in the comment", () => {
  const folded = (base: string, head: string) =>
    [...formatDiffMarkdown(diffOf(base, head)).matchAll(/<summary>(.*)<\/summary>\n\n```diff\n([\s\S]*?)\n```/g)].map(
      ([, title = "", body = ""]) => ({ title, lines: body.split("\n") }),
    );

  test("has objects of several clusters that change alike in one line, with their number", () => {
    const sections = folded(fortyTwoLinks(), fortyTwoLinks({ version: "1.64.0" }));
    expect(sections.filter(({ title }) => title.startsWith("Objects in "))).toEqual([
      {
        title: "Objects in 12 clusters: 12 to change",
        lines: [
          "! change 12 BigPeers: ditto/city-a in city-a, ditto/city-b in city-b, ditto/city-c in city-c, ditto/city-d in city-d, ditto/city-e in city-e and 7 more",
          "    spec.version: 1.63.2 -> 1.64.0",
        ],
      },
    ]);
  });

  test("names an object once that is called the same in all clusters, and keeps what one cluster alone has apart", () => {
    const without = fortyTwoLinks().replace(/^replications:[\s\S]*/m, "");
    const mesh = `{ app: shop, mesh: [${cities.slice(0, 4).join(", ")}], queries: { orders: ["total > 100"] } }`;
    const sections = folded(without, `${without}replications:\n  backbone: ${mesh}\n`);
    const lines = sections.flatMap((section) => section.lines);
    expect(lines).toContain("+ add fields to 3 ConfigMaps ingress-nginx/tcp-services in city-b, city-c, city-d");
    const heads = lines.filter((line) => /^[+!-] \S/.test(line)).map((line) => line.replace(/city-[a-l]|\d+/g, ""));
    const objects = heads.filter((line) => /BigPeer|ConfigMap|Service|Secret/.test(line));
    expect(new Set(objects).size).toBe(objects.length);
  });
});

test.each([commentLimit, 20_000, 3_000, 300])("for 200 sites the comment is never over %d characters", (limit) => {
  const names = Array.from({ length: 200 }, (_, index) => `site-${index}`);
  const base = star(names, { names });
  for (const head of [star(names, { names, query: "valid = false" }), base.replaceAll("1.63.2", "1.64.0")]) {
    const markdown = formatDiffMarkdown(diffOf(base, head), { limit });
    expect(markdown.length).toBeLessThanOrEqual(limit);
    if (limit >= 3_000) expect(markdown).toMatch(/receive other documents|200 peers restart/);
    if (limit >= 20_000) expect(markdown).toMatch(/Objects in (?:199|200) clusters/);
  }
});

describe("a finding", () => {
  const finding = (what: string) => new Finding(live.portMoved, { path: ["replications", "r"], what, fix: "none" });
  const changes = (before: string, after: string) => {
    const { new: added, gone, changed } = findingChanges([finding(before)], [finding(after)]);
    return [added.length, gone.length, changed.length];
  };

  test("whose number alone has changed is neither new nor gone", () => {
    expect(changes("11 peers dial one port", "12 peers dial one port")).toEqual([0, 0, 1]);
  });

  test.each([
    ['"bp1" dials nobody', '"bp2" dials nobody'],
    ["bp1 dials nobody", "bp2 dials nobody"],
    ["one text", "another text"],
  ])("about something else is new: %s, %s", (before, after) => {
    expect(changes(before, after)).toEqual([1, 1, 0]);
  });
});
