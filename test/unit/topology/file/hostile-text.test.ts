import { describe, expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";

const judge = (text: string) => checkSource(parseSource("topology.yaml", text));
const lines = (line: (index: number) => string, count: number) => Array.from({ length: count }, (_, i) => line(i));
/** Far more than any of these needs on a busy machine, far less than the many minutes that each once took. */
const patience = { timeout: 120_000 };

describe("a text that nobody would write", () => {
  test("an alias of the value that it is in is found where it stands, and not followed", () => {
    const text =
      "clusters: { dev: {} }\npeers:\n  bp1: { cluster: dev, version: 1.63.2, spec: &all { again: *all } }\n";
    const { findings } = judge(text);
    expect(findings.map(({ rule, location }) => [rule, location?.line])).toEqual([["not-yaml", 3]]);
    expect(findings[0]?.what).toMatch(/^\*all is an alias inside the value that it repeats/);
  });

  test("a number and a text that become one key are one key twice", () => {
    const { findings } = judge('clusters: { 1: { namespace: a }, "1": { namespace: b } }\npeers: {}\n');
    expect(findings.map(({ rule, path }) => [rule, path])).toEqual([["duplicate-name", ["1"]]]);
  });

  test.each(["!!binary bnVsbA==", "clusters: !!set { a, b }", "peers: !!omap [a: 1]"])(
    "a tag is refused: %s",
    (text) => {
      expect(judge(text).findings.map(({ rule }) => rule)).toEqual(["not-yaml"]);
    },
  );

  test("a mapping where a word belongs is found, also one that looks like a program's object", () => {
    const { findings } = judge("environment: { toString: development }\nclusters: {}\npeers: {}\n");
    expect(findings.map(({ path }) => path)).toEqual([["environment"]]);
  });

  test("a file of more than four mebibytes is refused unparsed, one that is nearly as large is judged", () => {
    const padded = (size: number) => `clusters: {}\npeers: {}\n#${"x".repeat(size)}\n`;
    expect(judge(padded(4 * 1024 * 1024)).findings.map(({ rule }) => rule)).toEqual(["unreadable"]);
    expect(judge(padded(4 * 1024 * 1024 - 100)).findings.map(({ rule }) => rule)).toEqual([]);
  });

  test.each([
    ["aliases", `one: &one 1\nmany: [${"*one, ".repeat(20_000)}]\n`],
    ["unknown keys", lines((index) => `k${index}: 1`, 20_000).join("\n")],
    ["anchors", lines((index) => `k${index}: &a${index} 1`, 20_000).join("\n")],
    ["comments", `${"# bigpeer-ignore x: y\n".repeat(20_000)}clusters: {}\npeers: {}\n`],
  ])("twenty thousand %s are judged in time", patience, (_, text) => {
    expect(judge(text).findings.length).toBeGreaterThan(0);
  });
});
