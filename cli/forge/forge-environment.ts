import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Forge } from "../../forge/forge.ts";
import { github } from "../../forge/github.ts";
import { gitlab } from "../../forge/gitlab.ts";
import { UsageError } from "../usage-error.ts";

/** What a job knows of the forge that runs it. */
export interface ForgeEnvironment {
  /** Undefined: the job has no token, which is allowed only where it may write nothing anyway. */
  readonly forge: Forge | undefined;
  /** Number of the pull request that the job runs for, if it does. */
  readonly pullRequest: number | undefined;
  /** Why the job may not write, whatever its permissions say. */
  readonly readOnly: string | undefined;
  /** A line of Markdown that says which commit a report is about, and which run made it. */
  readonly origin: string;
  /** File whose Markdown the forge shows with the job. */
  readonly summaryFile: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

const fork = "a pull request from a fork runs without the right to write";

/** Reads the variables that GitHub Actions and GitLab CI/CD set.
 * @throws UsageError if they are missing, or a token is */
export function forgeEnvironment(variables: Variables): ForgeEnvironment {
  if (variables.GITHUB_REPOSITORY) return githubEnvironment(variables);
  if (variables.CI_API_V4_URL) return gitlabEnvironment(variables);
  throw new UsageError(
    "this does not run in a job of GitHub Actions or GitLab CI/CD: neither GITHUB_REPOSITORY nor CI_API_V4_URL is set",
  );
}

const repository = z.object({ full_name: z.string() }).nullish();
const event = z.object({
  pull_request: z
    .object({
      number: z.int(),
      head: z.object({ sha: z.string(), repo: repository }),
      base: z.object({ repo: repository }),
    })
    .optional(),
});

function githubEnvironment(variables: Variables): ForgeEnvironment {
  const {
    GITHUB_REPOSITORY: name = "",
    GITHUB_RUN_ID: run,
    GITHUB_SERVER_URL: server = "https://github.com",
  } = variables;
  const { pull_request: pullRequest } = readEvent(variables.GITHUB_EVENT_PATH);
  const isFork = pullRequest && pullRequest.head.repo?.full_name !== pullRequest.base.repo?.full_name;
  const isDependabot = pullRequest && variables.GITHUB_ACTOR === "dependabot[bot]";
  const readOnly = isFork
    ? fork
    : isDependabot
      ? "a pull request of Dependabot runs without the right to write"
      : undefined;
  const token = tokenOf(
    variables.GITHUB_TOKEN,
    "GITHUB_TOKEN",
    "set it in the step's env to the workflow's own `github.token`",
    readOnly,
  );
  const url = (variables.GITHUB_API_URL ?? "https://api.github.com").replace(/\/+$/, "");
  return {
    forge: token === undefined ? undefined : github({ url, token, repository: name }),
    pullRequest: pullRequest?.number,
    readOnly,
    origin: originOf(pullRequest?.head.sha ?? variables.GITHUB_SHA, run && `${server}/${name}/actions/runs/${run}`),
    summaryFile: variables.GITHUB_STEP_SUMMARY,
  };
}

function readEvent(file: string | undefined): z.output<typeof event> {
  if (!file) return {};
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`GITHUB_EVENT_PATH names ${file}, which cannot be read`);
  }
  const parsed = event.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : {};
}

function gitlabEnvironment(variables: Variables): ForgeEnvironment {
  const { CI_MERGE_REQUEST_PROJECT_ID: target, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source } = variables;
  const readOnly = source && target && source !== target ? fork : undefined;
  const how =
    "create a project access token (scope api, role Reporter) and put it into a masked CI/CD variable GITLAB_TOKEN";
  const token = tokenOf(variables.GITLAB_TOKEN, "GITLAB_TOKEN", how, readOnly);
  const url = (variables.CI_API_V4_URL ?? "").replace(/\/+$/, "");
  const project = target ?? variables.CI_PROJECT_ID;
  if (!project) throw new UsageError("CI_PROJECT_ID is not set, so the project is unknown");
  const webUrl = variables.CI_MERGE_REQUEST_PROJECT_URL ?? variables.CI_PROJECT_URL ?? "";
  const number = Number(variables.CI_MERGE_REQUEST_IID ?? Number.NaN);
  return {
    forge: token === undefined ? undefined : gitlab({ url, token, project, webUrl }),
    pullRequest: Number.isInteger(number) ? number : undefined,
    readOnly,
    origin: originOf(variables.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || variables.CI_COMMIT_SHA, variables.CI_JOB_URL),
    summaryFile: undefined,
  };
}

/** @throws UsageError, which never shows the value */
function tokenOf(
  value: string | undefined,
  name: string,
  how: string,
  readOnly: string | undefined,
): string | undefined {
  const token = value?.trim();
  if (!token) {
    if (readOnly !== undefined) return undefined;
    throw new UsageError(`${name} is not set: ${how}`);
  }
  // An HTTP client would show the value in its error.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError(`${name} contains characters that no token has: ${how}`);
  return token;
}

function originOf(commit: string | undefined, run: string | undefined): string {
  const what = commit ? `For ${commit.slice(0, 8)}` : "";
  const by = run ? `${what === "" ? "By" : ", by"} [this run](${run})` : "";
  return what + by === "" ? "" : `<sub>${what}${by}.</sub>`;
}
