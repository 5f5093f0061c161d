import { formatPath, type Path } from "../topology/findings/finding.ts";
import type { ClusterManifest } from "../topology/objects/cluster-manifests.ts";
import { kubectlOf } from "../topology/objects/kubectl.ts";
import { referenceOf } from "../topology/objects/object-reference.ts";
import type { Plan, PlannedCluster } from "../topology/plan/plan.ts";
import { changeText } from "./change-text.ts";
import { additions, differences, differingFields } from "./differences.ts";
import { exposureProblems } from "./exposure-conditions.ts";
import { liveConditions } from "./live-conditions.ts";
import type { Observation, Problem, Seen, State, StatusRow } from "./status-row.ts";

const expirySoonMs = 30 * 24 * 60 * 60 * 1000;

/** How the sentence begins that the state of a stack differs. */
export const deployedDifferently = "is deployed differently";

/** The row of one object: as it is declared, against what the stack wrote last and what is in the cluster. */
export function rowOf(
  plan: Plan,
  cluster: PlannedCluster,
  { manifest, role, source, way }: ClusterManifest,
  seen: Observation,
  now: Date,
): StatusRow {
  const { kind, metadata } = manifest;
  const ref = referenceOf(cluster.name, manifest, role);
  // What counts in the cluster is what the object says, not how Pulumi waits for it.
  const { apiVersion: _, kind: __, metadata: ___, ...content } = manifest;
  const labels = { metadata: { labels: metadata.labels ?? {} } };
  const wanted = role === "patch" ? content : { ...content, ...labels };
  const flag = stackFlag(cluster);
  const kubectl = kubectlOf(cluster);
  const up = `pulumi up${flag}`;
  const problems: Problem[] = [];

  const deployedSeen = seen.deployed(ref);
  const deployed = compare(wanted, deployedSeen, kind);
  if (deployed.state === "no")
    problems.push({ what: "is declared, but not deployed", mend: up, page: "object-missing" });
  if (deployed.state === "differs")
    problems.push({ what: `${deployedDifferently}: ${deployed.what}`, mend: up, page: "object-changed" });
  if (deployed.state === "unknown")
    problems.push({ what: deployed.what, mend: "pulumi stack ls", page: "stack-unreadable" });

  const liveSeen = seen.live?.(ref);
  const live = liveSeen && compare(wanted, liveSeen, kind, true);
  const refresh = `pulumi up --refresh${flag}`;
  if (live?.state === "unknown")
    problems.push({
      what: live.what,
      mend: `${kubectl} -n ${ref.namespace} get ${kind.toLowerCase()} ${ref.name}`,
    });
  if (deployed.state === "yes" && live?.state === "no")
    problems.push({ what: "is gone from the cluster", mend: refresh, page: "object-missing" });
  const added = kind === plan.operator.kinds.replication && liveSeen ? addedByOthers(plan, wanted, liveSeen) : [];
  // Server-side apply takes nothing away that others have put there.
  if (added.length > 0)
    problems.push({
      what: `has what nobody declared: ${added.join(", ")}`,
      mend: `${kubectl} -n ${ref.namespace} delete ${kind.toLowerCase()} ${ref.name} && ${refresh}`,
      page: "object-changed",
    });
  else if (deployed.state === "yes" && live?.state === "differs")
    problems.push({ what: `was changed in the cluster: ${live.what}`, mend: refresh, page: "object-changed" });

  const object = role === "object" && liveSeen && "object" in liveSeen ? liveSeen.object : undefined;
  const { ready, connected } = liveConditions(
    object,
    kind === plan.operator.kinds.bigPeer ? plan.operator.readyCondition : "Ready",
  );
  const describe = `${kubectl} -n ${ref.namespace} describe ${kind.toLowerCase()} ${ref.name}`;
  for (const what of way ? exposureProblems(object) : [])
    problems.push({ what, mend: describe, page: "replication-not-connected" });
  if (ready && !ready.holds)
    problems.push({ what: `is not ready: ${ready.message}`, mend: describe, page: "peer-not-ready" });
  const paused = kind === plan.operator.kinds.replication && isPaused(plan, source);
  if (connected && !connected.holds && !paused)
    problems.push({
      what: `is not connected: ${connected.message}`,
      mend: describe,
      page: "replication-not-connected",
    });

  const caExpires = kind === plan.operator.kinds.bigPeer && role === "object" ? seen.caExpiry.get(ref.name) : undefined;
  const remainingMs = caExpires ? caExpires.getTime() - now.getTime() : expirySoonMs;
  // One that has expired is told with the trust.
  if (caExpires && remainingMs < expirySoonMs && (remainingMs > 0 || !seen.trust))
    problems.push({
      what: `its CA certificate expire${remainingMs > 0 ? "s" : "d"} on ${caExpires.toISOString().slice(0, 10)}, and cert-manager has not renewed it yet`,
      mend: renewCommand(plan, ref.name, kubectl),
      page: "ca-expires",
    });
  return {
    source: formatPath(source),
    ref,
    ...(paused ? { paused } : {}),
    deployed: deployed.state,
    changed: "object" in deployedSeen ? deployedSeen.changed : undefined,
    live: live?.state,
    ...(added.length > 0 ? { undeclared: true as const } : {}),
    ready,
    connected,
    caExpires,
    problems,
  };
}

function isPaused({ replications }: Plan, [section, name]: Path): boolean {
  return section === "replications" && replications.get(String(name))?.paused === true;
}

/** A replication that dials or subscribes to more than is declared: documents flow that no review has seen. */
function addedByOthers(plan: Plan, wanted: unknown, seen: Seen): string[] {
  if (!("object" in seen)) return [];
  const { connections, queriesByCollection } = plan.operator.fields.replication;
  const fields = [connections, queriesByCollection];
  // What is declared and gone comes first: an update mends it.
  const gone = differences(wanted, seen.object).some((path) => !fields.includes(path));
  return gone ? [] : additions(wanted, seen.object, fields);
}

function compare(wanted: unknown, seen: Seen, kind: string, isLive = false): { state: State; what: string } {
  if ("unknown" in seen) return { state: "unknown", what: seen.unknown };
  if (seen.object === undefined) return { state: "no", what: "" };
  const fields = differingFields(wanted, seen.object);
  if (fields.length === 0) return { state: "yes", what: "" };
  return {
    state: "differs",
    what: changeText(fields, kind, { wanted, actual: seen.object, live: isLive ? seen.object : undefined }),
  };
}

/** The command that shows the renewal of a CA, and those that carry the new one to every peer that trusts it. */
function renewCommand(plan: Plan, name: string, kubectl: string): string {
  const peer = plan.peers.get(name);
  const trusters = [...plan.peers.values()].filter(({ trusts }) => trusts.some((each) => each.peer === name));
  const clusters = [...new Set([peer, ...trusters].flatMap((each) => plan.clusters.get(each?.cluster ?? "") ?? []))];
  const updates = [...new Set(clusters.map((cluster) => `pulumi up${stackFlag(cluster)}`))];
  return [`${kubectl} -n ${peer?.namespace} describe secret ${peer?.caSecret}`, ...updates].join(" && ");
}

/** The flag that names the stack of a cluster, with a space before it; empty where nobody knows it. */
export function stackFlag(cluster: PlannedCluster | undefined): string {
  return cluster?.stack === undefined ? "" : ` --stack ${cluster.stack}`;
}
