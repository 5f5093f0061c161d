import { z } from "zod";
import type { Pending } from "../program/stack-exports.ts";
import type { Ingress } from "../topology/file/schema.ts";
import { formatPath } from "../topology/findings/finding.ts";
import { type ClusterManifest, clusterManifests, type DeployedValues } from "../topology/objects/cluster-manifests.ts";
import { editedPorts, restorePortsCommand } from "../topology/objects/edited-ports.ts";
import { exposedPortsManifest, tcpServicesManifest } from "../topology/objects/exposure-manifests.ts";
import type { Manifest } from "../topology/objects/manifests.ts";
import { type ClusterObjectReference, referenceOf } from "../topology/objects/object-reference.ts";
import type { Plan, PlannedCluster } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { staleTrust, type TrustProblem, type TrustSeen } from "../trust/stale-trust.ts";
import { additions, anyValue, differences } from "./differences.ts";
import { exposureProblems } from "./exposure-conditions.ts";
import { type LiveCondition, liveConditions } from "./live-conditions.ts";

/** What was seen of an object: itself, undefined where it is not there, or why nobody could look. */
export type Seen =
  | { readonly object: unknown /** When it was last written. */; readonly changed?: Date | undefined }
  | { readonly unknown: string };

export interface Observation {
  /** As the stack wrote it last. */
  readonly deployed: (ref: ClusterObjectReference) => Seen;
  /** What the stacks have written that is declared nowhere. */
  readonly leftovers: (declared: readonly ClusterObjectReference[]) => readonly ClusterObjectReference[];
  /** As it is in its cluster; undefined: not asked for. */
  readonly live: ((ref: ClusterObjectReference) => Seen) | undefined;
  /** By peer: when its CA certificate expires. */
  readonly caExpiry: ReadonlyMap<string, Date>;
  /** Who trusts which CA; undefined: not asked for. */
  readonly trust?: TrustSeen | undefined;
  /** What the stacks say that they wait for. */
  readonly pending?: readonly Pending[] | undefined;
}

/** The source of what is deployed, and in no topology. */
export const notDeclared = "not declared";

/** Whether something is there as it is declared. */
export type State = "yes" | "no" | "differs" | "unknown";

export interface StatusRow {
  /** In the topology: `peers.bp1`; `not declared` for what is left over. */
  readonly source: string;
  readonly ref: ClusterObjectReference;
  /** Where the row is about one port of an ingress controller: its ConfigMap's entry and its Service's port together. */
  readonly exposure?: { readonly peer: string; readonly port: number };
  readonly deployed: State;
  /** When a stack last wrote it. */
  readonly changed: Date | undefined;
  readonly live: State | undefined;
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
  const declared = [...plan.clusters.values()].map((cluster) => ({
    cluster,
    manifests: clusterManifests(plan, cluster.name, notKnown),
  }));
  const stale = seen.trust ? staleTrust(plan, seen.trust, now) : [];
  const rows = declared.flatMap(({ cluster, manifests }) => [
    // What exposes targets by ingress-nginx is told exposure by exposure.
    ...manifests
      .filter(({ way }) => way !== "ingressNginx")
      .map((each) => withTrust(plan, rowOf(plan, cluster, each, seen, now), stale, seen.trust)),
    ...exposureRows(plan, cluster, seen, now),
  ]);
  const refs = declared.flatMap(({ cluster, manifests }) =>
    manifests.map(({ manifest, role }) => referenceOf(cluster.name, manifest, role)),
  );
  const leftovers = seen.leftovers(refs).map((ref): StatusRow => {
    const mend = `pulumi up${stackFlag(plan.clusters.get(ref.cluster))}`;
    return {
      source: notDeclared,
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
  serviceBackend: () => ({ selector: anyValue, targetPort: anyValue }),
};

function exposureRows(plan: Plan, cluster: PlannedCluster, seen: Observation, now: Date): StatusRow[] {
  return shareOf(plan, cluster.name).controllers.flatMap(({ ingress, exposures }) => {
    const rows = exposures.map((exposure): StatusRow => {
      const source = ["replications", exposure.replication];
      const row = (manifest: Manifest) => rowOf(plan, cluster, { manifest, role: "patch", source }, seen, now);
      const entry = row(tcpServicesManifest(ingress, [exposure]));
      if (ingress.hostPorts) return { ...entry, exposure: { peer: exposure.peer, port: exposure.port } };
      const port = row(exposedPortsManifest(ingress, [exposure]));
      const ofService = port.problems.filter(({ what }) => entry.problems.every((each) => each.what !== what));
      const renumber = restoreMend(ingress, exposure.port, seen.live?.(port.ref), cluster);
      const problems = [
        ...entry.problems,
        ...ofService.map(({ what, mend }) => ({
          what: `the Service ${ingress.service} ${what}`,
          mend: renumber ?? mend,
        })),
      ];
      return {
        ...entry,
        exposure: { peer: exposure.peer, port: exposure.port },
        deployed: worst(entry.deployed, port.deployed),
        live: entry.live && port.live && worst(entry.live, port.live),
        problems,
      };
    });
    const [first, ...others] = rows;
    if (!first) return [];
    const written = seen.deployed(first.ref);
    const open = "object" in written ? deployedPorts(written.object) : [];
    const declared = new Set(exposures.map(({ port }) => String(port)));
    const stale = open
      .filter((port) => !declared.has(port))
      .map((port) => ({
        what: `port ${port} is still open, but the topology does not declare it any more`,
        mend: `pulumi up${stackFlag(cluster)}`,
      }));
    return [{ ...first, problems: [...first.problems, ...stale] }, ...others];
  });
}

/** What was changed by hand on a port of ours has to be changed back: no update can write it again. */
function restoreMend(
  ingress: Ingress,
  declared: number,
  seen: Seen | undefined,
  { context }: PlannedCluster,
): string | undefined {
  const parsed = seen && "object" in seen ? livePorts.safeParse(seen.object) : undefined;
  const edited = editedPorts(parsed?.data?.spec.ports ?? [], [declared]);
  return edited.length === 0 ? undefined : restorePortsCommand(ingress, edited, context);
}

const livePorts = z.object({
  spec: z.object({
    ports: z.array(
      z.object({
        name: z.string().optional(),
        port: z.number(),
        targetPort: z.union([z.number(), z.string()]).optional(),
      }),
    ),
  }),
});

function deployedPorts(configMap: unknown): string[] {
  const parsed = z.object({ data: z.record(z.string(), z.unknown()).default({}) }).safeParse(configMap);
  return parsed.success ? Object.keys(parsed.data.data) : [];
}

function worst(one: State, other: State): State {
  const [found] = (["unknown", "no", "differs"] as const).filter((state) => state === one || state === other);
  return found ?? "yes";
}

function rowOf(
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
  const added = kind === plan.operator.kinds.replication && liveSeen ? addedByOthers(plan, wanted, liveSeen) : [];
  // Server-side apply takes nothing away that others have put there.
  if (added.length > 0)
    problems.push({
      what: `has what nobody declared: ${added.join(", ")}`,
      mend: `kubectl --context ${cluster.context} -n ${ref.namespace} delete ${kind.toLowerCase()} ${ref.name} && ${refresh}`,
    });
  else if (deployed.state === "yes" && live?.state === "differs")
    problems.push({ what: `was changed in the cluster: ${live.what}`, mend: refresh });

  const object = role === "object" && liveSeen && "object" in liveSeen ? liveSeen.object : undefined;
  const { ready, connected } = liveConditions(
    object,
    kind === plan.operator.kinds.bigPeer ? plan.operator.readyCondition : "Ready",
  );
  const describe = `kubectl --context ${cluster.context} -n ${ref.namespace} describe ${kind.toLowerCase()} ${ref.name}`;
  for (const what of way ? exposureProblems(object) : []) problems.push({ what, mend: describe });
  if (ready && !ready.holds) problems.push({ what: `is not ready: ${ready.message}`, mend: describe });
  if (connected && !connected.holds) problems.push({ what: `is not connected: ${connected.message}`, mend: describe });

  const caExpires = kind === plan.operator.kinds.bigPeer && role === "object" ? seen.caExpiry.get(ref.name) : undefined;
  const remainingMs = caExpires ? caExpires.getTime() - now.getTime() : expirySoonMs;
  // One that has expired is told with the trust.
  if (caExpires && remainingMs < expirySoonMs && (remainingMs > 0 || !seen.trust))
    problems.push({
      what: `its CA certificate expire${remainingMs > 0 ? "s" : "d"} on ${caExpires.toISOString().slice(0, 10)}`,
      mend: "let cert-manager renew it, then `npx bigpeer deploy`, or pulumi up in its stack and then in those of the peers that trust it",
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

/** A Big Peer's own row says what is wrong with its CA, and with its trust in others. */
function withTrust(
  plan: Plan,
  row: StatusRow,
  stale: readonly TrustProblem[],
  trust: TrustSeen | undefined,
): StatusRow {
  const { kind, name, role, namespace } = row.ref;
  if (kind !== plan.operator.kinds.bigPeer || role !== "object") return row;
  const own = stale.filter(({ truster }) => truster === name).map(({ what, mend }) => ({ what, mend }));
  const authority = trust?.authority(name);
  const isThere = row.live === "yes" || row.live === "differs";
  const context = plan.clusters.get(row.ref.cluster)?.context;
  const unread =
    isThere && authority && "unknown" in authority
      ? [
          {
            what: `its CA certificate cannot be read: ${authority.unknown}`,
            mend: `kubectl --context ${context} -n ${namespace} get secret ${plan.peers.get(name)?.caSecret}`,
          },
        ]
      : [];
  return { ...row, problems: [...row.problems, ...own, ...unread] };
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

function compare(wanted: unknown, seen: Seen): { state: State; what: string } {
  if ("unknown" in seen) return { state: "unknown", what: seen.unknown };
  if (seen.object === undefined) return { state: "no", what: "" };
  const paths = differences(wanted, seen.object);
  return paths.length === 0 ? { state: "yes", what: "" } : { state: "differs", what: paths.join(", ") };
}

function stackFlag(cluster: PlannedCluster | undefined): string {
  return cluster?.stack === undefined ? "" : ` --stack ${cluster.stack}`;
}
