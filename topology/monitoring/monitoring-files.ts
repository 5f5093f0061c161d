import { stringify } from "yaml";
import { watchGrants } from "../objects/access.ts";
import { accessManifests } from "../objects/access-manifests.ts";
import type { Plan } from "../plan/plan.ts";
import { type RenderedFile, renderedMark, yaml } from "../render/files.ts";
import { alertRules } from "./alerts.ts";
import { dashboard } from "./dashboard.ts";
import { topologyName } from "./metrics.ts";
import { dashboardName, watcherLabels, watcherManifests, watcherNameOf } from "./watcher.ts";

/** The folder of a rendering that has everything for monitoring. */
export const monitoringFolder = "monitoring";

export interface MonitoringInputs {
  /** The file of the topology, without its folder. */
  readonly file: string;
  /** The topology as one file that holds no secret and names no kubeconfig. */
  readonly text: string;
  /** The namespace of the alerts, the dashboard and of what runs verify. */
  readonly namespace: string;
  /** URL of the folder with the runbook's pages. */
  readonly runbooks: string | undefined;
  /** What runs verify in a cluster; undefined: it runs elsewhere. */
  readonly watcher: { readonly image: string; readonly every: string } | undefined;
}

/**
 * The files for monitoring: alerts as a PrometheusRule and as a plain file of rules, a Grafana dashboard as JSON and as the ConfigMap that
 * Grafana's sidecar reads, and, if it is to run in a cluster, what runs `verify --every`, with its rights in every cluster. Pure.
 */
export function monitoringFiles(plan: Plan, inputs: MonitoringInputs): RenderedFile[] {
  const { file, namespace, runbooks, watcher } = inputs;
  const topology = topologyName(file);
  const mark = `${renderedMark}${file}. Change it there: changes here are lost.\n`;
  const rules = alertRules({ topology, runbooks });
  // The same for every topology, since those of one Prometheus share it.
  const shown = JSON.stringify(
    dashboard(`${renderedMark.slice(2)}the metrics of verify. Changes here are lost.`),
    null,
    2,
  );
  const metadata = (name: string) => ({ name, namespace, labels: watcherLabels });
  const objects = [
    {
      ...{ apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" },
      metadata: metadata(watcherNameOf(topology)),
      spec: rules,
    },
    {
      ...{ apiVersion: "v1", kind: "ConfigMap" },
      metadata: {
        ...metadata(dashboardName),
        labels: { ...watcherLabels, grafana_dashboard: "1" },
      },
      data: { "bigpeer-topology.json": `${shown}\n` },
    },
    ...(watcher ? watcherManifests({ ...watcher, namespace, topology, text: inputs.text }) : []),
  ];
  const resources = objects.map((object): RenderedFile => {
    const path = `${monitoringFolder}/${object.kind.toLowerCase()}-${object.metadata.name}.yaml`;
    return { path, text: `${mark}${yaml(object)}` };
  });
  return [
    kustomization(monitoringFolder, resources, mark),
    ...resources,
    { path: `${monitoringFolder}/prometheus/${topology}.rules.yaml`, text: `${mark}${yaml(rules)}` },
    { path: `${monitoringFolder}/grafana/bigpeer-topology.json`, text: `${shown}\n` },
    ...(watcher ? accessFiles(plan, watcherNameOf(topology), mark) : []),
  ];
}

/** A folder for each cluster: who reads it belongs to that cluster. */
function accessFiles(plan: Plan, name: string, mark: string): RenderedFile[] {
  return [...plan.clusters.values()].flatMap(({ name: cluster, namespace }) => {
    const folder = `${monitoringFolder}/access/${cluster}`;
    const subject = { kind: "ServiceAccount", namespace, name } as const;
    const grants = watchGrants(plan, cluster);
    if (grants.length === 0) return [];
    const files = accessManifests(grants, name, subject).map((object): RenderedFile => {
      const place = object.metadata.namespace ?? "cluster";
      const text = stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
      return { path: `${folder}/${object.kind.toLowerCase()}-${place}.yaml`, text: `${mark}${text}` };
    });
    return [kustomization(folder, files, mark), ...files];
  });
}

function kustomization(folder: string, files: readonly RenderedFile[], mark: string): RenderedFile {
  const resources = files.map(({ path }) => path.slice(folder.length + 1));
  const object = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
  return { path: `${folder}/kustomization.yaml`, text: `${mark}${yaml(object)}` };
}
