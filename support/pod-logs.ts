import type { V1Pod } from "@kubernetes/client-node";
import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { readObject } from "../kubernetes/read-object.ts";
import { readLog, readPods } from "../kubernetes/read-pods.ts";
import type { Plan, PlannedCluster } from "../topology/plan/plan.ts";
import { fieldAt } from "../topology/value-at.ts";
import { type BundleFile, type Collected, joined, type Missing, pathPart, sentenceOf } from "./bundle.ts";

/** What has pods whose logs tell why a replication does not work. */
export interface LoggedWorkload {
  readonly kind: "Deployment" | "DaemonSet" | "Service";
  readonly namespace: string;
  readonly name: string;
  /** The name by which the summary lists it. */
  readonly about: string;
}

export interface LogLimits {
  /** Lines from the end of each log. */
  readonly lines: number;
  /** Bytes of each log that are kept, of its end. */
  readonly bytes: number;
}

/** The operator, and the controllers that the topology names. */
export function workloadsOf({ operator }: Plan, { ways }: PlannedCluster): LoggedWorkload[] {
  const { namespace, deployment } = operator.managementApi;
  const found: LoggedWorkload[] = [
    { kind: "Deployment", namespace, name: deployment, about: "the log of the operator" },
  ];
  for (const way of ways.values()) {
    const about = "the log of a controller that exposes targets";
    if (way.kind === "ingressNginx") {
      const { kind, namespace: place, deployment: name } = way.settings;
      found.push({ kind, namespace: place, name, about });
    } else if (way.kind === "transportServer")
      found.push({ kind: "Service", namespace: way.settings.namespace, name: way.settings.service, about });
  }
  const key = ({ kind, namespace: place, name }: LoggedWorkload) => `${kind} ${place}/${name}`;
  return [...new Map(found.map((each) => [key(each), each])).values()];
}

/** The ends of the logs of a workload's pods, also of runs that have crashed. */
export async function workloadLogs(
  source: KubeconfigSource,
  folder: string,
  workload: LoggedWorkload,
  limits: LogLimits,
): Promise<Collected> {
  const cluster = source.cluster;
  try {
    const pods = await podsOf(source, workload);
    const all = pods.flatMap((pod) => containersOf(pod).map((container) => ({ pod, ...container })));
    return joined(
      await Promise.all(
        all.map(async ({ pod, name, restarted }): Promise<Collected> => {
          const runs = await Promise.all(
            (restarted ? [false, true] : [false]).map((previous) =>
              oneLog(source, folder, workload, { pod, name, previous }, limits),
            ),
          );
          return joined(runs);
        }),
      ),
    );
  } catch (error) {
    return { files: [], missing: [{ cluster, reason: sentenceOf(error) }] };
  }
}

/** @throws Error if the workload is not there, or its pods cannot be listed */
async function podsOf(source: KubeconfigSource, { kind, namespace, name }: LoggedWorkload): Promise<readonly V1Pod[]> {
  const apiVersion = kind === "Service" ? "v1" : "apps/v1";
  const object = await readObject(source, { apiVersion, kind, namespace, name });
  if (object === undefined) throw new Error(`${kind} ${namespace}/${name} is not there, so there are no logs of it`);
  const labels = fieldAt(object, kind === "Service" ? "spec.selector" : "spec.selector.matchLabels");
  const selector = Object.entries(Object(labels)).map(([key, value]) => `${key}=${String(value)}`);
  if (selector.length === 0)
    throw new Error(`${kind} ${namespace}/${name} selects no pods, so there are no logs of it`);
  const pods = await readPods(source, namespace, selector.join());
  if (pods.length === 0) throw new Error(`${kind} ${namespace}/${name} has no pods, so there are no logs of it`);
  return pods;
}

function containersOf({ spec, status }: V1Pod): { name: string; restarted: boolean }[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.map(({ name }) => {
    return { name, restarted: states.some((each) => each.name === name && each.restartCount > 0) };
  });
}

async function oneLog(
  source: KubeconfigSource,
  folder: string,
  { namespace, about }: LoggedWorkload,
  { pod, name, previous }: { readonly pod: V1Pod; readonly name: string; readonly previous: boolean },
  { lines, bytes }: LogLimits,
): Promise<Collected> {
  const podName = pod.metadata?.name ?? "";
  try {
    const text = await readLog(source, { namespace, pod: podName, container: name, lines, previous });
    const file = `${pathPart(name)}${previous ? ".previous" : ""}.log`;
    const path = `${folder}/logs/${pathPart(namespace)}/${pathPart(podName)}/${file}`;
    const kept: BundleFile = { path, content: lastBytes(text, bytes), about };
    return { files: [kept], missing: [] };
  } catch (error) {
    const missing: Missing = { cluster: source.cluster, reason: sentenceOf(error) };
    return { files: [], missing: [missing] };
  }
}

/** The end of a text, from the beginning of a line on. */
export function lastBytes(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  const end = all.subarray(all.length - bytes).toString();
  const rest = end.slice(end.indexOf("\n") + 1);
  return `(the first ${all.length - Buffer.byteLength(rest)} bytes were left out)\n${rest}`;
}
