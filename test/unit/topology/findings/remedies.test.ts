import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";

const guide = readFileSync("topologies/dev.yaml", "utf8");
const clusters = readFileSync("topologies/two-clusters.yaml", "utf8");
const apart = clusters.replace("    ingress: { ports: 4040-4139, manage: arguments }\n", "    namespace: ditto\n");

const fixesOf = (text: string) => checkSource(parseSource("t.yaml", text)).findings.map(({ fix }) => fix);

/** What is advised in the guide's example after an edit. */
function fixesAfter(from: string, to: string): string[] {
  expect(guide).toContain(from);
  return fixesOf(guide.replace(from, to));
}

describe("what to write instead", () => {
  test.each<[mistake: string, edit: [from: string, to: string], fix: string]>([
    [
      "a number for a name",
      ["cluster: dev, version: 1.63.2 }", "cluster: 1, version: 1.63.2 }"],
      'write it in quotes: "1"',
    ],
    ["true without quotes", [`["color = 'red'"]`, "true"], 'write it in quotes: "true"'],
    ["a port in quotes", ["to: bp2,", 'to: bp2, port: "4100",'], "remove the quotes: 4100"],
    [
      "a version of two numbers",
      ["version: 1.63.2 }", "version: 1.63 }"],
      "write three numbers, in full: `version: 1.63.2`",
    ],
    ["several receivers", ["to: bp2", "to: [bp2, bp3]"], "for several write `hub: bp1`"],
    ["a query as a mapping", [`["color = 'red'"]`, "{ color: red }"], "write a DQL predicate in quotes"],
    [
      "a section with nothing in it",
      ["environment: development", "environment: development\nconfirmRemoval:"],
      "or remove `confirmRemoval`",
    ],
    [
      "an ID without dashes",
      ["2164bef3-37c0-489c-9ac6-c94b034525d7", "2164bef337c0489c9ac6c94b034525d7"],
      "write 2164bef3-37c0-489c-9ac6-c94b034525d7",
    ],
    [
      "an ID in braces",
      ["2164bef3-37c0-489c-9ac6-c94b034525d7", '"{2164BEF3-37C0-489C-9AC6-C94B034525D7}"'],
      "write 2164BEF3-37C0-489C-9AC6-C94B034525D7",
    ],
    [
      "a key of a mapping below",
      ["version: 1.63.2 }", "version: 1.63.2, storage: 10Gi }"],
      "it belongs in `store`: `store: { storage: … }`",
    ],
    [
      "a key of a mapping two below",
      ["peers: [bp1, bp2] }", "peers: [bp1, bp2], permissions: {} }"],
      "`auth: { playground: { permissions: … } }`",
    ],
    ["a key of another section", ["to: bp2,", "to: bp2, cluster: dev,"], "it is a key of the entries of `peers`"],
    ["another program's word", ["from: bp1", "source: bp1"], "write `from`"],
    ["the operator's word", [`queries: { cars: ["color = 'red'"] }`, "queriesByCollection: {}"], "write `queries`"],
    [
      "a direction as a flag",
      ["to: bp2,", "to: bp2, bidirectional: true,"],
      "write `between: [a, b]` for both directions",
    ],
    ["an address", ["to: bp2,", "to: bp2, connections: [],"], "addresses are planned"],
    ["the operator's providers", ["{ playground: {} }", "{ providers: {} }"], "in place of the operator's providers"],
    ["three equals signs", ["color = 'red'", "color === 'a==b'"], "write \"color = 'a==b'\""],
    ["an operator of JavaScript", ["color = 'red'", "color = 'red' && sold"], "write AND"],
    ["quotes of a word processor", ["color = 'red'", "color = ‘red’"], "write straight quotes"],
    ["a name with an accent", ["  red-cars:", "  Älter-cars:"], 'rename it, for example to "alter-cars"'],
  ])("of %s", (_, edit, fix) => {
    expect(fixesAfter(...edit).join("\n")).toContain(fix);
  });

  test("of a query that is cut off by a mapping without braces", () => {
    expect(fixesAfter(`queries: { cars: ["color = 'red'"] }`, "queries: cars: true")[0]).toContain("braces of its own");
  });
});

describe("a pair that cannot connect as it is dialled", () => {
  test.each<[form: string, from: string, to: string, fix: string]>([
    ["one-way", "dial: to, ", "", "dial: to"],
    ["between", "x", "x", "dial: bp2"],
  ])("%s: what is advised makes it connect", (form, from, to, dial) => {
    const text = apart.replace(from, to);
    const fixes = fixesOf(text).filter((fix) => fix.startsWith(`write \`${dial}\``));
    expect(fixes).toHaveLength(1);
    const line = form === "between" ? "between: [bp1, bp2]" : "to: bp2";
    expect(fixesOf(text.replace(line, `${line}, ${dial}`))).not.toContain(fixes[0]);
  });

  test("where the other side cannot be dialled either, only an exposure helps", () => {
    const neither = apart.replace(/ingress: \{ host.*/, "namespace: ditto");
    expect(fixesOf(neither).every((fix) => !fix.includes("dial"))).toBe(true);
    expect(fixesOf(neither).join()).toContain("add an `exposure`");
  });
});
