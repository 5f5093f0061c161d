import type { Plan } from "../topology/plan/plan.ts";
import type { Probe } from "./probes.ts";

/** The part of a plan that decides the trust between the ends of probes. Trust that no probe depends on is left out. */
export function trustBetween(plan: Plan, probes: readonly Probe[]): Plan {
  const pairs = new Set(probes.flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]));
  const involved = new Set(probes.flatMap(({ from, to }) => [from, to]));
  const peers = [...plan.peers.values()]
    .filter(({ name }) => involved.has(name))
    .map((peer) => ({ ...peer, trusts: peer.trusts.filter((trust) => pairs.has(`${peer.name} ${trust.peer}`)) }));
  return { ...plan, peers: new Map(peers.map((peer) => [peer.name, peer])) };
}
