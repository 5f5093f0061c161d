import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { jsonSchemaText } from "../../../../topology/file/json-schema.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { Finding, formatFindings, formatPath } from "../../../../topology/findings/finding.ts";
import { live } from "../../../../topology/rules/live.ts";

const good = readFileSync("topologies/dev.yaml", "utf8");

/** What is found in the guide's example after an edit: rule, path, and the words at the place that it points to. */
function findingsAfter(...edits: [from: string, to: string][]) {
  const text = edits.reduce((before, [from, to]) => {
    expect(before).toContain(from);
    return before.replace(from, to);
  }, good);
  const lines = text.split("\n");
  return checkSource(parseSource("dev.yaml", text)).findings.map(({ rule, path, location }) => {
    const at = lines[(location?.line ?? 0) - 1]?.slice((location?.column ?? 0) - 1) ?? "";
    return [rule, formatPath(path), at.slice(0, 12)];
  });
}

describe("a mistake is found where it stands", () => {
  test.each<[what: string, edit: [string, string], expected: string[][]]>([
    ["not YAML", ["clusters:", "clusters: ]"], [["not-yaml", "", "]"]]],
    [
      "an unknown key",
      ["cluster: dev, version: 1.63.2 }", "cluster: dev, version: 1.63.2, verson: 1 }"],
      [["unknown-key", "peers.bp2.verson", "verson: 1 }"]],
    ],
    [
      "a peer that is not declared",
      ["between: [bp1, bp2]", "between: [bp1, bp3]"],
      [["unknown-reference", "replications.blue-cars.between[1]", "bp3], querie"]],
    ],
    [
      "an app that is not declared",
      ["{ app: cars, between", "{ app: car, between"],
      [["unknown-reference", "replications.blue-cars.app", "car, between"]],
    ],
    ["a malformed UUID", ["2164bef3-37c0", "2164bef3-37g0"], [["app-id", "apps.cars.id", "2164bef3-37g"]]],
    ["an empty query", ["color = 'blue'", ""], [["empty-query", "replications.blue-cars.queries.cars[0]", '""] } }']]],
    [
      "a missing version",
      ["bp2: { cluster: dev, version: 1.63.2 }", "bp2: { cluster: dev }"],
      [["missing-key", "peers.bp2.version", "bp2: { clust"]],
    ],
    ["two peers of one name", ["  bp2: {", "  bp1: {"], [["duplicate-name", "bp1", "bp1: { clust"]]],
    [
      "one peer twice in a replication",
      ["from: bp1, to: bp2", "from: bp1, to: bp1"],
      [["self-replication", "replications.red-cars.to", "bp1, queries"]],
    ],
    [
      "a peer that does not serve the app",
      ["peers: [bp1, bp2] }\n\nrepl", "peers: [bp1] }\n\nrepl"],
      [
        ["app-not-served", "replications.blue-cars.between[1]", "bp2], querie"],
        ["app-not-served", "replications.red-cars.to", "bp2, queries"],
      ],
    ],
    [
      "a name that is no DNS label",
      ["  blue-cars:", "  Blue_Cars:"],
      [["name-not-dns", "replications.Blue_Cars", "Blue_Cars: {"]],
    ],
    [
      "two forms in one replication",
      ["from: bp1, to: bp2", "from: bp1, to: bp2, mesh: [bp1, bp2]"],
      [["replication-form", "replications.red-cars", "red-cars: { "]],
    ],
    [
      "a replication without queries",
      [", queries: { cars: [\"color = 'red'\"] }", ""],
      [["nobody-subscribes", "replications.red-cars", "red-cars: { "]],
    ],
  ])("%s", (_, edit, expected) => {
    expect(findingsAfter(edit)).toEqual(expected);
  });

  test("a name too long for the Service that it makes, with the number of characters to save", () => {
    const long = "a-replication-with-quite-a-long-name-indeed";
    const { findings } = checkSource(parseSource("dev.yaml", good.replace("blue-cars", long)));
    expect(findings.map(({ rule, fix }) => [rule, fix.replace(/\D+/g, " ").trim()])).toEqual([
      ["name-too-long", "1 6"],
      ["name-too-long", "2 6"],
    ]);
  });
});

test("all mistakes are reported at once, each with file, line, path, reason and fix", () => {
  const text = good.replace("between: [bp1, bp2]", "between: [bp1, bp9]").replace("  red-cars:", "  Red Cars:");
  const { findings, plan } = checkSource(parseSource("dev.yaml", text));
  expect(plan).toBeUndefined();
  const printed = formatFindings(findings);
  expect(printed).toContain("dev.yaml:17:42 error unknown-reference  replications.blue-cars.between[1]: ");
  expect(printed).toContain("dev.yaml:18:3 error name-not-dns  ");
  expect(printed.match(/^ {2}why: ./gm)).toHaveLength(2);
  expect(printed.match(/^ {2}fix: ./gm)).toHaveLength(2);
});

test("names that every object inherits refer to nothing", () => {
  const { findings } = checkSource(
    parseSource("dev.yaml", good.replace("between: [bp1, bp2]", "between: [bp1, constructor]")),
  );
  expect(findings.map(({ rule }) => rule)).toEqual(["unknown-reference"]);
});

test("aliases that multiply are refused before they take all memory", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ..."bcdefgh".split("").map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`),
  ].join("\n");
  const { findings } = checkSource(parseSource("bomb.yaml", bomb));
  expect(findings.map(({ rule }) => rule)).toEqual(["unreadable"]);
});

test("the JSON Schema for editors is current (npm run generate)", () => {
  expect(readFileSync("topology.schema.json", "utf8")).toBe(jsonSchemaText());
});

// What takes exponential time runs into the time limit of the test.
test("nesting that would exhaust the parser is refused, and a row of dashes does not stall the check", () => {
  const rule = (text: string) => checkSource(parseSource("deep.yaml", text)).findings.map((finding) => finding.rule);
  expect(rule(`a:\n${"- ".repeat(100)}x\n`)).toEqual(["unreadable"]);
  expect(rule(`a: ${"[".repeat(100)}${"]".repeat(100)}\n`)).toEqual(["unreadable"]);
  expect(rule(`clusters: {}\npeers: {}\n# ${"- ".repeat(60)}\nb:\n${"-  ".repeat(60)}x\n`)).toEqual(["unknown-key"]);
});

test("what a file holds cannot rule the terminal that its findings are shown on", () => {
  const names = `clusters: { "\\e[31mdev": {} }\npeers: { "a\\nb": { cluster: "\\u202edev", version: 1.63.2, "\u001b[2J": 1 } }\n`;
  const printed = formatFindings(checkSource(parseSource("t.yaml", names)).findings);
  expect(printed).toContain("\\u001b[31mdev");
  expect(printed).toContain("peers.a\\nb");
  expect(printed.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
});

test("the mark stays under its place behind wide characters and accents", () => {
  const text = good.replace("color = 'blue'\"] }", "color = '青い' AND e\u0301tat = 1\"] }, dail: bp1");
  const lines = formatFindings(checkSource(parseSource("t.yaml", text)).findings).split("\n");
  const marked = lines.find((line) => line.includes("^"))?.split("^")[0] ?? "";
  expect(marked.match(/\u3000/g)).toHaveLength(2);
  const before = lines.find((line) => line.includes("dail: bp1"))?.split("dail")[0] ?? "";
  expect(marked.length).toBe(before.length - 1);
});

describe("a finding has the severity that its rule's description says", () => {
  const details = { path: ["clusters", "dev"], what: "cannot be read", fix: "look" };

  test("and its reason, where it gives none of its own; with its place it is the same finding", () => {
    const finding = new Finding(live.contractUnchecked, details);
    expect(finding).toMatchObject({ rule: "contract-unchecked", severity: "warning", why: live.contractUnchecked.why });
    const placed = finding.with({ location: { file: "t.yaml", line: 2, column: 1 } });
    expect(placed).toMatchObject({ rule: "contract-unchecked", severity: "warning", location: { line: 2 } });
  });

  test("which nothing but its constructor can give it: the compiler refuses a literal and a copy", () => {
    const { rule, severity, path, what, why, fix, location, excerpt } = new Finding(live.contractUnchecked, details);
    const literal = { rule, severity, path, what, why, fix, location, excerpt, with: () => finding };
    // @ts-expect-error A literal of the same form is no finding.
    const finding: Finding = literal;
    // @ts-expect-error Neither is a copy with another severity.
    const copy: Finding = { ...new Finding(live.contractUnchecked, details), severity: "error" };
    expect([finding, copy].some((each) => each instanceof Finding)).toBe(false);
  });
});
