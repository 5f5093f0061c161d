import type { ReplicationEntry } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";

/**
 * The way of documents from one Big Peer to another, as changes of the topology. Each is deployed before the next:
 * `copy` everything flows to the new peer, too; `repoint` the new peer takes the old one's place in every replication;
 * `confirm` the old one's protection goes; `remove` it goes itself; `tidy` the confirmation goes.
 */
export type MigrationStep = "copy" | "repoint" | "confirm" | "remove" | "tidy" | "done";

/** The step that a topology is due for. It depends on nothing but the topology, so that nobody has to remember it. */
export function nextStep(topology: Topology, from: string, to: string): MigrationStep {
  const confirmed = topology.confirmRemoval.includes(from);
  if (topology.peers[from] === undefined) return confirmed ? "tidy" : "done";
  const copied = appsOf(topology, from).every(
    (app) =>
      topology.apps[app]?.peers.includes(to) && copiesOf(topology, from, to).some(([, entry]) => entry.app === app),
  );
  if (topology.peers[to] === undefined || !copied) return "copy";
  const copies = new Set(copiesOf(topology, from, to).map(([name]) => name));
  const others = Object.entries(topology.replications).filter(([name]) => !copies.has(name));
  if (others.some(([, entry]) => members(entry).includes(from))) return "repoint";
  return topology.environment === "production" && !confirmed ? "confirm" : "remove";
}

/** The apps that a peer serves. */
export function appsOf(topology: Topology, peer: string): string[] {
  return Object.entries(topology.apps).flatMap(([name, { peers }]) => (peers.includes(peer) ? [name] : []));
}

/** The replications that carry everything of one peer to another. */
export function copiesOf(topology: Topology, from: string, to: string): [name: string, entry: ReplicationEntry][] {
  return Object.entries(topology.replications).filter(
    ([, entry]) =>
      entry.from === from &&
      entry.to === to &&
      Object.values(entry.queries ?? {}).every((predicates) => predicates.every((text) => text.trim() === "true")),
  );
}

/** Every collection of an app that the topology knows of. */
export function collectionsOf(topology: Topology, app: string): string[] {
  const subscribed = Object.values(topology.replications)
    .filter((entry) => entry.app === app)
    .flatMap(({ queries, up, down }) => [queries, up, down].flatMap((each) => Object.keys(each ?? {})));
  return [...new Set([...(topology.apps[app]?.collections ?? []), ...subscribed])];
}

function members({ between, from, to, hub, spokes, mesh }: ReplicationEntry): string[] {
  const single = [from, to, hub].flatMap((peer) => peer ?? []);
  return [...single, ...(between ?? []), ...(spokes ?? []), ...(mesh ?? [])];
}
