import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { projectVersions } from "../../../cli/project/project-versions.ts";
import { type InitAnswers, initialAnswers, initialForges, initialWays, stacksOf } from "../../../init/answers.ts";
import { clusterNames } from "../../../init/cluster-names.ts";
import { projectFiles } from "../../../init/project-files.ts";
import { templateFiles } from "../../../init/pulumi-template.ts";
import { topologyText } from "../../../init/topology-text.ts";
import { workflowFiles } from "../../../init/workflow-files.ts";
import { checkSource, planText } from "../../../topology/check.ts";
import { parseSource } from "../../../topology/file/source.ts";

const versions = { own: "1.2.3", node: "22.19.0", pulumi: "^3.270.0" };
const answers: InitAnswers = {
  ...initialAnswers,
  project: "fleet",
  clusters: [{ name: "dev", context: "dev" }],
  domain: undefined,
  stackPerCluster: false,
  forge: undefined,
};
const two = clusterNames(["east", "west"]);

function findings(text: string): string[] {
  return checkSource(parseSource("topologies/dev.yaml", text)).findings.map(({ rule, what }) => `${rule}: ${what}`);
}

test("a new project has topologies, and beside them what Pulumi and npm need", () => {
  const files = projectFiles(answers, versions);
  expect(files.map(({ path }) => path)).toEqual([
    "package.json",
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "index.ts",
    "topologies/dev.yaml",
    ".gitignore",
  ]);
  const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? "";
  expect(JSON.parse(textOf("package.json"))).toMatchObject({
    type: "module",
    engines: { node: ">=22.19.0" },
    dependencies: { "@pulumi/pulumi": "^3.270.0", "bigpeer-topology": "^1.2.3" },
    devDependencies: { "bigpeer-topology-lab": "^1.2.3" },
  });
  expect(parse(textOf("Pulumi.dev.yaml"))).toEqual({ config: { "bigpeer:topology": "topologies/dev.yaml" } });
  expect(textOf("index.ts").split("\n").length).toBeLessThan(10);
});

test("the schema line of a new topology leads to the schema of the installed package", () => {
  const [, path = ""] = /^# yaml-language-server: \$schema=(\S+)/.exec(topologyText(answers)) ?? [];
  expect(join("topologies", path)).toBe("node_modules/bigpeer-topology/topology.schema.json");
});

describe("a new topology has no finding", () => {
  test.each(["dev", "production"])("of one cluster in %s", (environment) => {
    expect(findings(topologyText({ ...answers, environment }))).toEqual([]);
  });

  test.each(initialWays)("of clusters that are reached by %s", (way) => {
    const domain = way === "node-port" || way === "address" ? "example.org" : undefined;
    for (const clusters of [two, clusterNames(["a", "b", "c", "d"])])
      for (const stackPerCluster of [false, true])
        expect(findings(topologyText({ ...answers, clusters, way, domain, stackPerCluster }))).toEqual([]);
  });
});

test("a new topology has a Big Peer in each cluster, at the context that was chosen, and all of them replicate", () => {
  const clusters = clusterNames([
    "arn:aws:eks:eu-west-1:123456789012:cluster/west",
    "gke_my-project_europe-west1_east",
    "edge",
  ]);
  const { plan } = planText(topologyText({ ...answers, clusters, namespace: "big-peers" }));
  expect([...plan.clusters.values()].map(({ name, context, namespace }) => [name, context, namespace])).toEqual([
    ["west", "arn:aws:eks:eu-west-1:123456789012:cluster/west", "big-peers"],
    ["east", "gke_my-project_europe-west1_east", "big-peers"],
    ["edge", "edge", "big-peers"],
  ]);
  expect([...plan.peers.values()].map(({ cluster }) => cluster)).toEqual(["west", "east", "edge"]);
  expect([...plan.replications.values()].map(({ sides }) => sides.length)).toEqual([3]);
});

test("names that YAML would take for something else stay texts", () => {
  const odd = { ...answers, project: "2024", namespace: "123", clusters: clusterNames(["true"]) };
  expect(findings(topologyText(odd))).toEqual([]);
  expect([...planText(topologyText(odd)).plan.clusters.values()]).toMatchObject([{ name: "true", namespace: "123" }]);
  const [, project] = projectFiles(odd, versions);
  expect(parse(project?.text ?? "")).toMatchObject({ name: "2024" });
});

test("each cluster may have a stack, which the topology names and a file configures", () => {
  const given = { ...answers, clusters: two, stackPerCluster: true };
  expect(stacksOf(given)).toEqual(["dev-east", "dev-west"]);
  const files = projectFiles(given, versions).map(({ path }) => path);
  expect(files).toEqual(expect.arrayContaining(["Pulumi.dev-east.yaml", "Pulumi.dev-west.yaml"]));
  const { plan } = planText(topologyText(given));
  expect([...plan.clusters.values()].map(({ stack }) => stack)).toEqual(["dev-east", "dev-west"]);
});

/** A topology refuses a name that looks like a user and a password in a URL. */
const contextName = fc.string({ minLength: 1 }).filter((name) => !/:.*@/.test(name));

test("the clusters of any contexts have different names that a topology takes", () => {
  fc.assert(
    fc.property(fc.uniqueArray(contextName, { minLength: 1, maxLength: 5 }), (contexts) => {
      const clusters = clusterNames(contexts);
      expect(new Set(clusters.map(({ name }) => name)).size).toBe(contexts.length);
      for (const { name } of clusters) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,40}[a-z0-9])?$/);
      expect(() => planText(topologyText({ ...answers, clusters }))).not.toThrow();
    }),
  );
});

test.each(initialForges)("the workflows for %s are for the environment of the project", (forge) => {
  const files = workflowFiles(forge, "dev", "templates");
  expect(files.map(({ path }) => path)).toEqual(
    forge === "github"
      ? [".github/workflows/deploy.yml", ".github/workflows/drift.yml", ".github/workflows/pull-request.yml"]
      : [".gitlab-ci.yml"],
  );
  for (const { text } of files) {
    expect(text).not.toContain("[production]");
    expect(text).toContain("[dev]");
    expect(() => parse(text)).not.toThrow();
  }
});

test("template/ is what bigpeer init writes, as pulumi new takes it (npm run generate)", () => {
  for (const { path, text } of templateFiles(projectVersions()))
    expect(readFileSync(join("template", path), "utf8"), path).toBe(text);
});
