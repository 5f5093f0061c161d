import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "stacks-"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(join(project, "two.yaml"), readFileSync("topologies/two-clusters.yaml"));
  for (const stack of ["dev-east", "dev-west"])
    writeFileSync(join(project, `Pulumi.${stack}.yaml`), "config:\n  bigpeer:topology: two.yaml\n");
  execFileSync("git", ["init", "--quiet", "--initial-branch", "release", project]);
  const url = "https://oauth2:glpat-secret@git.example.com/acme/shop.git";
  execFileSync("git", ["-C", project, "remote", "add", "origin", url]);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function stacks(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [resolve("cli/bigpeer.js"), "stacks", join(project, "two.yaml"), "--project", project, ...options];
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const child = execFile(process.execPath, args, { env }, (_error, stdout, stderr) =>
      done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test("the list says which stack comes after which", async () => {
  const { code, stdout } = await stacks();
  expect(stdout).toBe("dev-east  east\n  runs once more after dev-west\ndev-west  west\n  runs after dev-east\n");
  expect(code).toBe(0);
});

test("repository, branch and folder are those of the checkout, without the credential of its remote", async () => {
  const { stdout } = await stacks("--format", "pko", "--own-cluster", "east");
  expect(stdout).not.toContain("glpat");
  const spec = z.looseObject({ projectRepo: z.string(), branch: z.string(), repoDir: z.string() });
  const specs = parseAllDocuments(stdout).flatMap((each) => {
    const read = z.looseObject({ kind: z.literal("Stack"), spec }).safeParse(each.toJS());
    return read.success ? [read.data.spec] : [];
  });
  const source = { projectRepo: "https://git.example.com/acme/shop.git", branch: "refs/heads/release", repoDir: "." };
  expect(specs).toMatchObject([source, source]);
});

test("what has to be there before is said in comments, and each cluster elsewhere with its rbac command", async () => {
  const { stdout } = await stacks("--format", "pko", "--own-cluster", "east");
  const comments = stdout.split("\n").filter((line) => line.startsWith("#"));
  expect(comments.join("\n")).toMatch(/Secret bigpeer-backend: PULUMI_ACCESS_TOKEN/);
  expect(comments.join("\n")).toMatch(/Secret bigpeer-dev-west-kubeconfig: kubeconfig/);
  expect(comments.join("\n")).toMatch(/bigpeer rbac \S+two\.yaml --cluster west \| kubectl --context west apply -f -/);
  expect(comments.join("\n")).not.toMatch(/--cluster east/);
});

test("deployments are JSON on the standard output, and a stack that nothing gives a kubeconfig is warned of beside it", async () => {
  const { code, stdout, stderr } = await stacks("--format", "deployments", "--organization", "acme");
  const form = z.strictObject({
    version: z.literal(1),
    stacks: z.array(z.looseObject({ stack: z.string(), settings: z.looseObject({}), schedule: z.looseObject({}) })),
  });
  expect(form.parse(JSON.parse(stdout)).stacks.map(({ stack }) => stack)).toEqual(["dev-east", "dev-west"]);
  expect(stdout).not.toContain("glpat");
  expect(stderr.match(/^warning: nothing gives dev-(east|west) a kubeconfig/gm)).toHaveLength(2);
  expect(code).toBe(0);
});

test("an ESC environment of the stack ends the warning, and takes the place of the mounted kubeconfig", async () => {
  const file = join(project, "Pulumi.dev-west.yaml");
  const before = readFileSync(file);
  writeFileSync(file, `environment: [bigpeer/west]\n${before}`);
  const { stderr } = await stacks("--format", "deployments", "--organization", "acme");
  const { stdout } = await stacks("--format", "pko");
  writeFileSync(file, before);
  expect(stderr).not.toContain("dev-west");
  expect(stdout).not.toContain("bigpeer-dev-west-kubeconfig");
});

test.each([
  [["--format", "deployments"], /--format deployments needs --organization/],
  [["--format", "pko", "--own-cluster", "esat"], /no such cluster; did you mean "east"/],
  [["--format", "pko", "--resync", "5"], /--resync 5: write a number of seconds, 60 or more/],
  [["--format", "argo"], /Allowed choices are list, pko, deployments/],
])("%j is a usage error that says what to write", async (options, message) => {
  const { code, stderr } = await stacks(...options);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
