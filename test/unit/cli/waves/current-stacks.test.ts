import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { currentStacks } from "../../../../cli/waves/current-stacks.ts";
import type { LastUpdate } from "../../../../engine/last-update.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "current-"));
  mkdirSync(join(directory, "topologies"));
  writeFileSync(join(directory, "topologies/shop.yaml"), "clusters: {}\npeers: {}\n");
  for (const stack of ["a", "b"]) writeFileSync(join(directory, `Pulumi.${stack}.yaml`), "config: {}\n");
  git("init", "--quiet");
  commit();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function git(...args: string[]): string {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", ["-C", directory, ...who, ...args], { encoding: "utf8" }).trim();
}

function commit(): void {
  git("add", "--all");
  git("commit", "--quiet", "--message", "m");
}

function update(stack: string, of: Partial<LastUpdate> = {}, pending: readonly object[] = []): LastUpdate {
  const run = { stack, changes: 0, outputs: { pending }, milliseconds: 0, error: undefined };
  return { commit: git("rev-parse", "HEAD"), run, ...of };
}

async function current(read: (stack: string) => LastUpdate | undefined = update): Promise<string[]> {
  const project = { directory, topology: join(directory, "topologies/shop.yaml") };
  const signal = new AbortController().signal;
  return [
    ...(await currentStacks(["a", "b"], project, { read: async (stack) => read(stack), parallel: 1, signal })).keys(),
  ];
}

test("stacks whose last update was of this commit need nothing", async () => {
  expect(await current()).toEqual(["a", "b"]);
});

test("a stack that was updated from another commit, has something pending, or is not there, may need something", async () => {
  const waits = [{ what: "trust", reason: "missing", next: "pulumi up --stack b" }];
  expect(await current((stack) => (stack === "a" ? update(stack, { commit: "0" }) : update(stack)))).toEqual(["b"]);
  expect(await current((stack) => (stack === "a" ? update(stack, {}, waits) : update(stack)))).toEqual(["b"]);
  expect(await current((stack) => (stack === "a" ? undefined : update(stack)))).toEqual(["b"]);
});

test.each<[string, () => void]>([
  ["a file was changed", () => writeFileSync(join(directory, "topologies/shop.yaml"), "clusters: {}\n")],
  ["a file is new", () => writeFileSync(join(directory, "index.ts"), "")],
  ["there is no repository", () => rmSync(join(directory, ".git"), { recursive: true })],
])("nothing is known where %s", async (_, change) => {
  const known = { a: update("a"), b: update("b") };
  change();
  expect(await current((stack) => (stack === "a" ? known.a : known.b))).toEqual([]);
});

test("nothing is known of a stack that takes values from elsewhere, or whose file git does not know", async () => {
  writeFileSync(join(directory, "Pulumi.a.yaml"), "environment: [prod]\n");
  writeFileSync(join(directory, ".gitignore"), "Pulumi.b.yaml\n");
  git("rm", "--quiet", "--cached", "Pulumi.b.yaml");
  commit();
  expect(await current()).toEqual([]);
});
