import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leanStack } from "../../../engine/lean-stack.ts";

let directory: string;
const path = process.env.PATH;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lean-stack-"));
  const bin = join(directory, "bin");
  await mkdir(bin);
  // Notes how it was called, and fails: what an update gives is not in question here.
  const script = `#!/bin/sh
case "$1" in version) echo v3.274.1; exit 0;; esac
echo "$* checkpoints=\${PULUMI_SKIP_CHECKPOINTS:-kept}" >> ${join(directory, "calls")}
exit 1
`;
  await writeFile(join(bin, "pulumi"), script);
  await chmod(join(bin, "pulumi"), 0o755);
  await writeFile(join(directory, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
  process.env.PATH = `${bin}${delimiter}${path}`;
});

afterEach(async () => {
  process.env.PATH = path;
  await rm(directory, { recursive: true, force: true });
});

test("a preview serialises no state, and an update keeps its checkpoints and its preview", async () => {
  const stack = await leanStack("dev", directory);
  await expect(stack.preview()).rejects.toThrow();
  await expect(stack.up()).rejects.toThrow();
  const calls = (await readFile(join(directory, "calls"), "utf8")).trim().split("\n");
  const of = (operation: string) => calls.filter((call) => call.startsWith(operation));
  expect(of("preview")).toEqual([expect.stringMatching(/ checkpoints=true$/)]);
  expect(of("up")).toEqual([expect.stringMatching(/ checkpoints=kept$/)]);
  expect(of("up").join()).not.toContain("--skip-preview");
});
