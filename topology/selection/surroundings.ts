import type { Plan } from "../plan/plan.ts";

/**
 * The part of a plan that has to be looked at to judge some of its clusters: themselves, and the clusters of the peers that have links
 * with theirs, of whose trust only that in theirs is left. For looks at clusters only: what is made of a plan is made of all of it.
 */
export function surroundingsOf(plan: Plan, clusters: ReadonlySet<string>): Plan {
  const inside = [...plan.peers.values()].filter(({ cluster }) => clusters.has(cluster));
  const names = new Set(inside.map(({ name }) => name));
  const linked = new Set(inside.flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
  const peers = [...plan.peers].flatMap(([name, peer]) => {
    if (names.has(name)) return [[name, peer] as const];
    const trusts = peer.trusts.filter((each) => names.has(each.peer));
    return linked.has(name) ? [[name, { ...peer, trusts }] as const] : [];
  });
  const read = new Set([...clusters, ...peers.map(([, { cluster }]) => cluster)]);
  return {
    ...plan,
    clusters: new Map([...plan.clusters].filter(([name]) => read.has(name))),
    peers: new Map(peers),
  };
}
