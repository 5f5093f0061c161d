import { expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";

const rulesOf = (text: string) =>
  checkSource(parseSource("topology.yaml", text))
    .findings.filter(({ severity }) => severity === "error")
    .map(({ rule, location }) => `${location?.line} ${rule}`);

const good = `clusters:
  dev: {}
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;

test("what the schema refuses does not hide what the rules find elsewhere", () => {
  const bad = good.replace("2164bef3-37c0", "2164bef3-37g0").replace("[bp1, bp2], queries", "[bp1, bp9], queries");
  expect(rulesOf(bad)).toEqual(["7 app-id", "9 unknown-reference"]);
});

test("an entry with a refused key is not judged by what is left of it", () => {
  expect(rulesOf(good.replace("queries:", "query:"))).toEqual(["9 unknown-key"]);
});

test("an entry that is unusable as a whole makes no false findings where it is referred to", () => {
  expect(rulesOf(good.replace("bp1: { cluster: dev, version: 1.63.2 }", "bp1: 7"))).toEqual(["4 wrong-type"]);
});
