import type { Queries } from "../file/queries.ts";
import type { ReplicationEntry } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";
import type { Path } from "../findings/finding.ts";
import { ownProperty, withoutPrototype } from "../own-property.ts";

/**
 * All four forms in which a replication is written become the same thing: members, each with what it subscribes to, and
 * links, each with who dials whom. Where data flows (subscriptions) and who dials (links) are independent (guide).
 */
export interface Shape {
  readonly form: Form;
  readonly members: readonly Member[];
  readonly links: readonly Link[];
}

export type Form = "between" | "one-way" | "hub" | "mesh";

export interface Member {
  readonly peer: string;
  /** What it pulls from the peers that it has a link with. Empty: it receives nothing. */
  readonly subscribes: Queries;
  /** The path of its name in the file. */
  readonly path: Path;
}

export interface Link {
  readonly initiator: string;
  readonly target: string;
}

const nothing: Queries = withoutPrototype({});

/** The forms whose keys an entry has; a good entry has exactly one. */
export function formsOf(entry: ReplicationEntry): Form[] {
  const forms: Form[] = [];
  if (entry.between) forms.push("between");
  if (entry.from !== undefined || entry.to !== undefined) forms.push("one-way");
  if (entry.hub !== undefined || entry.spokes) forms.push("hub");
  if (entry.mesh) forms.push("mesh");
  return forms;
}

const known = new WeakMap<ReplicationEntry, { readonly topology: Topology; readonly shape: Shape | undefined }>();

/**
 * The members and links of a replication; undefined where its form is incomplete, which a rule reports. The plan and
 * several rules ask for each replication.
 */
export function shapeOf(topology: Topology, name: string, entry: ReplicationEntry): Shape | undefined {
  const before = known.get(entry);
  if (before?.topology === topology) return before.shape;
  const shape = shapeIn(topology, name, entry);
  known.set(entry, { topology, shape });
  return shape;
}

function shapeIn(topology: Topology, name: string, entry: ReplicationEntry): Shape | undefined {
  const [form, ...others] = formsOf(entry);
  if (form === undefined || others.length > 0) return undefined;
  const written = writtenShape(form, entry, ["replications", name]);
  if (written === undefined) return undefined;
  return { ...written, links: written.links.map((link) => reachable(topology, link)) };
}

function writtenShape(form: Form, entry: ReplicationEntry, path: Path): Shape | undefined {
  const both = entry.queries ?? nothing;
  switch (form) {
    case "between": {
      const [first, second] = entry.between ?? [];
      if (first === undefined || second === undefined) return undefined;
      const members = [first, second].map((peer, index) => ({
        peer,
        subscribes: both,
        path: [...path, "between", index],
      }));
      return { form, members, links: [turned({ initiator: first, target: second }, entry.dial === second)] };
    }
    case "one-way": {
      if (entry.from === undefined || entry.to === undefined) return undefined;
      const members = [
        { peer: entry.from, subscribes: nothing, path: [...path, "from"] },
        { peer: entry.to, subscribes: both, path: [...path, "to"] },
      ];
      const toDials = entry.dial === "to" || entry.dial === entry.to;
      return { form, members, links: [turned({ initiator: entry.from, target: entry.to }, toDials)] };
    }
    case "hub": {
      const { hub, spokes } = entry;
      if (hub === undefined || spokes === undefined) return undefined;
      const members = [
        { peer: hub, subscribes: entry.up ?? nothing, path: [...path, "hub"] },
        ...spokes.map((peer, index) => ({
          peer,
          subscribes: joined(entry.down ?? nothing, ownProperty(entry.perSpoke, peer)),
          path: [...path, "spokes", index],
        })),
      ];
      const hubDials = entry.dial === "hub" || entry.dial === hub;
      return { form, members, links: spokes.map((spoke) => turned({ initiator: spoke, target: hub }, hubDials)) };
    }
    case "mesh": {
      const peers = entry.mesh ?? [];
      const members = peers.map((peer, index) => ({ peer, subscribes: both, path: [...path, "mesh", index] }));
      // The earlier peer dials the later, so that a peer added at the end reverses no connection that exists.
      const links = peers.flatMap((initiator, index) =>
        peers.slice(index + 1).map((target) => ({ initiator, target })),
      );
      return { form, members, links };
    }
  }
}

/** What every spoke pulls, together with what one of them pulls in addition. */
function joined(every: Queries, own: Queries | undefined): Queries {
  if (own === undefined) return every;
  const collections = [...new Set([...Object.keys(every), ...Object.keys(own)])];
  const both = collections.map((collection): [string, readonly string[]] => [
    collection,
    [...new Set([...(ownProperty(every, collection) ?? []), ...(ownProperty(own, collection) ?? [])])],
  ]);
  return withoutPrototype(Object.fromEntries(both));
}

/** A peer that nobody can dial initiates, whatever the file says (guide: edge sites should be the initiators). */
function reachable(topology: Topology, link: Link): Link {
  const clusterOf = (peer: string) => topology.peers[peer]?.cluster;
  const closed = (peer: string) => topology.clusters[clusterOf(peer) ?? ""]?.inbound === "none";
  const apart = clusterOf(link.initiator) !== clusterOf(link.target);
  return turned(link, apart && closed(link.target) && !closed(link.initiator));
}

function turned(link: Link, turn: boolean): Link {
  return turn ? { initiator: link.target, target: link.initiator } : link;
}
