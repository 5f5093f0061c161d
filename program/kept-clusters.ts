import type { Urn } from "../engine/urn.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { reachesOf } from "../topology/plan/renamed-clusters.ts";
import { declareHeld, heldOf, readHeldResources } from "./held-resources.ts";
import type { StackReading } from "./other-stacks.ts";
import type { OwnedClusters } from "./owned-clusters.ts";
import type { StackExports } from "./stack-exports.ts";
import type { Standing } from "./standing.ts";

/** What the state holds, if there is a cluster of which it has to be kept. A stack that has said nothing has nothing yet. */
export async function heldByState(standings: readonly Standing[], before: StackReading): Promise<Urn[]> {
  const asked = standings.some(({ state }) => state === "away" || state === "lost");
  return asked && before.exports ? readHeldResources() : [];
}

/** Keeps in the state what it holds of clusters that do not answer; of one that is lost, marked so that it can be forgotten. */
export function holdClusters({ plan, standings, providers, former }: OwnedClusters, held: readonly Urn[]): void {
  for (const { cluster, state } of standings) {
    const provider = providers.get(cluster.name);
    if (!provider || (state !== "away" && state !== "lost")) continue;
    // Its resources get their new names when they can be looked at again.
    const name = former.clusters.get(cluster.name) ?? cluster.name;
    const options = (resource: Urn) =>
      // Nothing is ever deleted in a cluster that is only believed to be lost.
      state === "lost" ? { protect: false, retainOnDelete: true } : { protect: isProtected(plan, name, resource) };
    declareHeld(heldOf(name, held), provider, options, former.sameName());
  }
}

/** As the components have it; what the plan no longer knows stays protected until it can be judged again. */
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

/** How each cluster of a plan is reached and, of this stack's own, which one it is. */
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

/** What a stack has said of some of its clusters. */
export type Said = Pick<
  StackExports,
  "peers" | "replications" | "exposures" | "trusted" | "dialled" | "former" | "shown"
>;

/** What a stack said of clusters that do not answer now: it still holds. */
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
    // Trust in peers of that cluster, and the addresses at which they are dialled, are not recorded per cluster: all of it is kept.
    trusted: exports.trusted,
    dialled: exports.dialled,
    former: exports.former,
    shown: exports.shown,
  };
}

/** What is said now beside what was said of clusters that do not answer. */
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
