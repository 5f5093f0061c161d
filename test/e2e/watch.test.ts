import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CustomObjectsApi, type KubernetesObject, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { installDefinitions, readDefinitions } from "../../lab/definitions.ts";
import { ensureModuleFiles, prometheusOperatorDefinitions } from "../../lab/module-files.ts";
import { ensureGroup } from "../../lab/tool-builds.ts";
import { prometheusSources } from "../../lab/tool-sources.ts";
import { planText } from "../../topology/check.ts";
import { dashboard } from "../../topology/monitoring/dashboard.ts";
import { watchGrants } from "../../topology/objects/access.ts";
import { Session } from "../../verify/session.ts";
import { BadNetwork } from "../faults/bad-network.ts";
import { Deployment } from "../support/deployment.ts";
import { LeastAccess } from "../support/least-access.ts";
import { Prometheus } from "../support/prometheus.ts";
import { UserCommand } from "../support/user-command.ts";

// Both clusters in one stack.
const topology = readFileSync("topologies/two-clusters.yaml", "utf8").replaceAll(/^ +stack: .*\n/gm, "");
const { plan } = planText(topology);
const replications = {
  group: "ditto.live",
  version: "v1alpha1",
  namespace: "ditto",
  plural: "bigpeerreplications",
  name: "blue-cars-bp1",
};

/**
 * One story of a watched topology: each test goes on where the one before it has ended, so none can run alone, and after a failure
 * those that follow say little.
 */
let deployment: Deployment;
let west: BadNetwork;
let watch: UserCommand;
let prometheus: Prometheus;
let tools: { readonly prometheus: string; readonly promtool: string };
let out: string;
let metricsFile: string;
let address: string;

beforeAll(async () => {
  const built = await ensureGroup(prometheusSources());
  tools = { prometheus: built.get("prometheus") ?? "", promtool: built.get("promtool") ?? "" };
  deployment = await Deployment.start(topology);
  await deployment.up();
  out = join(deployment.directory, "manifests");
  metricsFile = join(deployment.directory, "bigpeer.prom");
  const options = { name: "bigpeer-watch", grantsOf: watchGrants };
  const access = await LeastAccess.start(deployment.lab, deployment.directory, plan, options);
  const server = deployment.lab.description.clusters.find(({ name }) => name === "west")?.server ?? "";
  west = await BadNetwork.before(server);
  const kubeconfig = join(deployment.directory, "watch-kubeconfig");
  writeFileSync(kubeconfig, west.through(readFileSync(access.kubeconfig, "utf8"), server));
  render("--only-monitoring", "--watch-image", "registry.example.com/bigpeer:1");
  const flags = ["--every", "1s", "--deadline", "8", "--metrics", "127.0.0.1:0", "--metrics-file", metricsFile];
  watch = new UserCommand(
    [
      ...[resolve("cli/bigpeer.ts"), "verify", deployment.topologyFile, ...flags],
      ...["--reach", "cluster-ip", "--kubeconfig", kubeconfig],
    ],
    deployment.engine.env,
    deployment.engine.directory,
  );
  address = await vi.waitFor(
    () => {
      const [, printed] = /metrics at http:\/\/([\d.:]+)\/metrics\n/.exec(watch.output) ?? [];
      if (printed === undefined) throw new Error(`it does not say where its metrics are: ${watch.output}`);
      return printed;
    },
    { timeout: 30_000 },
  );
  prometheus = await Prometheus.start(tools.prometheus, join(deployment.directory, "prometheus"), {
    target: address,
    rules: rulesFile(),
  });
});
afterAll(async () => {
  await prometheus?.stop();
  watch?.child.kill("SIGTERM");
  await watch?.ended;
  await west?.stop();
  await deployment?.stop();
});

const rulesFile = () => join(out, "monitoring/prometheus/topology.rules.yaml");

function render(...flags: string[]): void {
  const args = [resolve("cli/bigpeer.ts"), "render", deployment.topologyFile, "--out", out, ...flags];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

function promtool(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(tools.promtool, args, { encoding: "utf8", input });
  return { status, text: stdout + stderr };
}

async function exposed(accept = "*/*"): Promise<string> {
  return (await fetch(`http://${address}/metrics`, { headers: { accept } })).text();
}

/** The values of a metric, by those of its labels that are not the topology. */
async function values(metric: string): Promise<Record<string, number>> {
  const lines = (await exposed()).split("\n").filter((line) => line.startsWith(`${metric}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const labels = [...line.matchAll(/(\w+)="([^"]*)"/g)].filter(([, name]) => name !== "topology");
      return [labels.map(([, , value]) => value).join(" "), Number(line.split(" ").at(-1))];
    }),
  );
}
const soon = { timeout: 60_000, interval: 200 };
const rounds = async () =>
  Object.values(await values("bigpeer_verify_rounds_total")).reduce((sum, each) => sum + each, 0);
const firing = async () =>
  (await prometheus.alerts())
    .filter(({ state }) => state === "firing")
    .map(({ labels: { alertname, replication, from, to } }) => [alertname, replication, from, to].join(" "))
    .sort();
const fires = ["BigPeerDocumentsDoNotArrive blue-cars bp1 bp2", "BigPeerDocumentsDoNotArrive blue-cars bp2 bp1"];

describe("a topology that is watched", () => {
  test("is scraped by Prometheus, with every direction up, and nothing fires", async () => {
    await expect
      .poll(() => values("bigpeer_link_up"), soon)
      .toEqual({
        "blue-cars cars bp1 bp2": 1,
        "blue-cars cars bp2 bp1": 1,
        "red-cars cars bp1 bp2": 1,
      });
    await expect.poll(() => prometheus.targets(), soon).toEqual([{ health: "up", lastError: "" }]);
    await expect.poll(async () => Object.values(await values("bigpeer_drifted_objects")), soon).toEqual([0, 0]);
    expect(await values("bigpeer_unreadable_objects")).toEqual({ east: 0, west: 0 });
    expect(await values("bigpeer_trust_problems")).toEqual({ bp1: 0, bp2: 0 });
    expect(await values("bigpeer_pending_steps")).toEqual({ pending: 0, in_progress: 0 });
    const expiry = await values("bigpeer_ca_expiry_timestamp_seconds");
    expect(Object.keys(expiry)).toEqual(["bp1", "bp2"]);
    for (const seconds of Object.values(expiry)) expect(seconds).toBeGreaterThan(Date.now() / 1000);
    for (const seconds of Object.values(await values("bigpeer_link_document_seconds")))
      expect(seconds > 0 && seconds < 8).toBe(true);
    await expect.poll(firing, soon).toEqual([]);
  });

  test("promtool finds nothing wrong with the metrics and the file of them, nor with the rules", async () => {
    for (const text of [await exposed(), readFileSync(metricsFile, "utf8")])
      expect(promtool(["check", "metrics"], text)).toEqual({ status: 0, text: "" });
    expect(promtool(["check", "rules", "--lint=all", rulesFile()])).toMatchObject({
      status: 0,
      text: expect.stringMatching(/SUCCESS: \d+ rules found/),
    });
    // It would have found a metric with a unit that is none.
    expect(promtool(["check", "metrics"], "bigpeer_link_document_milliseconds 1\n").text).toMatch(
      /no help text|base unit/,
    );
  });

  test("every query of the dashboard is one that Prometheus answers", async () => {
    for (const { targets, title } of dashboard("").panels)
      for (const { expr } of targets) {
        const query = expr.replaceAll(/\$(topology|replication)/g, ".*");
        expect({ title, answer: await prometheus.query(query) }).toMatchObject({ answer: { resultType: "vector" } });
      }
  });

  test("a scrape starts no probe: fifty of them are as good as none", async () => {
    const before = { rounds: await rounds(), at: performance.now() };
    for (let scrape = 0; scrape < 50; scrape++) await exposed("application/openmetrics-text");
    const seconds = (performance.now() - before.at) / 1000;
    expect(await rounds()).toBeLessThanOrEqual(before.rounds + seconds + 1);
  });

  test("an alert fires for each direction of a link that is cut, and for no other, and is resolved once it is mended", async () => {
    const api = deployment.kubeConfig("east").makeApiClient(CustomObjectsApi);
    const declared = z
      .object({ spec: z.looseObject({ connections: z.unknown() }) })
      .parse(await api.getNamespacedCustomObject(replications)).spec.connections;
    const dial = (connections: unknown) =>
      api.patchNamespacedCustomObject({
        ...replications,
        body: [{ op: "replace", path: "/spec/connections", value: connections }],
      });
    // The topology does not know the address of the load balancer, so any single one may be the right one; two of them are drift.
    await dial(["127.0.0.1:1", "127.0.0.1:2"]);
    await expect.poll(firing, soon).toEqual(fires);
    expect(await values("bigpeer_link_up")).toMatchObject({ "blue-cars cars bp1 bp2": 0, "red-cars cars bp1 bp2": 1 });
    await expect.poll(() => values("bigpeer_drifted_objects"), soon).toEqual({ east: 1, west: 0 });
    const alert = (await prometheus.alerts()).find(({ labels }) => labels.alertname === "BigPeerDocumentsDoNotArrive");
    expect(alert?.annotations.runbook).toBe("docs/runbook/documents-do-not-arrive.md");
    await dial(declared);
    await expect.poll(firing, soon).toEqual([]);
    await expect.poll(() => values("bigpeer_drifted_objects"), soon).toEqual({ east: 0, west: 0 });
  });

  test("goes on while an API server cannot be used, and sees it again afterwards", async () => {
    const before = await rounds();
    west.weather.throttleEvery = 1;
    await expect.poll(async () => (await values("bigpeer_unreadable_objects")).west, soon).toBeGreaterThan(0);
    expect((await values("bigpeer_unreadable_objects")).east).toBe(0);
    await expect.poll(() => values("bigpeer_link_up"), soon).toMatchObject({ "red-cars cars bp1 bp2": 0 });
    expect((await fetch(`http://${address}/-/healthy`)).status).toBe(200);
    west.weather.throttleEvery = 0;
    await expect.poll(async () => Object.values(await values("bigpeer_link_up")), soon).toEqual([1, 1, 1]);
    expect(await rounds()).toBeGreaterThan(before);
    await expect.poll(() => values("bigpeer_leftover_documents"), soon).toEqual({ "": 0 });
    await expect.poll(firing, soon).toEqual([]);
  });

  test("holds no more connections after many rounds than after a few, and ends with none and nothing left behind", async () => {
    const sockets = () => {
      const folder = `/proc/${watch.child.pid}/fd`;
      return readdirSync(folder).filter((fd) => {
        try {
          return readlinkSync(join(folder, fd)).startsWith("socket:");
        } catch {
          return false;
        }
      }).length;
    };
    const highest = async (count: number) => {
      const end = (await rounds()) + count;
      let most = 0;
      await expect
        .poll(
          async () => {
            most = Math.max(most, sockets());
            return rounds();
          },
          { timeout: 60_000, interval: 50 },
        )
        .toBeGreaterThanOrEqual(end);
      return most;
    };
    const few = await highest(5);
    // One that each round leaves for each peer would be forty more by then.
    await highest(20);
    expect(await highest(5)).toBeLessThanOrEqual(few + 10);
    watch.child.kill("SIGTERM");
    expect(await watch.ended).toBe(0);
    expect(watch.output).not.toMatch(/left behind/);
    const access = {
      kubeconfig: deployment.lab.kubeconfig,
      reach: "cluster-ip" as const,
      apis: {},
      managementApis: {},
    };
    const session = new Session(plan, access);
    for (const peer of plan.peers.keys())
      expect([...(await (await session.documents("cars", peer)).all("cars")).keys()]).toEqual([]);
    await session.close();
  });
});

test("API servers take what runs it in a cluster, and its rights, without a field that they do not know", async () => {
  const header = z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string() }),
  });
  const rendered = z.custom<KubernetesObject>((value) => header.safeParse(value).success);
  const folder = join(out, "monitoring");
  const core = KubernetesObjectApi.makeApiClient(deployment.kubeConfig("east"));
  await core.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } });
  const definitions = await ensureModuleFiles(prometheusOperatorDefinitions);
  const texts = ["prometheusrules", "servicemonitors"].map((kind) =>
    readFileSync(join(definitions, `monitoring.coreos.com_${kind}.yaml`), "utf8"),
  );
  const east = { name: "east", context: "east", kubeConfig: deployment.kubeConfig("east"), serviceCidr: "" };
  await installDefinitions(east, texts.flatMap(readDefinitions));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".yaml") && !/kustomization|^prometheus\//.test(path),
  );
  const kinds: string[] = [];
  for (const path of files) {
    const object = rendered.parse(parse(readFileSync(join(folder, path), "utf8")));
    const [, cluster = "east"] = /^access\/([^/]+)\//.exec(path) ?? [];
    const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig(cluster));
    await api.patch(object, undefined, "All", "gitops", true, PatchStrategy.ServerSideApply);
    kinds.push(object.kind ?? "");
  }
  expect([...new Set(kinds)].sort()).toEqual([
    "ConfigMap",
    "Deployment",
    "PrometheusRule",
    "Role",
    "RoleBinding",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
  ]);
});
