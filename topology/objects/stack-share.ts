import { createHash } from "node:crypto";
import type { Plan, PlannedApp, PlannedCluster } from "../plan/plan.ts";
import { reachOf } from "../plan/renamed-clusters.ts";
import { shareOf } from "../plan/share.ts";
import { secretsOfTopology } from "../secrets/topology.ts";
import { clusterManifests } from "./cluster-manifests.ts";

/**
 * The fingerprint of everything in a plan that decides what one stack's update does: two plans with the same fingerprint have the same
 * update for this stack, whatever else differs between them.
 * @param owned the clusters of the stack
 * @param generated the apps whose ID the stack generates, which it declares wherever their peers are now
 * @returns undefined if the share holds a secret in plain text: its fingerprint would let others test guesses
 */
export function shareFingerprint(
  plan: Plan,
  owned: ReadonlySet<string>,
  generated: readonly string[],
): string | undefined {
  const clusters = [...plan.clusters.values()].filter(({ name }) => owned.has(name));
  const shares = clusters.map((cluster) => {
    const { name, namespace, closed, ways } = cluster;
    const { peers, apps, replications, exposures } = shareOf(plan, name);
    return {
      ...{ name, namespace, closed, ways, reach: reachOf(cluster) },
      objects: clusterManifests(plan, name),
      // What the objects do not show: what the engine protects, what may be taken over, and who is trusted for how long.
      peers: peers.map(({ name: peer, protect, keepFormerCaMs, settings: { adopt }, trusts }) => ({
        ...{ peer, protect, keepFormerCaMs, adopt, replace: plan.allowReplace.has(`peers.${peer}`) },
        trusts: trusts.map((trust) => {
          const { cluster: where, keepFormerCaMs: kept } = plan.peers.get(trust.peer) ?? {};
          return { ...trust, where, kept };
        }),
      })),
      apps: apps.map(({ app }) => settingsOf(plan, app)),
      replications: replications.map(({ replication, sides }) => [replication.name, replication.adopt, sides]),
      exposures,
    };
  });
  const lost = [...plan.lost.keys()].filter((name) => owned.has(name));
  const owner = ({ name, idOwner }: PlannedApp) =>
    generated.includes(name) || owned.has(plan.peers.get(idOwner)?.cluster ?? "");
  const values = [...plan.apps.values()].filter(owner).map((app) => settingsOf(plan, app));
  if (holdsSecret(plan, clusters)) return undefined;
  return fingerprint({ environment: plan.environment, operator: plan.operator, shares, lost, values });
}

function holdsSecret(plan: Plan, clusters: readonly PlannedCluster[]): boolean {
  const shares = clusters.map(({ name }) => shareOf(plan, name));
  const written = {
    clusters: Object.fromEntries(
      clusters.map(({ name, ways }) => [
        name,
        { exposures: Object.fromEntries([...ways].map(([way, { settings }]) => [way, settings])) },
      ]),
    ),
    peers: Object.fromEntries(shares.flatMap(({ peers }) => peers.map(({ name, settings }) => [name, settings]))),
    apps: Object.fromEntries([...plan.apps].map(([name, { auth, spec }]) => [name, { auth, spec }])),
    replications: Object.fromEntries([...plan.replications].map(([name, { spec }]) => [name, { spec }])),
  };
  return !secretsOfTopology(written)[Symbol.iterator]().next().done;
}

function settingsOf(plan: Plan, { name, id, idOwner, protect, auth, adopt }: PlannedApp) {
  const cluster = plan.peers.get(idOwner)?.cluster;
  return { name, id, idOwner, cluster, protect, auth, adopt, replace: plan.allowReplace.has(`apps.${name}`) };
}

/** The fingerprint of a value: the same one for the same members in any order. */
export function fingerprint(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(ordered(value)))
    .digest("hex")
    .slice(0, 32);
}

function ordered(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(ordered);
  if (value instanceof Set) return [...value].map(ordered);
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}
