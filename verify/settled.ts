import { isDeepStrictEqual } from "node:util";
import type { Plan } from "../topology/plan/plan.ts";
import { surroundingsOf } from "../topology/selection/surroundings.ts";
import { type Probe, planProbes } from "./probes.ts";

/** What can be verified while other clusters are not updated yet. */
export interface Settled {
  /** The plan to verify: of trust only what is settled. */
  readonly plan: Plan;
  readonly only: (probe: Probe) => boolean;
  /** How many probes there are. */
  readonly probes: number;
}

/**
 * The probes of some clusters that can pass by now. A peer that is not updated yet has its old links and subscriptions, and no new ones: so
 * a document flows as the plan says if it had the same link before, and, where it is the one that receives, the same subscription.
 * @param touched clusters whose peers are verified, at either end
 * @param settled clusters that are deployed as the plan says
 * @param deployed of any other cluster: the plan that it was last deployed from; undefined: never
 */
export function settledPart(
  plan: Plan,
  { touched, settled }: { readonly touched: ReadonlySet<string>; readonly settled: ReadonlySet<string> },
  deployed: (cluster: string) => Plan | undefined,
): Settled {
  const clusterOf = (peer: string) => plan.peers.get(peer)?.cluster ?? "";
  const former = new Map<Plan, ReadonlyMap<string, Probe[]>>();
  const isDeployed = (probe: Probe, end: "from" | "to") => {
    const cluster = clusterOf(probe[end]);
    if (settled.has(cluster)) return true;
    const before = deployed(cluster);
    if (!before || !isDeepStrictEqual(linkOf(before, probe), linkOf(plan, probe))) return false;
    // Who only sends it need not know that it is subscribed to.
    if (end === "from" && probe.expected === "arrives") return true;
    const known = former.get(before) ?? Map.groupBy(planProbes(before), keyOf);
    former.set(before, known);
    return (known.get(keyOf(probe)) ?? []).some((each) => isDeepStrictEqual(each, probe));
  };
  const chosen = planProbes(plan).filter((probe) => {
    const isTouched = [probe.from, probe.to].some((peer) => touched.has(clusterOf(peer)));
    return isTouched && isDeployed(probe, "from") && isDeployed(probe, "to");
  });
  const linked = new Set(chosen.flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]));
  const isSettled = (one: string, other: string) =>
    linked.has(`${one} ${other}`) || [one, other].every((peer) => settled.has(clusterOf(peer)));
  const around = surroundingsOf(plan, touched);
  const peers = [...around.peers].map(([name, peer]) => {
    const trusts = peer.trusts.filter((each) => isSettled(name, each.peer));
    return [name, { ...peer, trusts }] as const;
  });
  const keys = new Set(chosen.map(fullKeyOf));
  return {
    plan: { ...around, peers: new Map(peers) },
    only: (probe) => keys.has(fullKeyOf(probe)),
    probes: chosen.length,
  };
}

/** How two peers are linked: who dials whom, and where. */
function linkOf({ replications }: Plan, { replication, from, to }: Probe) {
  const { app, links = [], sides = [] } = replications.get(replication) ?? {};
  const link = links.find(({ initiator, target }) => [from, to].includes(initiator) && [from, to].includes(target));
  const dialling = sides.find(({ peer }) => peer === link?.initiator);
  return { app, link, address: dialling?.connections.find(({ peer }) => peer === link?.target)?.address };
}

function keyOf({ replication, from, to, collection }: Probe): string {
  return JSON.stringify([replication, from, to, collection]);
}

function fullKeyOf(probe: Probe): string {
  return `${keyOf(probe)}${probe.expected}`;
}
