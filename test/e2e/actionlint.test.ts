import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureTool } from "../../lab/tool-builds.ts";
import { actionlintSource } from "../../lab/tool-sources.ts";
import { githubWorkflows } from "../support/workflow-files.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-actionlint-"));
let program: string;
beforeAll(async () => {
  program = await ensureTool(actionlintSource());
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Without the linters that it would run if the machine happened to have them. */
function actionlint(...files: string[]) {
  return spawnSync(program, ["-no-color", "-shellcheck=", "-pyflakes=", ...files], { encoding: "utf8" });
}

/** actionlint knows an action's inputs by its major version, not by a commit. */
function byVersion(file: string): string {
  return readFileSync(file, "utf8").replace(/@[0-9a-f]{40} # (v\d+)\S*/g, "@$1");
}

function written(text: string): string {
  const file = join(directory, "workflow.yml");
  writeFileSync(file, text);
  return file;
}

test.each(githubWorkflows)("actionlint finds nothing wrong with %s, nor with what it gives to its actions", (file) => {
  expect(actionlint(file)).toMatchObject({ stdout: "", stderr: "", status: 0 });
  expect(actionlint(written(byVersion(file)))).toMatchObject({ stdout: "", stderr: "", status: 0 });
});

test("actionlint finds an input, an expression and a permission that are not there", () => {
  const broken = byVersion("templates/github/drift.yml")
    .replace("persist-credentials: false", "persist-credential: false")
    .replace("matrix.environment", "matrix.enviroment")
    .replace("issues: write", "issue: write");
  const { stdout, status } = actionlint(written(broken));
  expect(stdout).toMatch(/input "persist-credential" is not defined in action "actions\/checkout@v6"/);
  expect(stdout).toMatch(/property "enviroment" is not defined/);
  expect(stdout).toMatch(/unknown permission scope "issue"/);
  expect(status).toBe(1);
});
