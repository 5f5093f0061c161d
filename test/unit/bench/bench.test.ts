import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bareObjects, writeFiles } from "../../../bench/bare-objects.ts";
import { type Figure, inTurn, judge, median } from "../../../bench/figure.ts";
import { describeMachine } from "../../../bench/machine.ts";
import { markdown } from "../../../bench/report.ts";
import { fleet, hubAndSpokes, ringOfPairs } from "../../../bench/topologies.ts";
import { checkSource } from "../../../topology/check.ts";
import { parseSource } from "../../../topology/file/source.ts";
import { clusterManifests } from "../../../topology/objects/cluster-manifests.ts";

const figure: Figure = {
  part: "preview",
  name: "a preview",
  unit: "ms",
  subject: { name: "ours", values: [130, 110, 120] },
  floor: { name: "theirs", values: [90, 100, 110] },
};

function planOf(topology: string) {
  const { plan, findings } = checkSource(parseSource("topology.yaml", topology));
  if (!plan) throw new Error(findings[0]?.what);
  return { plan, findings };
}

describe("the topologies that are measured", () => {
  test.each([
    ["a ring", ringOfPairs(50, "only"), 50, 50],
    ["a fleet", fleet(2), 100, 1000],
    ["a hub", hubAndSpokes(9), 10, 1],
  ])("%s is as large as its figure says, and nothing is found in it", (_, topology, peers, replications) => {
    const { plan, findings } = planOf(topology);
    expect(findings).toEqual([]);
    expect([plan.peers.size, plan.replications.size]).toEqual([peers, replications]);
  });

  test("50 peers in pairs are 200 custom resources", () => {
    const { plan } = planOf(ringOfPairs(50, "only"));
    const { group } = plan.operator;
    const custom = clusterManifests(plan, "only").filter(
      ({ role, manifest }) => role === "object" && manifest.apiVersion.startsWith(group),
    );
    expect(custom).toHaveLength(200);
  });

  test("kubectl gets every object once, with what a patch adds to it", async () => {
    const objects = await bareObjects(planOf(ringOfPairs(3, "only")).plan, "only");
    const folder = mkdtempSync(join(tmpdir(), "bench-files-"));
    try {
      writeFiles(objects, folder);
      expect(readdirSync(folder)).toHaveLength(objects.filter(({ role }) => role === "object").length);
      const peer: unknown = JSON.parse(readFileSync(join(folder, "bigpeer-p0000.json"), "utf8"));
      expect(peer).toMatchObject({
        spec: {
          version: "1.63.2",
          auth: { trustedCASecrets: [{ name: "p0000-trusts-p0001" }, { name: "p0000-trusts-p0002" }] },
        },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a figure", () => {
  test("is judged by medians", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(judge({ ...figure, bar: { ratio: 1.2 } })).toMatchObject({ ratio: 1.2, reached: true });
    expect(judge({ ...figure, bar: { ratio: 1.1 } }).reached).toBe(false);
  });

  test("needs both its limit and its ratio", () => {
    expect(judge({ ...figure, bar: { limit: 119, ratio: 2 } }).reached).toBe(false);
    expect(judge({ ...figure, bar: { limit: 120, ratio: 2 } }).reached).toBe(true);
  });

  test("without a bar is only shown", () => {
    expect(judge(figure).reached).toBeUndefined();
  });
});

test("what is compared runs in turn, every other round backwards", async () => {
  const order: string[] = [];
  const run = (name: string) => async () => {
    order.push(name);
    return order.length;
  };
  expect(await inTurn(3, { a: run("a"), b: run("b") })).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
  expect(order.join("")).toBe("abbaab");
});

test("a report says which bar was missed, and neither whose machine it was nor where", () => {
  const judged = judge({ ...figure, bar: { ratio: 1.1 } });
  const report = { machine: describeMachine(0), quick: false, figures: [judged], missing: [] };
  expect(markdown(report)).toMatch(/a preview .* 120 ms \(110-130, 3\) .* 1\.20x .* <= 1\.1x .* NO/);
  for (const text of [markdown(report), JSON.stringify(report)])
    for (const own of [hostname(), homedir(), process.cwd()]) expect(text).not.toContain(own);
});
