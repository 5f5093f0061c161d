import type { Plan, PlannedPeer } from "../plan/plan.ts";

/**
 * Peers that look as if they had been given another name: new name -> former name. One is gone, the other was not there before, and they
 * agree in cluster and apps, or in apps and replications; where it could be either of two, it is neither.
 * @param base in the head's names
 */
function renamedPeers(base: Plan, head: Plan): ReadonlyMap<string, string> {
  const gone = new Set([...base.peers.values()].filter(({ name }) => !head.peers.has(name)));
  const fresh = new Set([...head.peers.values()].filter(({ name }) => !base.peers.has(name)));
  const found = new Map<string, string>();
  if (gone.size === 0 || fresh.size === 0) return found;
  const [before, after] = [membership(base), membership(head)];
  // What agrees in most is tried first, so that two renames in one cluster are told apart by what the peers take part in.
  const traits: ((peer: PlannedPeer, of: Membership) => readonly unknown[] | undefined)[] = [
    ({ name, cluster }, { apps, replications }) => [cluster, apps(name), replications(name)],
    ({ name, cluster }, { apps }) => [cluster, apps(name)],
    ({ name }, { apps, replications }) =>
      replications(name).length === 0 ? undefined : [apps(name), replications(name)],
  ];
  for (const trait of traits) {
    const key = (peer: PlannedPeer, of: Membership) => JSON.stringify(trait(peer, of) ?? peer.name);
    const former = Map.groupBy(gone, (peer) => key(peer, before));
    for (const [shared, [peer, ...others]] of Map.groupBy(fresh, (each) => key(each, after))) {
      const [was, ...more] = former.get(shared) ?? [];
      if (!peer || !was || others.length + more.length > 0) continue;
      found.set(peer.name, was.name);
      gone.delete(was);
      fresh.delete(peer);
    }
  }
  return found;
}

interface Membership {
  readonly apps: (peer: string) => readonly string[];
  readonly replications: (peer: string) => readonly string[];
}

function membership({ apps, replications }: Plan): Membership {
  const collect = (pairs: Iterable<readonly [string, string]>) => {
    const byPeer = Map.groupBy(pairs, ([peer]) => peer);
    return (peer: string) => (byPeer.get(peer) ?? []).map(([, name]) => name).sort();
  };
  return {
    apps: collect([...apps.values()].flatMap(({ name, objects }) => objects.map(({ peer }) => [peer, name] as const))),
    replications: collect(
      [...replications.values()].flatMap(({ name, sides }) => sides.map(({ peer }) => [peer, name] as const)),
    ),
  };
}

/** What to do instead of a rename, which deletes one Big Peer and starts another one empty.
 * @param file the topology, for the command */
export function renameConsequences(base: Plan, head: Plan, file: string): string[] {
  return [...renamedPeers(base, head)].map(
    ([name, former]) =>
      `${former} is removed and ${name} is added, which looks like a rename: \`bigpeer migrate ${former} ${name} ${file}\`, run on the base's file, moves its documents first. Without it, ${name} starts with an empty store.`,
  );
}
