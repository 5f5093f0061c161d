/** The options that select a part of the topology: the same in every command that has them. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { pulumiStandIn } from "../../support/pulumi-stand-in.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-selection-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  const shop = readFileSync("topologies/hub-and-edges.yaml", "utf8")
    .replace("centre: {", "centre: { stack: centre, labels: { tier: hub },")
    .replaceAll(/edge-(\d): \{/g, "edge-$1: { stack: edge-$1, labels: { tier: shop },");
  writeFileSync(join(directory, "shop.yaml"), shop);
  for (const stack of ["centre", "edge-1", "edge-2", "edge-3"])
    writeFileSync(join(directory, `Pulumi.${stack}.yaml`), "config:\n  bigpeer:topology: shop.yaml\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function bigpeer(
  args: readonly string[],
  path = directory,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { PATH: path, HOME: directory, NO_COLOR: "1" };
  const child = spawn(process.execPath, [resolve("cli/bigpeer.js"), ...args], { cwd: directory, env });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

const commands: readonly (readonly string[])[] = [
  ["verify", "shop.yaml"],
  ["status", "shop.yaml"],
  ["evict", "shop.yaml"],
  ["check", "shop.yaml", "--live"],
  ["preview", "shop.yaml", "--project", "."],
  ["deploy", "shop.yaml", "--project", "."],
];

describe("a name or label that nothing has is the same error, with what is meant, in", () => {
  test.each(commands)("%s", async (...command) => {
    const { code, stderr } = await bigpeer([...command, "--peer", "shop1", "--label", "teir=shop"]);
    expect(stderr).toBe(
      'error: --peer shop1: the topology has no such peer; did you mean "shop-1"?\n' +
        '--label teir=shop: no cluster or peer has the label "teir"; did you mean "tier"?\n',
    );
    expect(code).toBe(2);
  });
});

test("a file behind these options is taken for a name, which the error says", async () => {
  const { code, stderr } = await bigpeer(["evict", "--peer", "shop-1", "shop.yaml"]);
  expect(stderr).toContain("shop.yaml is a file: write it before the options that select");
  expect(code).toBe(2);
});

const report = z.object({ entries: z.array(z.object({ peer: z.string(), collection: z.string() })) });

test.each<[string[], string[]]>([
  [
    ["--peer", "shop-1", "shop-2"],
    ["shop-1", "shop-2"],
  ],
  [["--label", "tier=hub"], ["hub"]],
  [["--cluster", "edge-3", "--label", "tier=shop"], ["shop-3"]],
  [["--replication", "orders", "--peer", "hub"], ["hub"]],
])("evict %j tells of the peers %j", async (flags, peers) => {
  const { stdout } = await bigpeer(["evict", "shop.yaml", "--json", ...flags]);
  expect([...new Set(report.parse(JSON.parse(stdout)).entries.map(({ peer }) => peer))]).toEqual(peers);
});

test.each<[string[], string[]]>([
  [
    ["--label", "tier=shop"],
    ["edge-1", "edge-2", "edge-3"],
  ],
  [["--peer", "hub", "--cluster", "centre"], ["centre"]],
  [["--replication", "menus", "--label", "tier=hub"], ["centre"]],
])("deploy and preview %j run the stacks %j, and no other", async (flags, stacks) => {
  const pulumi = pulumiStandIn(directory);
  pulumi.says({});
  const path = pulumi.path;
  const run = z.object({ stacks: z.array(z.object({ stack: z.string() })) });
  const deployed = await bigpeer(["deploy", "shop.yaml", "--project", ".", "--json", ...flags], path);
  expect(run.parse(JSON.parse(deployed.stdout)).stacks.map(({ stack }) => stack)).toEqual(stacks);
  const previewed = await bigpeer(["preview", "shop.yaml", "--project", ".", "--json", ...flags], path);
  expect(run.parse(JSON.parse(previewed.stdout)).stacks.map(({ stack }) => stack)).toEqual(stacks);
});

test("check without --live asks no cluster, so there is nothing to select", async () => {
  const { code, stderr } = await bigpeer(["check", "shop.yaml", "--cluster", "centre"]);
  expect(stderr).toMatch(/^error: --cluster, .* select what --live checks: add --live/);
  expect(code).toBe(2);
});
