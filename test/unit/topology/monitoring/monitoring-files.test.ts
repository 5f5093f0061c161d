import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { alertRules, runbookPages } from "../../../../topology/monitoring/alerts.ts";
import { dashboard } from "../../../../topology/monitoring/dashboard.ts";
import { metrics, topologyName } from "../../../../topology/monitoring/metrics.ts";
import { type MonitoringInputs, monitoringFiles } from "../../../../topology/monitoring/monitoring-files.ts";
import { watchedTopology } from "../../../../topology/monitoring/watched-topology.ts";
import { isRendered } from "../../../../topology/render/files.ts";
import { plan } from "../../../support/watched-rounds.ts";

const inputs: MonitoringInputs = {
  file: "dev.yaml",
  text: "clusters: {}\n",
  namespace: "monitoring",
  runbooks: undefined,
  watcher: { image: "registry.example.com/bigpeer:1", every: "5m" },
};
const rules = alertRules({ topology: "dev" }).groups.flatMap((group) => group.rules);
const fileAt = (path: string, change: Partial<MonitoringInputs> = {}) =>
  monitoringFiles(plan, { ...inputs, ...change }).find((file) => file.path === path)?.text ?? "";

/** The metrics that a query names. */
const namesIn = (query: string) => query.match(/\bbigpeer_\w+/g) ?? [];
const known: ReadonlySet<string> = new Set(Object.values(metrics).map(({ name }) => name));

test("metrics are named as Prometheus' conventions have it", () => {
  for (const { name, type, labels } of Object.values(metrics)) {
    expect(name).toMatch(/^bigpeer_[a-z_]+$/);
    expect({ name, total: name.endsWith("_total") }).toEqual({ name, total: type === "counter" });
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|days)\b/);
    // Prometheus gives these to what it scrapes.
    for (const label of labels) expect(["cluster", "namespace", "job", "instance", "pod"]).not.toContain(label);
  }
});

test("alerts and the dashboard ask for no metric that there is not, and the alerts for no other topology", () => {
  const queries = dashboard("").panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  for (const query of [...queries, ...rules.map(({ expr }) => expr)]) {
    expect(namesIn(query).length).toBeGreaterThan(0);
    expect(namesIn(query).filter((name) => !known.has(name))).toEqual([]);
  }
  for (const { expr } of rules) expect(expr.match(/\{topology="dev"/g)?.length).toBe(namesIn(expr).length);
});

test("every alert leads to a page of the runbook that exists, or to where it is published", () => {
  expect(runbookPages.filter((page) => !existsSync(`docs/runbook/${page}.md`))).toEqual([]);
  for (const { annotations } of rules) expect(annotations.runbook).toMatch(/^docs\/runbook\/[a-z-]+\.md$/);
  const published = alertRules({ topology: "dev", runbooks: "https://docs.example.com/runbook/" });
  expect(published.groups[0]?.rules[0]?.annotations.runbook_url).toBe(
    "https://docs.example.com/runbook/documents-do-not-arrive.md",
  );
});

test("the panels of the dashboard lie beside and below each other, and not on each other", () => {
  const places = dashboard("").panels.map(({ gridPos }) => gridPos);
  for (const [index, one] of places.entries()) {
    expect(one.x + one.w).toBeLessThanOrEqual(24);
    for (const other of places.slice(index + 1)) {
      const apart =
        one.x + one.w <= other.x ||
        other.x + other.w <= one.x ||
        one.y + one.h <= other.y ||
        other.y + other.h <= one.y;
      expect({ one, other, apart }).toMatchObject({ apart: true });
    }
  }
});

describe("the files", () => {
  test("are recognised as ours, and listed in their kustomization unless they are no objects", () => {
    const files = monitoringFiles(plan, inputs);
    expect(files.filter(({ text }) => !isRendered(text))).toEqual([]);
    expect(files.map(({ path }) => path).sort()).toEqual([
      "monitoring/access/east/kustomization.yaml",
      "monitoring/access/east/role-ditto.yaml",
      "monitoring/access/east/rolebinding-ditto.yaml",
      "monitoring/access/east/serviceaccount-ditto.yaml",
      "monitoring/access/west/kustomization.yaml",
      "monitoring/access/west/role-ditto.yaml",
      "monitoring/access/west/role-ingress-nginx.yaml",
      "monitoring/access/west/rolebinding-ditto.yaml",
      "monitoring/access/west/rolebinding-ingress-nginx.yaml",
      "monitoring/access/west/serviceaccount-ditto.yaml",
      "monitoring/configmap-bigpeer-watch-dashboard.yaml",
      "monitoring/configmap-bigpeer-watch-dev.yaml",
      "monitoring/deployment-bigpeer-watch-dev.yaml",
      "monitoring/grafana/bigpeer-topology.json",
      "monitoring/kustomization.yaml",
      "monitoring/prometheus/dev.rules.yaml",
      "monitoring/prometheusrule-bigpeer-watch-dev.yaml",
      "monitoring/service-bigpeer-watch-dev.yaml",
      "monitoring/servicemonitor-bigpeer-watch-dev.yaml",
    ]);
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parse(fileAt("monitoring/kustomization.yaml")));
    expect(resources).toHaveLength(6);
  });

  test("have nothing that runs where no image is given", () => {
    const paths = monitoringFiles(plan, { ...inputs, watcher: undefined }).map(({ path }) => path);
    expect(paths.filter((path) => /deployment|service|access/.test(path))).toEqual([]);
    expect(paths).toContain("monitoring/prometheusrule-bigpeer-watch-dev.yaml");
  });

  test("start the Deployment again when the topology changes, and not otherwise", () => {
    const path = "monitoring/deployment-bigpeer-watch-dev.yaml";
    expect(fileAt(path)).toBe(fileAt(path));
    expect(fileAt(path, { text: "clusters: { east: {} }\n" })).not.toBe(fileAt(path));
  });

  test("let what watches read, and write nothing but keys and port-forwards", () => {
    const roles = monitoringFiles(plan, inputs).filter(({ path }) => /\/role-/.test(path));
    const verbs = z.object({
      rules: z.array(z.object({ resources: z.array(z.string()), verbs: z.array(z.string()) })),
    });
    const writing = roles.flatMap(({ text }) =>
      verbs.parse(parse(text)).rules.filter((rule) => rule.verbs.some((verb) => !["get", "list"].includes(verb))),
    );
    expect(writing.map(({ resources }) => resources.join()).filter((each) => each !== "pods/portforward")).toEqual([]);
    const all = roles.map(({ text }) => text).join("\n");
    expect(all).not.toContain("ditto-bp1-ca");
    expect(all).toContain("tcp-services");
  });
});

test("the topology of the Deployment has no kubeconfig, and a secret in it is found", () => {
  const { text, secrets } = watchedTopology({
    clusters: { east: { context: "admin@east", kubeconfig: "/home/me/.kube/config" } },
    peers: { bp1: { cluster: "east", version: "1.63.2", spec: { env: [{ name: "password", value: "hunter2" }] } } },
  });
  expect(parse(text)).toMatchObject({ clusters: { east: { context: "admin@east" } } });
  expect(text).not.toContain("kubeconfig");
  expect(secrets.join()).toContain("peers.bp1.spec");
});

test.each([
  ["dev.yaml", "dev"],
  ["My Topology_2.yml", "my-topology-2"],
  ["---.yaml", "topology"],
])("the topology in %s is called %s", (file, name) => {
  expect(topologyName(file)).toBe(name);
});
