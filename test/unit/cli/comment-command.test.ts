import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { forgeEnvironment } from "../../../cli/forge/forge-environment.ts";
import { reportText } from "../../../cli/forge/report-file.ts";
import { type ForgeStandIn, githubStandIn, gitlabStandIn } from "../../support/forge-stand-in.ts";

const token = "ghs_secret4711";
const directory = mkdtempSync(join(tmpdir(), "bigpeer-comment-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const report = file("diff.md", "<!-- bigpeer-topology diff -->\n\n**One peer more.**\n");

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function event(head: string | null, base = "acme/topologies"): string {
  const repo = (name: string | null) => (name === null ? null : { full_name: name });
  const pull = { number: 5, head: { sha: "0123456789abcdef", repo: repo(head) }, base: { repo: repo(base) } };
  return file(`event-${head?.replace("/", "-")}.json`, JSON.stringify({ pull_request: pull }));
}

async function bigpeer(args: readonly string[], variables: Readonly<Record<string, string>>) {
  const env = { PATH: process.env.PATH, ...variables };
  const child = spawn(process.execPath, ["cli/bigpeer.ts", ...args], { env });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    texts.out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    texts.err += chunk;
  });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  expect(texts.out + texts.err).not.toContain("secret4711");
  return { code, ...texts };
}

describe("on GitHub", () => {
  let standIn: ForgeStandIn;
  let variables: Record<string, string>;
  beforeEach(async () => {
    standIn = await githubStandIn(token);
    variables = {
      GITHUB_REPOSITORY: "acme/topologies",
      GITHUB_EVENT_PATH: event("acme/topologies"),
      GITHUB_API_URL: standIn.url,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_RUN_ID: "77",
      GITHUB_TOKEN: `${token}\n`,
    };
  });
  afterEach(() => standIn.stop());
  const denied = { status: 403, body: '{"message":"Resource not accessible by integration"}' };

  test("the report stands on the pull request of the job, with its commit and its run; the next one takes its place", async () => {
    const first = await bigpeer(["comment", report], variables);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(/^comment on pull request 5: created https:\/\//);
    expect(standIn.entries[0]?.body).toBe(
      "<!-- bigpeer-topology diff -->\n\n**One peer more.**\n\n<sub>For 01234567, by [this run](https://github.com/acme/topologies/actions/runs/77).</sub>\n",
    );
    const second = await bigpeer(["comment", report, "--json"], { ...variables, GITHUB_RUN_ID: "78" });
    expect(JSON.parse(second.out)).toMatchObject({ version: 1, action: "updated" });
    expect(standIn.entries).toHaveLength(1);
  });

  test("reports of several environments are kept apart by --marker, whatever hidden line they begin with", async () => {
    await bigpeer(["comment", report, "--marker", "diff staging"], variables);
    await bigpeer(["comment", report, "--marker", "diff production"], variables);
    expect(standIn.entries.map(({ body }) => body.split("\n", 3))).toEqual([
      ["<!-- bigpeer-topology diff staging -->", "", "**One peer more.**"],
      ["<!-- bigpeer-topology diff production -->", "", "**One peer more.**"],
    ]);
  });

  test("a missing permission is an error that names it", async () => {
    standIn.failing = (request) => request.startsWith("POST");
    standIn.failures.push(denied);
    const { code, err } = await bigpeer(["comment", report], variables);
    expect(err).toMatch(/403 Resource not accessible by integration\n.*pull-requests: write/);
    expect(code).toBe(1);
    standIn.failures.push(denied);
    expect((await bigpeer(["issue", report, "--title", "Drift"], variables)).err).toMatch(/issues: write/);
  });

  test.each([
    ["a fork", "mallory/topologies", "mallory"],
    ["a fork that has been deleted", null, "mallory"],
    ["Dependabot", "acme/topologies", "dependabot[bot]"],
  ])(
    "a pull request of %s is told that nothing is written, and the report goes to the job's summary",
    async (_, head, actor) => {
      const summary = file("summary.md", "");
      standIn.failing = (request) => request.startsWith("POST");
      standIn.failures.push(denied);
      const ended = await bigpeer(["comment", report], {
        ...variables,
        GITHUB_EVENT_PATH: event(head),
        GITHUB_ACTOR: actor,
        GITHUB_STEP_SUMMARY: summary,
      });
      expect(ended).toMatchObject({ code: 0, err: "" });
      expect(ended.out).toMatch(
        /runs without the right to write, so nothing is written; the report is in the job's summary/,
      );
      expect(readFileSync(summary, "utf8")).toContain("**One peer more.**");
      expect(standIn.entries).toEqual([]);
    },
  );

  test("a token that is refused, or that an HTTP client would show in its error, is said without it", async () => {
    const refused = await bigpeer(["comment", report], { ...variables, GITHUB_TOKEN: `other-${token}` });
    expect(refused.err).toMatch(/401 Bad credentials\n.*expired or been revoked/);
    expect(refused.code).toBe(1);
    const broken = await bigpeer(["comment", report], { ...variables, GITHUB_TOKEN: `two\n${token}` });
    expect(broken.err).toMatch(/GITHUB_TOKEN contains characters that no token has/);
    expect(broken.code).toBe(2);
  });

  test("an issue is closed with the report as its last text", async () => {
    const drift = ["issue", report, "--title", "production has drifted", "--marker", "drift production"];
    await bigpeer(drift, variables);
    const { out, code } = await bigpeer([...drift, "--resolved"], variables);
    expect(out).toMatch(/^issue "production has drifted": closed https/);
    expect(code).toBe(0);
    expect(standIn.entries).toMatchObject([{ title: "production has drifted", open: false }]);
  });

  test("a job of no pull request needs its number, and one that is a number", async () => {
    const outside = { ...variables, GITHUB_EVENT_PATH: "" };
    const missing = await bigpeer(["comment", report], outside);
    expect(missing).toMatchObject({ code: 2, err: expect.stringMatching(/name one with --pull-request/) });
    const five = await bigpeer(["comment", report, "--pull-request", "five"], outside);
    expect(five).toMatchObject({ code: 2, err: expect.stringMatching(/takes a number, not "five"/) });
    expect(standIn.requests).toEqual([]);
  });

  test("a call outside of a job, or in one without a token, says what is missing", () => {
    expect(() => forgeEnvironment({})).toThrow(/neither GITHUB_REPOSITORY nor CI_API_V4_URL is set/);
    expect(() => forgeEnvironment({ ...variables, GITHUB_TOKEN: "" })).toThrow(/GITHUB_TOKEN is not set: set it in/);
    expect(() => forgeEnvironment({ ...variables, GITHUB_EVENT_PATH: "/nowhere" })).toThrow(/cannot be read/);
  });
});

describe("the text of a report", () => {
  test("needs a hidden line of its own or a marker, which can end no comment", () => {
    const bare = file("bare.md", "text\n");
    expect(() => reportText(bare, undefined, "", 100)).toThrow(/bare\.md does not begin with a hidden marker/);
    expect(() => reportText(bare, "a-->b", "", 100)).toThrow(/the marker "a-->b" may contain/);
    expect(reportText(bare, "drift east/1", "", 100)).toBe("<!-- bigpeer-topology drift east/1 -->\n\ntext\n");
    expect(() => reportText("missing.md", "a", "", 100)).toThrow(/cannot read missing\.md/);
    expect(() => reportText(file("empty.md", "\n"), "a", "", 100)).toThrow(/empty\.md is empty/);
  });

  test("is refused when it is longer than the forge takes", () => {
    const long = file("long.md", "x".repeat(80));
    expect(() => reportText(long, "x", "", 100)).toThrow(
      /has 109 characters with its marker, and the forge accepts 100/,
    );
  });
});

describe("on GitLab", () => {
  let standIn: ForgeStandIn;
  let variables: Record<string, string>;
  beforeAll(async () => {
    standIn = await gitlabStandIn(token);
    variables = {
      CI_API_V4_URL: standIn.url,
      CI_PROJECT_ID: "41",
      CI_MERGE_REQUEST_PROJECT_ID: "42",
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "42",
      CI_MERGE_REQUEST_PROJECT_URL: "https://gitlab.example.com/acme/topologies",
      CI_MERGE_REQUEST_IID: "5",
      CI_COMMIT_SHA: "fedcba9876543210",
      CI_JOB_URL: "https://gitlab.example.com/acme/topologies/-/jobs/9",
      GITLAB_TOKEN: token,
    };
  });
  afterAll(() => standIn.stop());

  test("the report is a note on the merge request, in the project that it goes to", async () => {
    const { out, code } = await bigpeer(["comment", report], variables);
    expect(out).toContain("created https://gitlab.example.com/acme/topologies/-/merge_requests/5#note_1001");
    expect(code).toBe(0);
    expect(standIn.entries[0]?.body).toMatch(/For fedcba98, by \[this run\]\(https:\/\/gitlab\.example\.com/);
  });

  test("a merge request from a fork has no token, and is told that nothing is written", async () => {
    const forked = { ...variables, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "43", GITLAB_TOKEN: "" };
    const { out, code } = await bigpeer(["comment", report], forked);
    expect(out).toMatch(/from a fork runs without the right to write, so nothing is written$/m);
    expect(code).toBe(0);
  });

  test("a missing role or scope is an error that names both; a missing token says how to make one", async () => {
    standIn.failures.push({ status: 403, body: '{"error":"insufficient_scope"}' });
    const refused = await bigpeer(["comment", report], variables);
    expect(refused.err).toMatch(/403 insufficient_scope\n.*scope `api` and at least the role Reporter/);
    expect(refused.code).toBe(1);
    const missing = await bigpeer(["comment", report], { ...variables, GITLAB_TOKEN: "" });
    expect(missing.err).toMatch(/GITLAB_TOKEN is not set: create a project access token/);
    expect(missing.code).toBe(2);
  });
});
