import type { Urn } from "../engine/urn.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { reachesOf } from "../topology/plan/renamed-clusters.ts";
import { declareHeld, heldOf, readHeldResources } from "./held-resources.ts";
import type { StackReading } from "./other-stacks.ts";
import type { OwnedClusters } from "./owned-clusters.ts";
import type { StackExports } from "./stack-exports.ts";
import type { Standing } from "./standing.ts";

/**
 * What the state holds, read only if the resources of a cluster have to be kept. A stack that has exported nothing has
 * no resources yet.
 */
export async function heldByState(standings: readonly Standing[], before: StackReading): Promise<Urn[]> {
  const asked = standings.some(({ state }) => state === "away" || state === "lost");
  return asked && before.exports ? readHeldResources() : [];
}

/**
 * Keeps in the state what it holds of clusters that do not answer. Resources of a lost cluster are marked so that they
 * can be forgotten.
 */
export function holdClusters({ plan, standings, providers, former }: OwnedClusters, held: readonly Urn[]): void {
  for (const { cluster, state } of standings) {
    const provider = providers.get(cluster.name);
    if (!provider || (state !== "away" && state !== "lost")) continue;
    // Its resources get their new names once the cluster answers again.
    const name = former.clusters.get(cluster.name) ?? cluster.name;
    const options = (resource: Urn) =>
      // A cluster may only look lost, so nothing is ever deleted in it.
      state === "lost" ? { protect: false, retainOnDelete: true } : { protect: isProtected(plan, name, resource) };
    declareHeld(heldOf(name, held), provider, options, former.sameName());
  }
}

/**
 * Protected as the components protect it; what the plan no longer has stays protected until its cluster can be asked.
 */
function isProtected(plan: Plan, cluster: string, { types, name }: Urn): boolean {
  const otherwise = plan.environment !== "development";
  const [peer = "", app = ""] = name
    .slice(cluster.length + 1)
    .split("/")
    .reverse();
  if (types.includes("bigpeer:index:BigPeerApp"))
    return (plan.apps.get(app)?.protect ?? otherwise) && (plan.peers.get(peer)?.protect ?? otherwise);
  if (!types.includes("bigpeer:index:BigPeer")) return false;
  return plan.peers.get(peer.replace(/-token$/, ""))?.protect ?? plan.peers.get(peer)?.protect ?? otherwise;
}

/** How each cluster of a plan is reached and, for this stack's own clusters, the UID that identifies each. */
export function clustersOutput(
  plan: Plan,
  standings: readonly Standing[],
  before: StackExports | undefined,
): NonNullable<StackExports["clusters"]> {
  const identities = new Map(
    standings.map((standing) => [standing.cluster.name, "identity" in standing ? standing.identity : undefined]),
  );
  return Object.fromEntries(
    [...reachesOf(plan)].map(([name, reach]) => {
      const identity = identities.get(name) ?? before?.clusters?.[name]?.identity;
      return [name, { ...reach, ...(identity === undefined ? {} : { identity }) }];
    }),
  );
}

/** What a stack has exported of some of its clusters. */
export type Said = Pick<
  StackExports,
  "peers" | "replications" | "exposures" | "trusted" | "dialled" | "former" | "shown"
>;

/** What the stack exported of clusters that do not answer now, which still holds. */
export function saidOf(clusters: ReadonlySet<string>, { exports }: StackReading): Said {
  if (!exports || clusters.size === 0) return { peers: {}, replications: {}, exposures: {}, trusted: {}, dialled: {} };
  const peers = Object.fromEntries(
    Object.entries(exports.peers).filter(([, { cluster }]) => clusters.has(cluster ?? "")),
  );
  return {
    peers,
    replications: Object.fromEntries(
      Object.entries(exports.replications).map(([name, sides]) => [
        name,
        Object.fromEntries(Object.entries(sides).filter(([peer]) => peer in peers)),
      ]),
    ),
    exposures: Object.fromEntries(
      Object.entries(exports.exposures).filter(([id]) => clusters.has(id.split("/")[0] ?? "")),
    ),
    // No export records which trust and which dialled addresses belong to that cluster, so all of them are kept.
    trusted: exports.trusted,
    dialled: exports.dialled,
    former: exports.former,
    shown: exports.shown,
  };
}

/** What is exported now, together with what was exported of clusters that do not answer. */
export function withKept<T>(
  now: Readonly<Record<string, Readonly<Record<string, T>>>>,
  kept: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, Record<string, T | string>> {
  const names = new Set([...Object.keys(kept), ...Object.keys(now)]);
  return Object.fromEntries([...names].map((name) => [name, { ...kept[name], ...now[name] }]));
}

/** The tokens of peers in clusters that do not answer. */
export function keptTokens(before: StackReading, clusters: ReadonlySet<string>): Record<string, string> {
  if (!before.exports) return {};
  const { peers } = before.exports;
  return Object.fromEntries(
    Object.entries(before.peerTokens ?? {}).filter(([peer]) => clusters.has(peers[peer]?.cluster ?? "")),
  );
}
