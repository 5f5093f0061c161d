import { basename } from "node:path";
import type { Source } from "../../topology/file/source.ts";
import { topologyName } from "../../topology/monitoring/metrics.ts";
import { monitoringFiles, monitoringFolder } from "../../topology/monitoring/monitoring-files.ts";
import { watchedTopology } from "../../topology/monitoring/watched-topology.ts";
import { kubeconfigSecretOf } from "../../topology/monitoring/watcher.ts";
import { kubectlOf, shellWord } from "../../topology/objects/kubectl.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { RenderedFile } from "../../topology/render/files.ts";
import type { LeftToDo } from "../../topology/render/left-to-do.ts";
import { secondsIn } from "../../watch/interval.ts";
import { UsageError } from "../usage-error.ts";

/** The options of `render` that are about monitoring. */
export interface MonitoringOptions {
  readonly out: string;
  readonly allowPlainSecrets?: boolean;
  readonly monitoring?: boolean;
  readonly onlyMonitoring?: boolean;
  readonly monitoringNamespace?: string;
  readonly runbooks?: string;
  readonly watchImage?: string;
  readonly watchEvery?: string;
}

/** The files for monitoring that the options ask for, and what they leave to do.
 * @throws UsageError if an option cannot be used, or a secret would be written in plain text */
export function renderMonitoring(
  source: Source,
  plan: Plan,
  options: MonitoringOptions,
): { readonly files: readonly RenderedFile[]; readonly left: readonly LeftToDo[] } {
  const { runbooks, watchImage, monitoringNamespace: namespace = "monitoring", watchEvery: every = "5m" } = options;
  if (!options.monitoring && !options.onlyMonitoring) {
    if (watchImage === undefined && runbooks === undefined) return { files: [], left: [] };
    throw new UsageError("--watch-image and --runbooks apply to monitoring: add --monitoring or --only-monitoring");
  }
  if (plan.clusters.has(monitoringFolder) && !options.onlyMonitoring)
    throw new UsageError(
      `a cluster of the topology is called ${monitoringFolder}, which is also the folder of the monitoring files: write those into a folder of their own with --only-monitoring`,
    );
  if (runbooks !== undefined && !URL.canParse(runbooks))
    throw new UsageError(`--runbooks ${runbooks}: write the URL of a folder, such as https://docs.example.com/runbook`);
  if (secondsIn(every) === undefined)
    throw new UsageError(`--watch-every ${every}: write a duration such as 30s, 5m or 1h30m`);
  const { text, secrets } = watchedTopology(source.value);
  if (watchImage !== undefined && secrets.length > 0 && !options.allowPlainSecrets)
    throw new UsageError(
      `the topology contains a secret in plain text (${secrets.join(", ")}), and its file would be in a ConfigMap; --allow-plain-secrets writes it anyway`,
    );
  const file = basename(source.file);
  const watcher = watchImage === undefined ? undefined : { image: watchImage, every };
  const files = monitoringFiles(plan, { file, text, namespace, runbooks, watcher });
  return { files, left: watcher ? steps(plan, topologyName(file), namespace, options.out) : [] };
}

function steps(plan: Plan, topology: string, namespace: string, out: string): LeftToDo[] {
  const secret = kubeconfigSecretOf(topology);
  const contexts = [...plan.clusters.values()].map(({ context }) => context).join(", ");
  return [
    {
      what: `create the Secret ${secret} in the namespace ${namespace} of the cluster in which verify runs, with a kubeconfig that has the contexts ${contexts}`,
      why: "the files contain no credentials; docs/how-to/watch-replications.md shows how to make a kubeconfig with a token for each cluster",
      command: `kubectl -n ${namespace} create secret generic ${secret} --from-file=kubeconfig=watch.kubeconfig`,
    },
    {
      what: "let verify read the declared objects in each cluster",
      why: "the Roles belong in the clusters that verify reads, not in the one in which it runs",
      command: [...plan.clusters.values()]
        .map(
          (cluster) =>
            `${kubectlOf(cluster)} apply -k ${shellWord(`${out}/${monitoringFolder}/access/${cluster.name}`)}`,
        )
        .join(" && "),
    },
  ];
}
