import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiException, CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { planText } from "../../topology/check.ts";
import { deployGrants, verifyGrants } from "../../topology/objects/access.ts";
import { verify } from "../../verify/run.ts";
import { BadNetwork } from "../faults/bad-network.ts";
import { Deployment } from "./deployment.ts";
import { LeastAccess } from "./least-access.ts";

// Both clusters in one stack.
const topology = readFileSync("topologies/two-clusters.yaml", "utf8").replaceAll(/^ +stack: .*\n/gm, "");
const { plan } = planText(topology);
const networks = new Map<string, BadNetwork>();
let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.start(topology);
  let kubeconfig = readFileSync(deployment.access.kubeconfig, "utf8");
  for (const { name, server } of deployment.lab.description.clusters) {
    const network = await BadNetwork.before(server);
    networks.set(name, network);
    kubeconfig = network.through(kubeconfig, server);
  }
  const file = join(deployment.directory, "through-recorders");
  writeFileSync(file, kubeconfig);
  await deployment.engine.run(["config", "set", "bigpeer:kubeconfig", file, "--stack", "dev"]);
});
afterAll(async () => {
  for (const network of networks.values()) await network.stop();
  await deployment?.stop();
});

/** `<verb> <namespace>/<resource>/<name>` of a request, as the API server authorizes it. */
function asked({ method, path, status }: BadNetwork["seen"][number]): string[] {
  const parts = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/?]+)(?:\/([^/?]+))?/.exec(path);
  // Pulumi's provider asks for the events of whatever it waits for, and goes on without those that it may not see.
  if (!parts || (status === 403 && parts[2] === "events")) return [];
  const [, namespace = "", resource, name = ""] = parts;
  const verbs: Record<string, string[]> = {
    GET: name !== "" ? ["get"] : /[?&]watch=/.test(path) ? watches(path) : ["list"],
    PATCH: status === 201 ? ["patch", "create"] : ["patch"],
    DELETE: ["delete"],
    POST: ["create"],
  };
  return (verbs[method] ?? [method]).map((verb) => `${verb} ${namespace}/${resource}/${name}`);
}

/** A watch that begins with what is there is a list and a watch to API servers and clients before Kubernetes 1.35. */
function watches(path: string): string[] {
  return /[?&]sendInitialEvents=true/.test(path) ? ["list", "watch"] : ["watch"];
}

const used = (cluster: string) => new Set(networks.get(cluster)?.seen.flatMap(asked));
const granted = (cluster: string) =>
  new Set(
    deployGrants(plan, cluster).flatMap(({ namespace, resource, name, verbs }) =>
      verbs.map((verb) => `${verb} ${namespace ?? ""}/${resource}/${name ?? ""}`),
    ),
  );

test("what bigpeer rbac prints for verify is enough for verify", async () => {
  await deployment.up();
  const options = { name: "bigpeer-verify", grantsOf: verifyGrants };
  const { kubeconfig } = await LeastAccess.start(deployment.lab, deployment.directory, plan, options);
  const access = { kubeconfig, reach: "cluster-ip" as const, apis: {}, managementApis: {} };
  const { results } = await verify({ plan, access, deadlineMs: 15_000 });
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
});

test("a deployment from nothing to nothing uses every right that bigpeer rbac prints, and no other", async () => {
  // With a change in it, since what is there is read before it is changed.
  const changed = topology.replace("color = 'blue'", "color = 'green'");
  deployment.write(changed);
  await deployment.up("dev", ["--refresh"]);
  deployment.write(topology);
  const { exitCode, stdout } = await deployment.engine.stack("dev", "destroy");
  expect(exitCode, stdout).toBe(0);
  for (const cluster of networks.keys()) expect([...used(cluster)].sort()).toEqual([...granted(cluster)].sort());
});

test("other people's objects are refused: Secrets above all", async () => {
  const config = loadKubeConfig({ kubeconfig: deployment.access.kubeconfig, context: "east" });
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const other = { group: "ditto.live", version: "v1alpha1", namespace: "ditto", plural: "bigpeers", name: "other" };
  const refused = [
    core.listNamespacedSecret({ namespace: "ditto" }),
    core.readNamespacedSecret({ namespace: "ditto", name: "other" }),
    core.createNamespacedSecret({ namespace: "ditto", body: { metadata: { name: "bp1-trusts-bp2" } } }),
    core.listNamespace(),
    core.deleteNamespacedService({ namespace: "ingress-nginx", name: "ingress-nginx-controller" }),
    custom.deleteNamespacedCustomObject(other),
    custom.createNamespacedCustomObject({ ...other, body: { metadata: { name: "other" } } }),
  ];
  for (const answer of await Promise.allSettled(refused)) {
    const reason: unknown = answer.status === "rejected" ? answer.reason : "allowed";
    expect(reason instanceof ApiException ? reason.code : reason).toBe(403);
  }
});
