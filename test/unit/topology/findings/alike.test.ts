import { expect, test } from "vitest";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { findingTexts, formatFindings } from "../../../../topology/findings/finding.ts";
import { refusals } from "../../../../topology/render/refusals.ts";
import { sites } from "../../../support/large-topologies.ts";

const missing = (peers: number) =>
  refusals(planText(sites(peers, "hub")).plan, { certificates: new Map(), undeployed: new Set() });

test("what many entries lack is told once, with some of the others and their number", () => {
  const texts = findingTexts(missing(12));
  expect(missing(12)).toHaveLength(12);
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatch(
    /^error render-ca {2}peers\.bp-site-1: is trusted by .*, but its CA certificate is not given\n/,
  );
  expect(texts[0]).toMatch(
    /\n {2}also: the same at 11 other places: peers\.bp-site-2, peers\.bp-site-3, .* and 6 more$/,
  );
  expect(formatFindings(missing(12))).toMatch(/\n\n12 errors$/);
});

test("a few are told each, with its own command", () => {
  const texts = findingTexts(missing(3));
  expect(texts).toHaveLength(3);
  for (const text of texts) expect(text).toMatch(/fix: .*kubectl --context site-\d /);
});

test("the same sentence at many places is one, and says where the others are", () => {
  const text = (versions: readonly string[]) =>
    `clusters: { east: {} }\npeers:\n${versions.map((version, index) => `  bp${index}: { cluster: east, version: ${version} }\n`).join("")}`;
  const { findings } = checkSource(parseSource("t.yaml", text(["x", "x", "x", "x", "x"])));
  const told = findingTexts(findings.filter(({ severity }) => severity === "error"));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/also: the same at 4 other places: peers\.bp1\.version \(t\.yaml:4\), /);
  expect(told[0]).not.toContain("peers.bp0.version (t.yaml");
});
