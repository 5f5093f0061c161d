import { expect, test } from "vitest";
import { formatResult, formatSummary } from "../../../cli/commands/verify.ts";
import { planText } from "../../../topology/check.ts";
import { junitOf } from "../../../verify/junit.ts";
import { planProbes } from "../../../verify/probes.ts";
import type { ProbeResult } from "../../../verify/run.ts";
import { byReplication, progressText, resultTable } from "../../../verify/summary.ts";
import { trustBetween } from "../../../verify/trust-between.ts";

const { plan } = planText(`
clusters: { one: { ingress: { host: one.example.com } }, two: { ingress: { host: two.example.com } } }
peers:
  a: { cluster: one, version: 1.63.2 }
  b: { cluster: two, version: 1.63.2 }
  c: { cluster: two, version: 1.63.2 }
apps:
  cars: { peers: [a, b, c] }
  vans: { peers: [b, c] }
replications:
  far: { app: cars, between: [a, b], queries: { cars: "true" } }
  near: { app: cars, between: [b, c], queries: { cars: "true" } }
  vans: { app: vans, between: [b, c], queries: { vans: "true" } }
`);
const probes = planProbes(plan);

test("the trust between the ends of the selected probes alone is judged", () => {
  const trusting = (isSelected: (probe: (typeof probes)[number]) => boolean) =>
    [...trustBetween(plan, probes.filter(isSelected)).peers.values()].map(
      ({ name, trusts }) => `${name}: ${trusts.map(({ peer }) => peer).join(" ")}`,
    );
  expect(trusting(() => true)).toEqual(["a: b", "b: a c", "c: b"]);
  expect(trusting(({ replication }) => replication === "far")).toEqual(["a: b", "b: a"]);
  expect(trusting(({ app }) => app === "vans")).toEqual(["b: c", "c: b"]);
});

const results = probes.map(
  (probe, index): ProbeResult => ({
    probe,
    passed: probe.replication !== "vans",
    milliseconds: 100 * (index + 1),
    message: probe.replication === "vans" ? 'the API server of "two" <does> not answer' : "arrived",
    next: probe.replication === "vans" ? "kubectl --context two get pods" : undefined,
  }),
);

test("the table has a row for each replication, failures first", () => {
  expect(resultTable(byReplication(results)).split("\n")).toEqual([
    "replication  passed  failed  median  slowest",
    "vans              0       2       -        -",
    "far               2       0  100 ms   200 ms",
    "near              2       0  300 ms   400 ms",
  ]);
});

test("progress says how many are waited for", () => {
  expect(progressText(3, 4, 10)).toBe(
    "3 of 4 probes have ended after 10 s; 1 is still waiting for a document or an answer",
  );
});

test("a failure ends with the next command, and equal ones are counted", () => {
  const failed = results.find(({ passed }) => !passed);
  expect(failed && formatResult(failed)).toMatch(/not answer.*\n {2}.*next:.* kubectl --context two get pods$/);
  const summary = formatSummary({ passed: false, results, leftovers: [], trust: [], notCompared: [], paused: [] });
  expect(summary).toContain('2 probes failed for the same reason: the API server of "two" <does> not answer\n');
  expect(summary).toMatch(/4 of 6 probes passed, 2 failed$/);
});

test("JUnit has a suite for each replication, with failures that no text breaks out of", () => {
  const xml = junitOf({ results, leftovers: ["a \u0007 key"], trust: [], paused: [] });
  expect(xml).toContain('<testsuite name="far" tests="2" failures="0" errors="0" time="0.3">');
  expect(xml).toContain('<testsuite name="vans" tests="2" failures="2"');
  expect(xml).toContain(
    '<failure message="the API server of &quot;two&quot; &lt;does&gt; not answer">kubectl --context two get pods</failure>',
  );
  expect(xml).toContain('<failure message="a \ufffd key">');
});
