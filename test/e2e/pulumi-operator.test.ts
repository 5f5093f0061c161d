import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthorizationV1Api, CoreV1Api, KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { installDefinitions, readDefinitions } from "../../lab/definitions.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/lab.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { planText } from "../../topology/check.ts";

/** Folder of the operator's own definition (`pulumi.com_stacks.yaml`), which this project does not carry. */
const definitions = process.env.PULUMI_OPERATOR_DEFINITIONS;
if (definitions === undefined)
  console.warn(
    "skipped: PULUMI_OPERATOR_DEFINITIONS does not name the folder with the operator's pulumi.com_stacks.yaml",
  );

const namespace = "bigpeer-topology";
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
type Manifest = z.output<typeof manifest>;

/** Folder of each kind in the API's paths. */
const resources: Readonly<Record<string, string>> = {
  ServiceAccount: "serviceaccounts",
  ConfigMap: "configmaps",
  Role: "roles",
  RoleBinding: "rolebindings",
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  Stack: "stacks",
};

describe.skipIf(definitions === undefined)(
  "the Stacks of bigpeer stacks, on an API server with the operator's definition",
  () => {
    let parent: string;
    let lab: RunningLab;
    let objects: readonly Manifest[];

    beforeAll(async () => {
      parent = await mkdtemp(join(tmpdir(), "bigpeer-operator-"));
      const { plan } = planText(readFileSync("topologies/two-clusters.yaml", "utf8"));
      const clusters = labClusters(plan)
        .filter(({ name }) => name === "east")
        .map((cluster) => ({ ...cluster, namespaces: [...cluster.namespaces, namespace] }));
      lab = await startLab({ directory: join(parent, "lab"), clusters });
      const kubeConfig = east();
      const text = readFileSync(join(definitions ?? "", "pulumi.com_stacks.yaml"), "utf8");
      await installDefinitions({ name: "east", context: "east", kubeConfig, serviceCidr: "" }, readDefinitions(text));
      const printed = await bigpeerStacks("--format", "pko", "--own-cluster", "east", "--organization", "acme");
      objects = parseAllDocuments(printed).map((document) => manifest.parse(document.toJS()));
    });
    afterAll(async () => {
      await stopLab(join(parent, "lab"));
      rmSync(parent, { recursive: true, force: true });
    });

    const east = () => loadKubeConfig({ kubeconfig: lab.kubeconfig, context: "east" });

    /** Applies an object as `kubectl apply --server-side --validate=strict` does. */
    async function apply(object: Manifest): Promise<{ status: number; message: string }> {
      const { apiVersion, kind, metadata } = object;
      const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const within = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
      const path = `${root}${within}/${resources[kind]}/${metadata.name}`;
      const kubeConfig = east();
      const url = new URL(
        `${path}?fieldManager=test&force=true&fieldValidation=Strict`,
        kubeConfig.getCurrentCluster()?.server,
      );
      const options = { method: "PATCH", headers: { "content-type": "application/apply-patch+yaml" } };
      await kubeConfig.applyToHTTPSOptions(options);
      return new Promise((done, failed) => {
        const sent = request(url, options, (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          answer.once("end", () => {
            const { message } = z.looseObject({ message: z.string().default("") }).parse(JSON.parse(text));
            done({ status: answer.statusCode ?? 0, message });
          });
        });
        sent.once("error", failed);
        sent.end(JSON.stringify(object));
      });
    }

    test("every object is taken with strict field validation, a second time without a change", async () => {
      for (const pass of ["created", "unchanged"])
        for (const object of objects) {
          const { status, message } = await apply(object);
          expect(`${pass} ${object.kind} ${object.metadata.name}: ${message || status < 300}`).toMatch(/: true$/);
        }
      const api = KubernetesObjectApi.makeApiClient(east());
      const stacks = await api.list("pulumi.com/v1", "Stack", namespace);
      expect(stacks.items.map(({ metadata }) => metadata?.name).sort()).toEqual([
        "bigpeer-dev-east",
        "bigpeer-dev-west",
      ]);
      expect(stacks.items.every(({ metadata }) => metadata?.generation === 1)).toBe(true);
    });

    test("the definition refuses what it does not know, so that the first test can fail", async () => {
      const stack = objects.find(({ kind }) => kind === "Stack");
      const { spec } = z.looseObject({ spec: z.looseObject({}) }).parse(stack);
      const wrong = { ...manifest.parse(stack), spec: { ...spec, prerequisite: [] } };
      expect(await apply(wrong)).toMatchObject({ status: 500, message: expect.stringContaining("prerequisite") });
    });

    test("prerequisites name Stacks that are there, and lead round in no circle", async () => {
      const specs = objects.flatMap((object) => {
        const spec = z.looseObject({ prerequisites: z.array(z.strictObject({ name: z.string() })).default([]) });
        const read = z.looseObject({ kind: z.literal("Stack"), spec }).safeParse(object);
        return read.success ? [{ name: object.metadata.name, before: read.data.spec.prerequisites }] : [];
      });
      const ready = new Set<string>();
      for (let pass = 0; pass < specs.length; pass++)
        for (const { name, before } of specs) if (before.every((each) => ready.has(each.name))) ready.add(name);
      expect(specs.map(({ name }) => name).filter((name) => !ready.has(name))).toEqual([]);
    });

    test("the workspace's ServiceAccount may write its own objects in that cluster, and read nobody's Secrets", async () => {
      const reviews = east().makeApiClient(AuthorizationV1Api);
      const may = async (account: string, verb: string, group: string, resource: string, name?: string) => {
        const user = `system:serviceaccount:${namespace}:${account}`;
        const resourceAttributes = {
          namespace: "ditto",
          verb,
          group,
          resource,
          ...(name === undefined ? {} : { name }),
        };
        const review = await reviews.createSubjectAccessReview({ body: { spec: { user, resourceAttributes } } });
        return review.status?.allowed;
      };
      await expect
        .poll(() => may("bigpeer-dev-east", "patch", "ditto.live", "bigpeers", "bp1"), { timeout: 10_000 })
        .toBe(true);
      expect(await may("bigpeer-dev-east", "patch", "ditto.live", "bigpeers", "bp2")).toBe(false);
      expect(await may("bigpeer-dev-east", "list", "", "secrets")).toBe(false);
      expect(await may("bigpeer-dev-west", "patch", "ditto.live", "bigpeers", "bp1")).toBe(false);
    });

    test("the kubeconfig for the operator's own cluster is one that the program can load", async () => {
      const core = east().makeApiClient(CoreV1Api);
      const { data } = await core.readNamespacedConfigMap({ namespace, name: "bigpeer-dev-east-own-cluster" });
      const config = loadKubeConfig({ kubeconfig: data?.kubeconfig ?? "", context: "east" });
      expect(config.getCurrentCluster()?.server).toBe("https://kubernetes.default.svc");
    });
  },
);

function bigpeerStacks(...options: string[]): Promise<string> {
  const source = ["--repo", "https://git.example.com/acme/shop.git", "--branch", "main"];
  const args = [join(import.meta.dirname, "../../cli/bigpeer.ts"), "stacks", "two-clusters", ...source, ...options];
  return new Promise((done, failed) => {
    execFile(process.execPath, args, (error, stdout, stderr) => (error ? failed(new Error(stderr)) : done(stdout)));
  });
}
