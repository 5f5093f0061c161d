import { type ClusterManifest, clusterManifests, type DeployedValues } from "../topology/cluster-manifests.ts";
import { formatPath } from "../topology/finding.ts";
import type { Plan, PlannedCluster } from "../topology/plan.ts";
import { anyValue, differences } from "./differences.ts";
import { type LiveCondition, liveConditions } from "./live-conditions.ts";

/** Which object of which cluster. A patch and the object that it patches share all but `role`. */
export interface ObjectRef {
  readonly cluster: string;
  readonly role: "object" | "patch";
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What was seen of an object: itself, undefined where it is not there, or why nobody could look. */
export type Seen =
  | { readonly object: unknown /** When it was last written. */; readonly changed?: Date | undefined }
  | { readonly unknown: string };

export interface Observation {
  /** As the stack wrote it last. */
  readonly deployed: (ref: ObjectRef) => Seen;
  /** What the stacks have written that is declared nowhere. */
  readonly leftovers: (declared: readonly ObjectRef[]) => readonly ObjectRef[];
  /** As it is in its cluster; undefined: not asked for. */
  readonly live: ((ref: ObjectRef) => Seen) | undefined;
  /** By peer: when its CA certificate expires. */
  readonly caExpiry: ReadonlyMap<string, Date>;
}

export interface StatusRow {
  /** In the topology: `peers.bp1`. */
  readonly source: string;
  readonly ref: ObjectRef;
  readonly deployed: "yes" | "no" | "differs" | "unknown";
  /** When a stack last wrote it. */
  readonly changed: Date | undefined;
  readonly live: "yes" | "no" | "differs" | "unknown" | undefined;
  readonly ready: LiveCondition | undefined;
  readonly connected: LiveCondition | undefined;
  readonly caExpires: Date | undefined;
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly what: string;
  /** The command, or the edit, that mends it. */
  readonly mend: string;
}

const expirySoonMs = 30 * 24 * 60 * 60 * 1000;

/** What the topology declares against what was deployed and what is there. Pure: all that was seen is given. */
export function statusOf(plan: Plan, seen: Observation, now = new Date()): StatusRow[] {
  const rows = [...plan.clusters.values()].flatMap((cluster) =>
    clusterManifests(plan, cluster.name, notKnown).map((declared) => rowOf(plan, cluster, declared, seen, now)),
  );
  const leftovers = seen.leftovers(rows.map(({ ref }) => ref)).map((ref): StatusRow => {
    const mend = `pulumi up${stackFlag(plan.clusters.get(ref.cluster))}`;
    return {
      source: "not declared",
      ref,
      deployed: "yes",
      changed: undefined,
      live: undefined,
      ready: undefined,
      connected: undefined,
      caExpires: undefined,
      problems: [{ what: "is deployed, but the topology does not declare it any more", mend }],
    };
  });
  return [...rows, ...leftovers];
}

const notKnown: DeployedValues = {
  appId: () => anyValue,
  token: () => anyValue,
  caCertificates: () => anyValue,
  loadBalancerAddress: () => anyValue,
};

function rowOf(
  plan: Plan,
  cluster: PlannedCluster,
  { manifest, role, source }: ClusterManifest,
  seen: Observation,
  now: Date,
): StatusRow {
  const { apiVersion, kind, metadata } = manifest;
  const ref = {
    cluster: cluster.name,
    role,
    apiVersion,
    kind,
    namespace: String(metadata.namespace),
    name: String(metadata.name),
  };
  // What counts in the cluster is what the object says, not how Pulumi waits for it.
  const { apiVersion: _, kind: __, metadata: ___, ...content } = manifest;
  const labels = { metadata: { labels: metadata.labels ?? {} } };
  const wanted = role === "patch" ? content : { ...content, ...labels };
  const up = `pulumi up${stackFlag(cluster)}`;
  const problems: Problem[] = [];

  const deployedSeen = seen.deployed(ref);
  const deployed = compare(wanted, deployedSeen);
  if (deployed.state === "no") problems.push({ what: "is declared, but not deployed", mend: up });
  if (deployed.state === "differs") problems.push({ what: `is deployed otherwise: ${deployed.what}`, mend: up });
  if (deployed.state === "unknown") problems.push({ what: deployed.what, mend: up });

  const liveSeen = seen.live?.(ref);
  const live = liveSeen && compare(wanted, liveSeen);
  const refresh = `pulumi up --refresh${stackFlag(cluster)}`;
  if (live?.state === "unknown")
    problems.push({ what: live.what, mend: `check the context "${cluster.context}" of the kubeconfig` });
  if (deployed.state === "yes" && live?.state === "no")
    problems.push({ what: "is gone from the cluster", mend: refresh });
  if (deployed.state === "yes" && live?.state === "differs")
    problems.push({ what: `was changed in the cluster: ${live.what}`, mend: refresh });

  const object = role === "object" && liveSeen && "object" in liveSeen ? liveSeen.object : undefined;
  const { ready, connected } = liveConditions(
    object,
    kind === plan.operator.kinds.bigPeer ? plan.operator.readyCondition : "Ready",
  );
  const describe = `kubectl --context ${cluster.context} -n ${ref.namespace} describe ${kind.toLowerCase()} ${ref.name}`;
  if (ready && !ready.holds) problems.push({ what: `is not ready: ${ready.message}`, mend: describe });
  if (connected && !connected.holds) problems.push({ what: `is not connected: ${connected.message}`, mend: describe });

  const caExpires = kind === plan.operator.kinds.bigPeer && role === "object" ? seen.caExpiry.get(ref.name) : undefined;
  if (caExpires && caExpires.getTime() - now.getTime() < expirySoonMs)
    problems.push({
      what: `its CA certificate expires on ${caExpires.toISOString().slice(0, 10)}`,
      mend: `let cert-manager renew it, then ${up} in every stack, twice`,
    });
  return {
    source: formatPath(source),
    ref,
    deployed: deployed.state,
    changed: "object" in deployedSeen ? deployedSeen.changed : undefined,
    live: live?.state,
    ready,
    connected,
    caExpires,
    problems,
  };
}

function compare(wanted: unknown, seen: Seen): { state: "yes" | "no" | "differs" | "unknown"; what: string } {
  if ("unknown" in seen) return { state: "unknown", what: seen.unknown };
  if (seen.object === undefined) return { state: "no", what: "" };
  const paths = differences(wanted, seen.object);
  return paths.length === 0 ? { state: "yes", what: "" } : { state: "differs", what: paths.join(", ") };
}

function stackFlag(cluster: PlannedCluster | undefined): string {
  return cluster?.stack === undefined ? "" : ` --stack ${cluster.stack}`;
}
