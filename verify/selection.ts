import type { Plan } from "../topology/plan/plan.ts";
import type { Probe } from "./probes.ts";

/** What part of a topology is verified. What is undefined or empty leaves nothing out; what is given has to hold together. */
export interface Selection {
  readonly replication?: readonly string[] | undefined;
  /** At either end. */
  readonly peer?: readonly string[] | undefined;
  readonly app?: readonly string[] | undefined;
  /** At either end. */
  readonly cluster?: readonly string[] | undefined;
}

/** Tells which probes are of a selection. */
export function selected(plan: Plan, { replication, peer, app, cluster }: Selection): (probe: Probe) => boolean {
  const named = (wanted: readonly string[] | undefined, names: readonly (string | undefined)[]) =>
    wanted === undefined || wanted.length === 0 || names.some((name) => name !== undefined && wanted.includes(name));
  return (probe) =>
    named(replication, [probe.replication]) &&
    named(app, [probe.app]) &&
    named(peer, [probe.from, probe.to]) &&
    named(
      cluster,
      [probe.from, probe.to].map((name) => plan.peers.get(name)?.cluster),
    );
}

/** A sentence for each name of a selection that the topology lacks. */
export function unknownNames(plan: Plan, selection: Selection): string[] {
  const known = { replication: plan.replications, peer: plan.peers, app: plan.apps, cluster: plan.clusters };
  return (["replication", "peer", "app", "cluster"] as const).flatMap((kind) => {
    const names = [...known[kind].keys()];
    return (selection[kind] ?? [])
      .filter((name) => !names.includes(name))
      .map((name) => `--${kind} ${name}: the topology has no such ${kind}; it has ${names.join(", ") || "none"}`);
  });
}

/** The part of a plan that decides the trust between the ends of probes: whom nobody asks about is not looked at. */
export function withPeersOf(plan: Plan, probes: readonly Probe[]): Plan {
  const pairs = new Set(probes.flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]));
  const involved = new Set(probes.flatMap(({ from, to }) => [from, to]));
  const peers = [...plan.peers.values()]
    .filter(({ name }) => involved.has(name))
    .map((peer) => ({ ...peer, trusts: peer.trusts.filter((trust) => pairs.has(`${peer.name} ${trust.peer}`)) }));
  return { ...plan, peers: new Map(peers.map((peer) => [peer.name, peer])) };
}
