import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const address = "https://github.com/acme/bigpeer-topology";
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-repository-"));
  mkdirSync(join(directory, "lab"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a release says that comes from the address, where the packages name these repositories. */
function release(core: unknown, lab: unknown): { readonly code: number | null; readonly said: string } {
  writeFileSync(join(directory, "package.json"), JSON.stringify({ repository: core }));
  writeFileSync(join(directory, "lab/package.json"), JSON.stringify({ repository: lab }));
  const script = resolve("scripts/repository-address.ts");
  const { status, stderr } = spawnSync(process.execPath, [script, address], { cwd: directory, encoding: "utf8" });
  return { code: status, said: stderr };
}

describe("a release", () => {
  test("goes on where both packages name the repository that it comes from, in whichever form npm takes", () => {
    const url = `git+${address}.git`;
    expect(release({ type: "git", url }, { type: "git", url, directory: "lab" })).toEqual({ code: 0, said: "" });
    expect(release(address, address)).toEqual({ code: 0, said: "" });
  });

  test("ends where a package names no repository, and says what to write into which file", () => {
    const { code, said } = release(undefined, address);
    expect(code).toBe(1);
    expect(said).toBe(
      "error: package.json has no `repository`, and npm refuses the provenance of a package that does not name the repository it comes from. " +
        `Write "repository": { "type": "git", "url": "git+${address}.git" }\n`,
    );
  });

  test("ends where a package names another repository", () => {
    const { code, said } = release(address, "git+https://github.com/acme/lab.git");
    expect(code).toBe(1);
    expect(said).toMatch(
      /^error: lab\/package\.json names git\+https:\/\/github\.com\/acme\/lab\.git as its `repository`/,
    );
  });

  test("asks before it installs, builds or tests anything", () => {
    const workflow = readFileSync(".github/workflows/release.yml", "utf8");
    const asked = workflow.indexOf('node scripts/repository-address.ts "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"');
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(workflow.indexOf(".ci/run"));
  });
});
