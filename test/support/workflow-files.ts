/** Workflows and pipelines as data, with no more form than the tests of them need. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.unknown()).default({}),
});
export type Step = z.output<typeof step>;

const workflow = z.object({
  on: z.unknown().optional(),
  permissions: z.record(z.string(), z.string()),
  concurrency: z.unknown().optional(),
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.record(z.string(), z.string()).optional(),
      concurrency: z.unknown().optional(),
      "timeout-minutes": z.int(),
      environment: z.string().optional(),
      env: z.record(z.string(), z.unknown()).default({}),
      steps: z.array(step),
    }),
  ),
});
export type Workflow = z.output<typeof workflow>;

export const githubTemplates = ["pull-request", "deploy", "drift"].map((name) => `templates/github/${name}.yml`);
export const githubWorkflows = [".github/workflows/ci.yml", ...githubTemplates];
export const gitlabTemplate = "templates/gitlab/.gitlab-ci.yml";

export function readWorkflow(file: string): Workflow {
  return workflow.parse(parse(readFileSync(file, "utf8")));
}

/** A step of a template by the name of its job and its own. */
export function stepOf(file: string, job: string, name: string): Step {
  const found = readWorkflow(file).jobs[job]?.steps.find((each) => each.name === name);
  if (!found) throw new Error(`${file} has no step "${name}" in the job ${job}`);
  return found;
}

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]);
const gitlabJob = z.object({
  extends: list,
  stage: z.string().optional(),
  script: list,
  before_script: list,
  needs: z.array(z.union([z.string(), z.object({ job: z.string() }).transform(({ job }) => job)])).default([]),
  rules: z.array(z.object({ if: z.string(), when: z.string().optional() })).default([]),
  image: z.string().optional(),
  timeout: z.string().optional(),
  environment: z.object({ name: z.string() }).optional(),
  resource_group: z.string().optional(),
});
export type GitlabJob = z.output<typeof gitlabJob>;

/** Keys of the top level that are no jobs (GitLab, CI/CD YAML syntax reference). */
const globalKeys = ["stages", "workflow", "default", "include", "variables"];

/** A pipeline: its stages, and every job by name; those with a dot in front are only extended. */
export function readPipeline(file: string): { stages: string[]; jobs: ReadonlyMap<string, GitlabJob> } {
  const document = z.record(z.string(), z.unknown()).parse(parse(readFileSync(file, "utf8")));
  const jobs = Object.entries(document).filter(([name]) => !globalKeys.includes(name));
  return {
    stages: z.array(z.string()).parse(document.stages),
    jobs: new Map(jobs.map(([name, job]) => [name, gitlabJob.parse(job)])),
  };
}

/** A job with what it extends: a later one wins, as GitLab does it. */
export function extended(jobs: ReadonlyMap<string, GitlabJob>, name: string): GitlabJob {
  const job = jobs.get(name);
  if (!job) throw new Error(`there is no job ${name}`);
  const bases = job.extends.map((base) => extended(jobs, base));
  const own = Object.fromEntries(
    Object.entries(job).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
  return gitlabJob.parse(Object.assign({}, ...bases, own));
}
