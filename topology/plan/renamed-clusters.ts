import { createHash } from "node:crypto";
import { exposureId } from "./names.ts";
import type { Address, Plan, PlannedCluster } from "./plan.ts";

/** How a cluster is reached. Two clusters that are reached in the same way are the same one, whatever their names. */
export interface ClusterReach {
  readonly context: string;
  /** A hash of the kubeconfig that the topology names for this cluster, because that may be the content itself. */
  readonly kubeconfig?: string | undefined;
}

export function reachOf({ context, kubeconfig }: PlannedCluster): ClusterReach {
  if (kubeconfig === undefined) return { context };
  return { context, kubeconfig: createHash("sha256").update(kubeconfig).digest("hex") };
}

/** How every cluster of a plan is reached, by name. */
export function reachesOf(plan: Plan): ReadonlyMap<string, ClusterReach> {
  return new Map([...plan.clusters].map(([name, cluster]) => [name, reachOf(cluster)]));
}

/**
 * The clusters that have another name than before: new name -> former name. The former name is gone, the new one was
 * not there before, and no third cluster is reached in the same way. A cluster that could be either of two is neither.
 */
export function renamedClusters(
  before: ReadonlyMap<string, ClusterReach>,
  after: ReadonlyMap<string, ClusterReach>,
): ReadonlyMap<string, string> {
  const namesBefore = namesByReach(before);
  return new Map(
    [...namesByReach(after)].flatMap(([reach, [name, ...others]]): [string, string][] => {
      const [former, ...formerOthers] = namesBefore.get(reach) ?? [];
      if (name === undefined || former === undefined || others.length + formerOthers.length > 0) return [];
      return after.has(former) || before.has(name) ? [] : [[name, former]];
    }),
  );
}

/**
 * Gives the new name for a cluster's former one, and any other name unchanged.
 * @param renamed new name -> former name
 */
export function newNames(renamed: ReadonlyMap<string, string>): (cluster: string) => string {
  const names = new Map([...renamed].map(([name, former]) => [former, name]));
  return (cluster) => names.get(cluster) ?? cluster;
}

function namesByReach(clusters: ReadonlyMap<string, ClusterReach>): ReadonlyMap<string, string[]> {
  const byReach = Map.groupBy(clusters, ([, { context, kubeconfig }]) => JSON.stringify([context, kubeconfig]));
  return new Map([...byReach].map(([reach, entries]) => [reach, entries.map(([name]) => name)]));
}

/** An earlier plan, with the names that the later one has for clusters that are in both. */
export function planInNamesOf(later: Plan, plan: Plan): Plan {
  const renamed = renamedClusters(reachesOf(plan), reachesOf(later));
  if (renamed.size === 0) return plan;
  const named = newNames(renamed);
  const moved = <T extends { readonly cluster: string }>(one: T): T => ({ ...one, cluster: named(one.cluster) });
  const exposed = (id: string) => renamedExposure(id, named);
  const addressed = (address: Address): Address => {
    if (address.kind === "in-cluster") return address;
    const exposure = exposed(address.exposure);
    return address.kind === "host" ? { ...address, exposure } : { ...moved(address), exposure };
  };
  return {
    ...plan,
    clusters: mapped(plan.clusters, (cluster) => ({ ...cluster, name: named(cluster.name) }), named),
    peers: mapped(plan.peers, (peer) => ({ ...moved(peer), settings: moved(peer.settings) })),
    apps: mapped(plan.apps, (app) => ({ ...app, objects: app.objects.map(moved) })),
    replications: mapped(plan.replications, (replication) => ({
      ...replication,
      sides: replication.sides.map((side) => ({
        ...moved(side),
        connections: side.connections.map((each) => ({ ...each, address: addressed(each.address) })),
      })),
    })),
    exposures: plan.exposures.map((exposure) => ({ ...moved(exposure), id: exposed(exposure.id) })),
  };
}

/** The ID of an exposure whose cluster has another name now. */
export function renamedExposure(id: string, named: (cluster: string) => string): string {
  const [cluster = "", replication = "", peer = "", way] = id.split("/");
  return exposureId(named(cluster), replication, peer, way);
}

function mapped<T>(
  entries: ReadonlyMap<string, T>,
  value: (entry: T) => T,
  key: (name: string) => string = (name) => name,
): ReadonlyMap<string, T> {
  return new Map([...entries].map(([name, entry]) => [key(name), value(entry)]));
}
