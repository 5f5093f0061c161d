import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  extended,
  githubTemplates,
  githubWorkflows,
  gitlabTemplate,
  readPipeline,
  readWorkflow,
  stepOf,
} from "../../support/workflow-files.ts";

const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));
const engine = dependencies["@pulumi/pulumi"]?.replace("^", "") ?? "";

describe.each(githubWorkflows)("%s", (file) => {
  const text = readFileSync(file, "utf8");
  const workflow = readWorkflow(file);
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps);

  test("pins every action to a full commit, with its version beside it, and no action to two of them", () => {
    const pins = [...text.matchAll(/uses: (\S+)(.*)/g)].map(([, action = "", comment = ""]) => ({ action, comment }));
    expect(pins.length).toBe(steps.filter(({ uses }) => uses !== undefined).length);
    for (const { action, comment } of pins) {
      expect(action).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
    const everywhere = githubWorkflows.flatMap((each) => readFileSync(each, "utf8").match(/uses: \S+/g) ?? []);
    const names = [...new Set(everywhere)].map((uses) => uses.split("@")[0]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("lets no text that others choose into a shell, and no pull request run with this repository's rights", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
    expect(JSON.stringify(workflow.on)).not.toMatch(/pull_request_target|workflow_run/);
    expect(text).not.toMatch(/head_ref|head\.ref|\.title|\.body/);
  });

  test("gives each job a time limit and no right that it does not use, and leaves no token in the checkout", () => {
    for (const right of Object.values(workflow.permissions)) expect(right).toBe("read");
    for (const [name, job] of Object.entries(workflow.jobs)) {
      const written = Object.entries(job.permissions ?? {}).filter(([, right]) => right !== "read");
      const uses = JSON.stringify(job.steps);
      expect(written.map(([right]) => right)).toEqual([
        ...(uses.includes("upload-sarif") ? ["security-events"] : []),
        ...(uses.includes("bigpeer comment") ? ["pull-requests"] : []),
        ...(uses.includes("bigpeer issue") ? ["issues"] : []),
      ]);
      expect(job["timeout-minutes"], name).toBeGreaterThan(0);
      expect(workflow.concurrency ?? job.concurrency, name).toBeDefined();
    }
    for (const each of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")))
      expect(each.with["persist-credentials"]).toBe(false);
  });
});

test("the templates show a secret only to the step that needs it, and never to what npm installs", () => {
  for (const { steps } of githubTemplates.flatMap((file) => Object.values(readWorkflow(file).jobs))) {
    for (const { run, env } of steps) {
      if (!JSON.stringify(env).includes("secrets.")) continue;
      expect(run).not.toMatch(/npm ci/);
    }
  }
  for (const file of githubTemplates)
    for (const line of readFileSync(file, "utf8").split("\n"))
      if (line.includes("secrets.")) expect(line).toMatch(/^ {10}\w+: \$\{\{ secrets\.\w+ \}\}$/);
});

test("whatever checks a pull request checks what a merge queue is about to merge, and writes no comment there", () => {
  const onPullRequests = githubWorkflows
    .map(readWorkflow)
    .filter(({ on }) => Object.hasOwn(Object(on), "pull_request"));
  expect(onPullRequests.length).toBeGreaterThan(1);
  for (const { on, jobs } of onPullRequests) {
    expect(on).toHaveProperty("merge_group");
    for (const { env, steps } of Object.values(jobs)) {
      const scripts = steps.map(({ run = "" }) => run).join("\n");
      // Nothing but the base of the job may be taken for what the change goes on top of.
      expect(scripts).not.toMatch(/HEAD\^/);
      if (scripts.includes("$BASE")) {
        expect(env.BASE).toMatch(/^\$\{\{ github\.event\.merge_group\.base_sha \|\| 'HEAD\^1' \}\}$/);
        const [checkout] = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
        expect(checkout?.with["fetch-depth"]).toMatch(
          /^\$\{\{ github\.event_name == 'merge_group' && '0' \|\| '2' \}\}$/,
        );
      }
      for (const step of steps.filter(({ run }) => run?.includes("bigpeer comment")))
        expect(step.if).toContain("&& github.event_name == 'pull_request' &&");
    }
  }
});

test("docs/review.md names the rights of every job", () => {
  const page = readFileSync("docs/review.md", "utf8");
  for (const file of githubTemplates)
    for (const [name, { permissions = {} }] of Object.entries(readWorkflow(file).jobs)) {
      const rights = Object.entries(permissions).map(([scope, right]) => `\`${scope}: ${right}\``);
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| ${rights.join(", ")} +\\|`, "m"));
    }
});

test("the templates install the engine in the release that the program is made with", () => {
  for (const file of githubTemplates)
    for (const { uses, with: inputs } of Object.values(readWorkflow(file).jobs).flatMap(({ steps }) => steps))
      if (uses?.startsWith("pulumi/actions@")) expect(inputs).toEqual({ "pulumi-version": engine });
  expect(readFileSync(gitlabTemplate, "utf8")).toContain(`get.pulumi.com | sh -s -- --version ${engine}\n`);
});

test("a deployment waits for the environment of its name, and is never cut off", () => {
  const { deploy } = readWorkflow("templates/github/deploy.yml").jobs;
  expect(deploy?.environment).toMatch(/^\$\{\{ matrix\.environment \}\}$/);
  expect(deploy?.concurrency).toMatchObject({ "cancel-in-progress": false });
  expect(stepOf("templates/github/deploy.yml", "deploy", "Deploy").env).toHaveProperty("KUBECONFIG_CONTENT");
});

describe(gitlabTemplate, () => {
  const { stages, jobs } = readPipeline(gitlabTemplate);
  const run = [...jobs.keys()].filter((name) => !name.startsWith("."));

  test("has for every job a script, rules, a stage that exists, an image of a release, and only jobs that it can wait for", () => {
    expect(run.sort()).toEqual(["check", "deploy", "diff", "drift", "preview", "preview-skipped"]);
    for (const name of run) {
      const job = extended(jobs, name);
      expect(job.script.length, name).toBeGreaterThan(0);
      expect(job.rules.length, name).toBeGreaterThan(0);
      expect(stages, name).toContain(job.stage);
      expect(job.image, name).toMatch(/^node:\d+-\w+$/);
      for (const needed of job.needs) expect(run, name).toContain(needed);
    }
  });

  test("deploys only the default branch, by hand, one update of an environment at a time", () => {
    const deploy = extended(jobs, "deploy");
    expect(deploy.rules).toEqual([
      { if: '$CI_PIPELINE_SOURCE != "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH', when: "manual" },
    ]);
    expect([deploy.environment?.name, deploy.resource_group]).toEqual(["$ENVIRONMENT", "$ENVIRONMENT"]);
  });

  test("previews where there are credentials, and says that it does not where there are none", () => {
    const [there] = extended(jobs, "preview").rules;
    const [missing] = extended(jobs, "preview-skipped").rules;
    expect(there?.if).toBe('$CI_PIPELINE_SOURCE == "merge_request_event" && $KUBECONFIG');
    expect(missing?.if).toBe(`${there?.if} == null`);
  });
});
