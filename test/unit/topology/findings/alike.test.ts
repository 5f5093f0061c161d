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

test("ports that clash on one controller are told once with the command that settles all, and a pinned one by itself", () => {
  const text = `clusters: { dc: { ingress: { host: dc.example.com, ports: 4040-4069 } }, shop: { inbound: none } }
peers: { hub: { cluster: dc, version: 1.63.2 }, till: { cluster: shop, version: 1.63.2 } }
apps: { pos: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, till] } }
replications:
${Array.from({ length: 20 }, (_, i) => `  r${i}: { app: pos, between: [hub, till], queries: { c${i}: "a = 1" } }\n`).join("")}
  pinned: { app: pos, between: [hub, till], port: { hub: 9000 }, queries: { pinned: "a = 1" } }
`;
  const { findings } = checkSource(parseSource("t.yaml", text));
  const clashes = findings.filter(({ rule }) => rule === "port-clash");
  const told = findingTexts(clashes);

  expect(clashes.length).toBeGreaterThan(5);
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/`npx bigpeer pin t\.yaml` writes all of them/);
  expect(told[0]).toContain(`the same at ${clashes.length - 2} other places: replications.r`);
  expect(told[1]).toContain("port 9000 is outside the controller's range 4040-4069");
});
