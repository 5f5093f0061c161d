/** Runs the scripts of the templates as their forge would, in a repository of its own, against a stand-in of the forge. */
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cacheFolder } from "../../../program/cache-folder.ts";
import { type ForgeStandIn, githubStandIn, gitlabStandIn } from "../../support/forge-stand-in.ts";
import {
  extended,
  githubTemplates,
  gitlabTemplate,
  readPipeline,
  readWorkflow,
  stepOf,
} from "../../support/workflow-files.ts";

const token = "ghs_secret4711";
const directory = mkdtempSync(join(tmpdir(), "bigpeer-templates-"));
const repository = join(directory, "repository");
const executed = new Set<string>();

// A project's own npx finds the commands of the project; deploy and preview take the project from where they are called.
const programs = {
  npx: `[ "$1" = bigpeer ] || exit 3
shift
if [ "$1" = preview ] || [ "$1" = deploy ]; then set -- "$@" --project "$PWD"; fi
exec "$NODE" "$PROJECT/cli/bigpeer.ts" "$@"`,
  npm: '[ "$1" = ci ] || exit 3',
  // No engine in a unit test: what asks it says so, and goes on.
  curl: "exit 0",
  pulumi: "echo no engine here >&2; exit 1",
};

function git(...args: string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: repository, encoding: "utf8" }).trim();
}

function commit(file: string, change: (text: string) => string): void {
  const path = join(repository, file);
  writeFileSync(path, change(existsSync(path) ? readFileSync(path, "utf8") : ""));
  git("add", file);
  git("commit", "-qm", "change");
}

beforeAll(() => {
  mkdirSync(join(repository, "topologies"), { recursive: true });
  mkdirSync(join(directory, "bin"));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(directory, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, "bin", name), 0o755);
  }
  copyFileSync("topologies/dev.yaml", join(repository, "topologies/production.yaml"));
  writeFileSync(
    join(repository, "Pulumi.production.yaml"),
    "config:\n  bigpeer:topology: topologies/production.yaml\n",
  );
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "base");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The merge of a pull request that changes one file. */
function pullRequest(file: string, change: (text: string) => string): void {
  git("checkout", "-q", "-B", "change", "main");
  commit(file, change);
  git("checkout", "-q", "--detach", "main");
  git("merge", "-q", "--no-ff", "-m", "merge", "change");
}

/** A group of a merge queue: what other groups have put on main is below it, and it may have several merges itself. */
function mergeGroup(...changes: ReadonlyMap<string, (text: string) => string>[]): string {
  git("checkout", "-q", "--detach", "main");
  const base = git("rev-parse", "HEAD");
  for (const [index, files] of changes.entries()) {
    git("checkout", "-q", "-B", `change-${index}`, "main");
    for (const [file, change] of files) commit(file, change);
    git("checkout", "-q", "--detach", index === 0 ? "main" : "group");
    git("merge", "-q", "--no-ff", "-m", "merge", `change-${index}`);
    git("branch", "-qf", "group");
  }
  return base;
}

/** As a production topology, since in development everything may go. */
const withoutBp2 = (text: string) =>
  text
    .replace("environment: development", "")
    .replace(", auth: { playground: {} }", "")
    .replace(/^ {2}bp2:.*\n/m, "")
    .replace("peers: [bp1, bp2]", "peers: [bp1]")
    .replace(/^replications:[\s\S]*/m, "");

const narrowed = (text: string) => text.replace("color = 'blue'", "color = 'navy'");

interface Ended {
  readonly code: number | null;
  readonly text: string;
  /** What a step has set for later ones. */
  readonly outputs: string;
  readonly summary: string;
}

async function bash(
  script: string,
  flags: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Ended> {
  executed.add(script);
  const [outputs, summary] = [join(directory, "outputs"), join(directory, "summary")];
  writeFileSync(outputs, "");
  writeFileSync(summary, "");
  const env = {
    PATH: `${join(directory, "bin")}:${process.env.PATH}`,
    HOME: directory,
    BIGPEER_CACHE: cacheFolder(),
    NODE: process.execPath,
    PROJECT: resolve("."),
    ENVIRONMENT: "production",
    RUNNER_TEMP: directory,
    PULUMI_HOME: join(directory, "pulumi"),
    PULUMI_BACKEND_URL: `file://${directory}`,
    GITHUB_OUTPUT: outputs,
    GITHUB_STEP_SUMMARY: summary,
    ...variables,
  };
  const child = spawn("bash", [...flags, "-c", script], { cwd: repository, env });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  expect(text).not.toContain(token);
  return { code, text, outputs: readFileSync(outputs, "utf8"), summary: readFileSync(summary, "utf8") };
}

const produced = (name: string) => readFileSync(join(repository, name), "utf8");

describe("on GitHub", () => {
  let standIn: ForgeStandIn;
  let variables: Record<string, string>;
  beforeEach(async () => {
    standIn = await githubStandIn(token);
    const event = join(directory, "event.json");
    const repo = { full_name: "acme/topologies" };
    writeFileSync(
      event,
      JSON.stringify({ pull_request: { number: 5, head: { sha: "0123456789", repo }, base: { repo } } }),
    );
    variables = {
      GITHUB_REPOSITORY: "acme/topologies",
      GITHUB_EVENT_PATH: event,
      GITHUB_API_URL: standIn.url,
      GITHUB_TOKEN: token,
      KUBECONFIG_CONTENT: "apiVersion: v1",
      BASE: "HEAD^1",
    };
  });
  afterEach(() => standIn.stop());

  const review = "templates/github/pull-request.yml";
  const step = (file: string, job: string, name: string, changed: Readonly<Record<string, string>> = {}) =>
    bash(stepOf(file, job, name).run ?? "", ["-e"], { ...variables, ...changed });

  test("check writes SARIF also where there are errors, and fails then", async () => {
    pullRequest("topologies/production.yaml", (text) => text.replace("between: [bp1, bp2]", "between: [bp1, bp9]"));
    expect((await step(review, "check", "Write the findings for code scanning")).code).toBe(0);
    expect(JSON.parse(produced("bigpeer.sarif"))).toMatchObject({ version: "2.1.0" });
    const { code, text } = await step(review, "check", "Check");
    expect(text).toContain("unknown-reference");
    expect(code).toBe(1);
  });

  test("diff comments what changes, with the graph; no comment on a pull request that has nothing to do with it", async () => {
    pullRequest("README.md", () => "text\n");
    expect((await step(review, "diff", "Say what changes")).code).toBe(0);
    expect((await step(review, "diff", "Comment")).code).toBe(0);
    expect(standIn.entries).toEqual([]);

    pullRequest("topologies/production.yaml", narrowed);
    expect((await step(review, "diff", "Say what changes")).code).toBe(0);
    expect((await step(review, "diff", "Comment")).code).toBe(0);
    expect(standIn.entries[0]?.body).toMatch(/^<!-- bigpeer-topology diff production -->\n/);
    expect(standIn.entries[0]?.body).toContain("```mermaid");

    pullRequest("README.md", () => "text\n");
    await step(review, "diff", "Say what changes");
    await step(review, "diff", "Comment");
    expect(standIn.entries).toHaveLength(1);
    expect(standIn.entries[0]?.body).toContain("The topology does not change.");
  });

  test("a merge queue compares with what its group goes on top of, which is not the parent of the last merge", async () => {
    const base = mergeGroup(
      new Map([["topologies/production.yaml", narrowed]]),
      new Map([["README.md", () => "text\n"]]),
    );
    const queue = { BASE: base, GITHUB_TOKEN: "" };
    expect((await step(review, "diff", "Say what changes", queue)).code).toBe(0);
    expect(produced("diff.md")).not.toContain("The topology does not change");
    expect((await step(review, "preview", "Ask the engine", queue)).code).toBe(1);
    expect(produced("preview.md")).toContain("production failed");
  });

  test("diff lets a topology through that is new, and says that it is", async () => {
    pullRequest("topologies/staging.yaml", () => readFileSync("topologies/dev.yaml", "utf8"));
    const added = { ENVIRONMENT: "staging" };
    expect((await step(review, "diff", "Say what changes", added)).code).toBe(0);
    expect((await step(review, "diff", "Comment", added)).code).toBe(0);
    expect(standIn.entries[0]?.body).toMatch(/^\*\*The base lacks the file\. Changes/m);
  });

  test("diff fails where the deployment would refuse to lose documents, and comments on it", async () => {
    pullRequest("topologies/production.yaml", withoutBp2);
    expect((await step(review, "diff", "Say what changes")).code).toBe(1);
    expect((await step(review, "diff", "Comment")).code).toBe(0);
    expect(standIn.entries[0]?.body).toContain("peer-removed");
  });

  test("preview is skipped with a note where there are no credentials", async () => {
    const skipped = await step(review, "preview", "Look for credentials", { KUBECONFIG_CONTENT: "" });
    expect(skipped).toMatchObject({ code: 0, outputs: "" });
    expect(skipped.text).toMatch(/^::notice title=Preview skipped::No preview of production: this run has no secret/);
    expect(skipped.summary).toContain("A pull request from a fork never has one.");
    expect((await step(review, "preview", "Look for credentials")).outputs).toBe("there=true\n");
  });

  test("preview comments also where a stack fails, and fails then", async () => {
    pullRequest("topologies/production.yaml", narrowed);
    expect((await step(review, "preview", "Ask the engine")).code).toBe(1);
    expect((await step(review, "preview", "Comment")).code).toBe(0);
    expect(standIn.entries[0]?.body).toMatch(
      /^<!-- bigpeer-topology preview production -->\n\n\*\*.*production failed/,
    );
  });

  test("deploy runs the stacks of the environment", async () => {
    git("checkout", "-q", "--detach", "main");
    expect((await step("templates/github/deploy.yml", "deploy", "Check")).code).toBe(0);
    const { code, text } = await step("templates/github/deploy.yml", "deploy", "Deploy");
    expect(text).toMatch(/failed {2}production/);
    expect(code).toBe(1);
  });

  test("drift opens an issue, and closes it when nothing differs any more", async () => {
    const drift = "templates/github/drift.yml";
    const looked = await step(drift, "drift", "Look at the clusters");
    expect(looked).toMatchObject({ code: 0, outputs: "" });
    const issue = (resolved: string) => step(drift, "drift", "Open, update or close the issue", { RESOLVED: resolved });
    expect((await issue("")).text).toMatch(/issue "production differs from its topology": created/);
    expect((await issue("--resolved")).text).toMatch(/: closed/);
    expect(standIn.entries).toMatchObject([{ title: "production differs from its topology", open: false }]);
  });

  test("a call that cannot work fails the job instead of opening an issue", async () => {
    const none = { ENVIRONMENT: "none" };
    expect((await step("templates/github/drift.yml", "drift", "Look at the clusters", none)).code).toBe(2);
  });
});

describe("on GitLab", () => {
  const { jobs } = readPipeline(gitlabTemplate);
  let standIn: ForgeStandIn;
  beforeAll(async () => {
    standIn = await gitlabStandIn(token);
  });
  afterAll(() => standIn.stop());

  function job(name: string, changed: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const { before_script, script } = extended(jobs, name);
    executed.add(script.join("\n"));
    return bash([...before_script, ...script].join("\n"), ["-eo", "pipefail"], {
      CI_API_V4_URL: standIn.url,
      CI_PROJECT_ID: "42",
      CI_MERGE_REQUEST_PROJECT_ID: "42",
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "42",
      CI_MERGE_REQUEST_PROJECT_URL: "https://gitlab.example.com/acme/topologies",
      CI_MERGE_REQUEST_IID: "5",
      CI_MERGE_REQUEST_DIFF_BASE_SHA: git("rev-parse", "main"),
      GITLAB_TOKEN: token,
      ...changed,
    });
  }

  test("a merge request gets its findings, what changes, and what the engine would do", async () => {
    pullRequest("topologies/production.yaml", narrowed);
    expect((await job("check")).code).toBe(0);
    expect((await job("diff")).code).toBe(0);
    expect((await job("preview")).code).toBe(1);
    expect(standIn.entries.map(({ on, body }) => [on, body.split("\n")[0]])).toEqual([
      ["merge_requests/5/notes", "<!-- bigpeer-topology diff production -->"],
      ["merge_requests/5/notes", "<!-- bigpeer-topology preview production -->"],
    ]);
  });

  test("a merge train checks the same and writes nothing, since its report is on other merge requests, too", async () => {
    standIn.entries.length = 0;
    pullRequest("topologies/production.yaml", narrowed);
    const train = { CI_MERGE_REQUEST_EVENT_TYPE: "merge_train" };
    expect((await job("diff", train)).code).toBe(0);
    expect((await job("preview", train)).code).toBe(1);
    expect(standIn.entries).toEqual([]);
  });

  test("a merge request whose deployment would lose documents fails, and a new topology is let through", async () => {
    pullRequest("topologies/production.yaml", withoutBp2);
    standIn.entries.length = 0;
    expect((await job("diff")).code).toBe(1);
    expect(standIn.entries.map(({ body }) => body.includes("peer-removed"))).toEqual([true]);
    pullRequest("topologies/staging.yaml", () => readFileSync("topologies/dev.yaml", "utf8"));
    expect((await job("diff", { ENVIRONMENT: "staging" })).code).toBe(0);
  });

  test("a merge request that leaves the topology alone gets no new comment", async () => {
    standIn.entries.length = 0;
    pullRequest("README.md", () => "text\n");
    expect((await job("diff")).text).toMatch(/comment on pull request 5: none/);
    expect((await job("preview-skipped")).text).toMatch(/No preview of production/);
  });

  test("a deployment runs the stacks, and drift opens an issue", async () => {
    expect((await job("deploy")).text).toMatch(/failed {2}production/);
    const { code, text } = await job("drift");
    expect(text).toMatch(/issue "production differs from its topology": created/);
    expect(code).toBe(0);
  });
});

test("every script of the templates that calls this project has been run here", () => {
  const steps = githubTemplates.flatMap((file) => Object.values(readWorkflow(file).jobs).flatMap((job) => job.steps));
  const { jobs } = readPipeline(gitlabTemplate);
  const scripts = [
    ...steps.map(({ run = "" }) => run),
    ...[...jobs.keys()].map((name) => extended(jobs, name).script.join("\n")),
  ].filter((script) => /npx|npm run/.test(script));
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter((script) => !executed.has(script))).toEqual([]);
});
