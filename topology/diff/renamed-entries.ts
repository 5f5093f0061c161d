import type { Plan, PlannedApp, PlannedReplication } from "../plan/plan.ts";

/**
 * Apps and replications that look as if they had been given another name, each with what that does and what to write instead. As for peers:
 * one is gone, another was not there before, and they agree in all that identifies them; where it could be either of two, it is neither.
 * @param base in the head's names
 */
export function renamedEntryConsequences(base: Plan, head: Plan): string[] {
  const apps = pairs(base.apps, head.apps, appTraits);
  const formerApp = new Map(apps.map(({ before, after }) => [after.name, before.name]));
  const replications = pairs(base.replications, head.replications, (replication) =>
    replicationTraits(replication, formerApp),
  );
  return [
    ...apps.map(({ before, after }) => appSentence(before, after)),
    ...replications.map(({ before, after }) => replicationSentence(before, after, base, head)),
  ];
}

interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

/** @param traits of an entry, those that say most first; undefined: it cannot be recognised by this one */
function pairs<T extends { readonly name: string }>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  traits: (entry: T) => readonly (readonly unknown[] | undefined)[],
): Pair<T>[] {
  const gone = new Set([...before.values()].filter(({ name }) => !after.has(name)));
  const fresh = new Set([...after.values()].filter(({ name }) => !before.has(name)));
  const found: Pair<T>[] = [];
  if (gone.size === 0 || fresh.size === 0) return found;
  for (const index of [0, 1]) {
    const key = (entry: T) => JSON.stringify(traits(entry)[index] ?? entry.name);
    const former = Map.groupBy(gone, key);
    for (const [shared, [entry, ...others]] of Map.groupBy(fresh, key)) {
      const [was, ...more] = former.get(shared) ?? [];
      if (!entry || !was || others.length + more.length > 0) continue;
      found.push({ before: was, after: entry });
      gone.delete(was);
      fresh.delete(entry);
    }
  }
  return found;
}

function appTraits({ id, objects }: PlannedApp) {
  const peers = objects.map(({ peer }) => peer).sort();
  return [id === undefined ? undefined : [id], [peers]];
}

function replicationTraits({ app, form, sides, links }: PlannedReplication, formerApp: ReadonlyMap<string, string>) {
  const members = sides.map(({ peer, subscribes }) => ({ peer, subscribes })).sort(byPeer);
  const dialled = links.map(({ initiator, target }) => `${initiator} ${target}`).sort();
  const of = formerApp.get(app) ?? app;
  return [
    [of, form, members, dialled],
    [of, form, members.map(({ peer }) => peer)],
  ];
}

function byPeer(one: { readonly peer: string }, other: { readonly peer: string }): number {
  return one.peer < other.peer ? -1 : 1;
}

function appSentence(before: PlannedApp, after: PlannedApp): string {
  const id =
    before.id !== undefined && before.id === after.id
      ? "The ID stays the same, so clients need not change."
      : "With another ID, documents under the old one stay behind, and every client has to change.";
  return `App ${before.name} is removed and ${after.name} is added: this looks like a rename. Its BigPeerApps are deleted and created again under other names, and nothing can rename them. ${id} To keep everything as it is, keep the name ${before.name}.`;
}

function replicationSentence(before: PlannedReplication, after: PlannedReplication, base: Plan, head: Plan): string {
  const ports = (plan: Plan, name: string) =>
    new Map(
      plan.exposures
        .filter(({ replication }) => replication === name)
        .map(({ peer, way, port }) => [`${peer} ${way.kind}`, port]),
    );
  const [former, latter] = [ports(base, before.name), ports(head, after.name)];
  const moved = [...latter].flatMap(([target, port]) => {
    const was = former.get(target);
    return was === undefined || was === port ? [] : [{ was, port, peer: target.split(" ")[0] ?? "" }];
  });
  const [only, ...others] = moved;
  const portPart =
    only === undefined
      ? ""
      : others.length === 0
        ? ` The port of ${only.peer} moves from ${only.was} to ${only.port}: \`port: ${only.was}\` keeps it.`
        : ` The ports of ${moved.length} targets move: \`port:\` with the former ones keeps them.`;
  return `Replication ${before.name} is removed and ${after.name} is added: this looks like a rename. Its objects are deleted and created again, so its connections break once and every subscription starts over; no document is lost.${portPart} To keep the connections, keep the name ${before.name}.`;
}
