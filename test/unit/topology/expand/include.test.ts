import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFile, checkSource } from "../../../../topology/check.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

const root = `environment: development
include: [regions]
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: "color = 'blue'" } }
`;
const east = `clusters:
  east: { ingress: { host: bp.east.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
`;
const west = east.replaceAll("east", "west").replace("bp1", "bp2");
const files = { "topology.yaml": root, "regions/east.yaml": east, "regions/west.yaml": west };

const found = (texts: Readonly<Record<string, string>>) =>
  checkSource(sourceOf(texts)).findings.map(
    ({ rule, what, location }) => `${location?.file}:${location?.line} ${rule} ${what}`,
  );

test("several files are one topology, and each finding is in the file that it is about", () => {
  expect(found(files)).toEqual([]);
  const { plan } = checkSource(sourceOf(files));
  expect([...(plan?.peers.keys() ?? [])]).toEqual(["bp1", "bp2"]);
  expect(found({ ...files, "regions/west.yaml": west.replace("1.63.2", "v1.63.2") })).toEqual([
    "regions/west.yaml:4 bad-value is not a version such as 1.63.2",
  ]);
  expect(found({ ...files, "regions/west.yaml": west.replace("cluster: west", "cluster: wst") })).toContainEqual(
    'regions/west.yaml:4 unknown-reference names the cluster "wst", which is not declared',
  );
  expect(found({ ...files, "regions/west.yaml": `${west}appz: {}\n` })).toEqual([
    'regions/west.yaml:5 unknown-key "appz" is not a key of a topology',
  ]);
});

test("a comment turns a finding down in the file that it is in, and nowhere else", () => {
  const open = east.replace("version: 1.63.2", "version: 1.63.2, evicts: [cars]");
  const ignored = open.replace("  bp1:", "  # bigpeer-ignore release-unsaid: x\n  bp1:");
  const rules = (text: string) => checkSource(sourceOf({ ...files, "regions/east.yaml": text })).findings;
  expect(rules(open).map(({ rule }) => rule)).toContain("unbound-in-time");
  expect(rules(ignored).map(({ rule, location }) => `${location?.file} ${rule}`)).toContain(
    "regions/east.yaml unused-ignore",
  );
});

describe("what is said twice names both places", () => {
  test("a name", () => {
    expect(found({ ...files, "regions/west.yaml": west.replace("bp2", "bp1") })).toEqual([
      "regions/west.yaml:4 duplicate-name is declared twice, first at regions/east.yaml:4:3",
    ]);
  });

  test("a key of the topology", () => {
    expect(found({ ...files, "regions/west.yaml": `environment: production\n${west}` })).toEqual([
      "regions/west.yaml:1 set-twice is set twice, first at topology.yaml:1:1",
    ]);
  });

  test("a default", () => {
    const defaults = "defaults: { peers: { readyTimeout: 30 } }\n";
    expect(found({ ...files, "regions/west.yaml": defaults + west, "regions/east.yaml": defaults + east })).toEqual([
      "regions/west.yaml:1 set-twice is set twice, first at regions/east.yaml:1:22",
    ]);
  });
});

describe("an include that cannot be followed is refused where it stands", () => {
  test.each<[what: string, texts: Readonly<Record<string, string>>, expected: string]>([
    [
      "a circle",
      { ...files, "regions/east.yaml": `include: ../topology.yaml\n${east}` },
      "regions/east.yaml:1 wrong-include includes itself: topology.yaml -> regions/east.yaml -> topology.yaml",
    ],
    [
      "a file twice",
      { ...files, "topology.yaml": root.replace("[regions]", "[regions, regions/west.yaml]") },
      "topology.yaml:2 wrong-include regions/west.yaml is included twice, at topology.yaml:2:11 before",
    ],
    [
      "a file that is not there",
      { ...files, "topology.yaml": root.replace("[regions]", "[regions, north.yaml]") },
      "topology.yaml:2 unreadable north.yaml cannot be read: there is none",
    ],
    [
      "a file outside of the repository",
      { ...files, "topology.yaml": root.replace("[regions]", "[regions, ../other.yaml]") },
      "topology.yaml:2 wrong-include ../other.yaml is outside the repository",
    ],
    [
      "a file by its place on this machine",
      { ...files, "topology.yaml": root.replace("[regions]", "[regions, /etc/passwd]") },
      "topology.yaml:2 wrong-include /etc/passwd is outside the repository",
    ],
    [
      "a file that is not YAML",
      { ...files, "regions/west.yaml": "peers: {" },
      "regions/west.yaml:1 not-yaml is not valid YAML:",
    ],
  ])("%s", (_, texts, expected) => {
    expect(found(texts).join("\n")).toContain(expected);
  });
});

describe("on disk", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "bigpeer-include-"));
    mkdirSync(join(directory, "repository/regions"), { recursive: true });
    writeFileSync(join(directory, "repository/Pulumi.yaml"), "name: fleet\n");
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, "repository", name), text);
    writeFileSync(join(directory, "elsewhere.yaml"), "peers: {}\n");
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test("a folder's files are read from beside the file that names it", () => {
    expect(checkFile(join(directory, "repository/topology.yaml")).plan?.peers.size).toBe(2);
  });

  test("a symbolic link does not lead out of the repository", () => {
    symlinkSync(join(directory, "elsewhere.yaml"), join(directory, "repository/regions/linked.yaml"));
    const { findings } = checkFile(join(directory, "repository/topology.yaml"));
    expect(findings.map(({ rule, what }) => `${rule} ${what}`)).toEqual([
      expect.stringMatching(/^wrong-include .*linked\.yaml leads out of the repository$/),
    ]);
  });
});
