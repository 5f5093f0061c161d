import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { stacksOfTopology } from "../../../cli/stacks/environment-stacks.ts";
import { missingStackLines, neededStacks } from "../../../cli/stacks/missing-stacks.ts";
import { planWithStacks } from "../../../cli/stacks/plan-with-stacks.ts";
import { checkFile, loadPlan } from "../../../topology/check.ts";

let project: string;
let file: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "missing-stacks-"));
  file = join(project, "shop.yaml");
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function declare(clusters: string, names: readonly string[]): void {
  const peers = names.map((name) => `  bp-${name}: { cluster: ${name}, version: 1.63.2 }`).join("\n");
  writeFileSync(file, `clusters:\n${clusters}\npeers:\n${peers}\n`);
}

/** Runs the printed lines with a `pulumi` that does nothing. */
function run(lines: readonly string[]): void {
  for (const line of lines) execFileSync("sh", ["-c", `pulumi() { :; }; ${line}`], { cwd: project });
}

test.each([
  ["that are named by the clusters", "  east: { stack: e }\n  west: { stack: w }", ["east", "west"], ["e", "w"]],
  ["one where no cluster names one", "  east: {}\n  west: {}", ["east", "west"], ["shop"]],
  ["those of named and unnamed clusters", "  east: { stack: e }\n  west: {}", ["east", "west"], ["e", "shop"]],
])("the printed lines make the stacks %s, so that each cluster has one owner", (_, clusters, names, stacks) => {
  declare(clusters, names);
  expect(() => neededStacks(file, project)).toThrow(/no stack of this project uses .*shop\.yaml\. Run this/);
  run(missingStackLines(file, project, []));
  expect(stacksOfTopology(file, project)).toEqual(stacks);
  expect(missingStackLines(file, project, stacks)).toEqual([]);
  const owners = [
    ...planWithStacks(loadPlan(file).plan, file, project, {
      stack: undefined,
      kubeconfig: undefined,
    }).clusters.values(),
  ];
  expect(owners.map(({ stack }) => stack)).toEqual(stacks.length === 1 ? ["shop", "shop"] : stacks);
});

test("one line makes many stacks", () => {
  const names = Array.from({ length: 200 }, (_, index) => `site-${index}`);
  declare(names.map((name) => `  ${name}: { stack: ${name} }`).join("\n"), names);
  const lines = missingStackLines(file, project, []);
  expect(lines).toHaveLength(1);
  run(lines);
  expect(stacksOfTopology(file, project).sort()).toEqual([...names].sort());
});

test("only what is missing is offered, and a topology with errors is offered one stack", () => {
  declare("  east: { stack: e }\n  west: { stack: w }", ["east", "west"]);
  writeFileSync(join(project, "Pulumi.e.yaml"), "config:\n  bigpeer:topology: shop.yaml\n");
  const lines = missingStackLines(file, project, neededStacks(file, project));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/> Pulumi\.w\.yaml && pulumi stack init w$/);
  run(lines);
  expect(parse(readFileSync(join(project, "Pulumi.w.yaml"), "utf8"))).toEqual({
    config: { "bigpeer:topology": "shop.yaml" },
  });
  writeFileSync(file, "clusters: nothing\n");
  expect(checkFile(file).plan).toBeUndefined();
  expect(missingStackLines(file, project, [])[0]).toContain("pulumi stack init shop");
});

test("nothing is missing where the topology names no stack and one of another name runs it", () => {
  declare("  east: {}\n  west: {}", ["east", "west"]);
  writeFileSync(join(project, "Pulumi.dev.yaml"), "config:\n  bigpeer:topology: shop.yaml\n");
  expect(missingStackLines(file, project, neededStacks(file, project))).toEqual([]);
});

test("a kubeconfig that was named once is that of every cluster without one of its own", () => {
  declare("  east: { kubeconfig: own }\n  west: {}", ["east", "west"]);
  const { clusters } = planWithStacks(loadPlan(file).plan, file, project, { stack: "dev", kubeconfig: "given" });
  expect([...clusters.values()].map(({ stack, kubeconfig }) => [stack, kubeconfig])).toEqual([
    ["dev", "own"],
    ["dev", "given"],
  ]);
});
