import { describe, expect, test } from "vitest";
import { type DeploymentsSettings, stackDeployments } from "../../../runners/deployment-settings.ts";
import { githubRepository, withoutCredential } from "../../../runners/program-source.ts";
import type { OrderedStack } from "../../../runners/stack-order.ts";

const stacks: readonly OrderedStack[] = [
  { name: "west", clusters: ["west"], after: [], completedAfter: ["east"] },
  { name: "east", clusters: ["east"], after: ["west"], completedAfter: [] },
];
const all: DeploymentsSettings = {
  organization: "acme",
  project: "shop",
  source: { repository: "https://github.com/acme/infra.git", branch: "main", folder: "." },
  image: "pulumi/pulumi-nodejs-24:3.270.0",
  agentPool: "pool-1",
  resyncMinutes: 5,
};

describe("the settings of Pulumi Deployments", () => {
  test("a repository on GitHub is deployed by GitHub's app, with a preview for each pull request and no URL", () => {
    const [west] = stackDeployments(stacks, all);
    expect(west?.settings).toEqual({
      sourceContext: { git: { branch: "refs/heads/main", repoDir: "." } },
      gitHub: { repository: "acme/infra", deployCommits: true, previewPullRequests: true },
      operationContext: { options: { skipIntermediateDeployments: true, deleteAfterDestroy: false } },
      executorContext: { executorImage: { reference: "pulumi/pulumi-nodejs-24:3.270.0" } },
      cacheOptions: { enable: true },
      agentPoolID: "pool-1",
    });
  });

  test("any other repository is named by its URL", () => {
    const source = { ...all.source, repository: "https://git.example.com/infra.git" };
    const [west] = stackDeployments(stacks, { ...all, source });
    expect(west?.settings.sourceContext.git.repoUrl).toBe("https://git.example.com/infra.git");
    expect(west?.settings).not.toHaveProperty("gitHub");
  });

  test("the arguments of a DeploymentSettings resource say the same in the words of that resource", () => {
    const [west] = stackDeployments(stacks, all);
    expect(west?.resource).toEqual({
      ...{ organization: "acme", project: "shop", stack: "west" },
      ...{ sourceContext: west?.settings.sourceContext, operationContext: west?.settings.operationContext },
      ...{ cacheOptions: { enable: true }, github: west?.settings.gitHub, agentPoolId: "pool-1" },
      executorContext: { executorImage: "pulumi/pulumi-nodejs-24:3.270.0" },
    });
  });

  test("an update that has succeeded starts the stacks that come after it, and none that comes before", () => {
    const started = stackDeployments(stacks, all).map(({ stack, webhooks }) => [
      stack,
      webhooks.map(({ payloadUrl, filters }) => [payloadUrl, filters]),
    ]);
    expect(started).toEqual([
      ["west", [["shop/east", ["update_succeeded"]]]],
      ["east", []],
    ]);
  });

  test.each([
    [1, "*/1 * * * *"],
    [45, "*/45 * * * *"],
    [60, "0 */1 * * *"],
    [720, "0 */12 * * *"],
    [1440, "0 0 * * *"],
  ])("a resync every %d minutes is the schedule %s", (resyncMinutes, cron) => {
    expect(stackDeployments(stacks, { ...all, resyncMinutes })[0]?.schedule.scheduleCron).toBe(cron);
  });
});

test("a credential in the URL of a clone is never printed", () => {
  expect(withoutCredential("https://oauth2:glpat-x@git.example.com/a/b.git")).toBe("https://git.example.com/a/b.git");
  expect(withoutCredential("https://token@github.com/a/b")).toBe("https://github.com/a/b");
  expect(withoutCredential("git@github.com:a/b.git")).toBe("git@github.com:a/b.git");
});

test.each([
  ["https://github.com/acme/shop.git", "acme/shop"],
  ["https://github.com/acme/shop", "acme/shop"],
  ["git@github.com:acme/shop.git", "acme/shop"],
  ["ssh://git@github.com/acme/shop.git", "acme/shop"],
  ["https://gitlab.com/acme/shop.git", undefined],
  ["https://github.com.example.com/acme/shop.git", undefined],
])("%s is the GitHub repository %s", (url, name) => {
  expect(githubRepository(url)).toBe(name);
});
