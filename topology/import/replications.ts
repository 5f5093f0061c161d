import { isDeepStrictEqual } from "node:util";
import type { OperatorContract } from "../operator/contract.ts";
import { inClusterAddress, replicationObjectName } from "../plan/names.ts";
import { free, mostUsed } from "./apps.ts";
import { recogniseForm } from "./forms.ts";
import type { LeftOut } from "./left-out.ts";
import { baseName, type JoinedLink } from "./links.ts";
import type { Forward, LiveSide } from "./live-objects.ts";
import { withoutFields } from "./spec-fields.ts";

export interface ImportedReplications {
  readonly entries: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Clusters that only `inbound: none` explains. */
  readonly closed: ReadonlySet<string>;
  readonly leftOut: readonly LeftOut[];
}

interface Joined {
  readonly sides: readonly LiveSide[];
  readonly links: readonly JoinedLink[];
  readonly forwards: readonly Forward[];
  /** The name of the app of a side; undefined: it has none. */
  readonly appOf: (side: LiveSide) => string | undefined;
}

/** Each group of sides that are linked is one replication, in the form that its links have. */
export function importReplications(contract: OperatorContract, joined: Joined): ImportedReplications {
  const { links, appOf } = joined;
  const entries = new Map<string, Readonly<Record<string, unknown>>>();
  const closed = new Set<string>();
  const leftOut: LeftOut[] = [];
  const apart = links.filter(({ initiator, target }) => initiator.cluster !== target.cluster);
  const dialledInto = new Set(apart.map(({ target }) => target.cluster));
  for (const group of linkedGroups(joined.sides, links)) {
    const own = links.filter(({ initiator }) => group.includes(initiator));
    const recognised = isHalfPaused(own)
      ? "some of its sides are paused and others dial"
      : recogniseForm(group, own, dialledInto);
    const [first] = group;
    const app = first && appOf(first);
    if (typeof recognised === "string" || !first || app === undefined) {
      const reason =
        typeof recognised === "string"
          ? recognised
          : `its label ${contract.labels.app} names no BigPeerApp of its Big Peer`;
      const offer = "it stays in the cluster as it is; write a replication for it, or delete it if nobody needs it";
      leftOut.push(...group.map((side) => ({ ...objectOf(side), reason, offer })));
      continue;
    }
    for (const cluster of recognised.closed) closed.add(cluster);
    // Who is dialled comes first: others know its Service by its name, and nobody knows that of an initiator.
    const dialled = group.toSorted((a, b) => Number(isDialled(b, own)) - Number(isDialled(a, own)));
    const name = free(mostUsed(dialled.map(baseName)), entries);
    const { connections, queriesByCollection } = contract.fields.replication;
    const spec = (side: LiveSide) => withoutFields(side.spec, [connections, queriesByCollection]);
    const rest = spec(first);
    entries.set(name, {
      app,
      ...recognised.form,
      ...addressesOf(own),
      ...portsOf(own, joined.forwards),
      ...(own.some(({ initiator }) => initiator.paused) ? { paused: true } : {}),
      ...(Object.keys(rest).length === 0 ? {} : { spec: rest }),
      adopt: true,
    });
    for (const side of group)
      leftOut.push(...renames(side, name), ...otherSpec(side, isDeepStrictEqual(spec(side), rest), name));
    leftOut.push(...own.flatMap((link) => otherAddress(contract, link)));
  }
  return { entries, closed, leftOut };
}

/** A topology pauses a replication as a whole. */
function isHalfPaused(links: readonly JoinedLink[]): boolean {
  return new Set(links.map(({ initiator }) => initiator.paused)).size > 1;
}

function isDialled(side: LiveSide, links: readonly JoinedLink[]): boolean {
  return links.some(({ target }) => target === side);
}

function linkedGroups(sides: readonly LiveSide[], links: readonly JoinedLink[]): LiveSide[][] {
  const groupOf = new Map(sides.map((side) => [side, [side]]));
  for (const { initiator, target } of links) {
    const [one, other] = [groupOf.get(initiator), groupOf.get(target)];
    if (!one || !other || one === other) continue;
    one.push(...other);
    for (const side of other) groupOf.set(side, one);
  }
  return [...new Set(groupOf.values())];
}

/** Ports of controllers as they are, by target. */
function portsOf(links: readonly JoinedLink[], forwards: readonly Forward[]): { readonly port?: unknown } {
  const ports = links.flatMap(({ target, address, by }): [string, number][] => {
    const port = Number(/:(\d+)$/.exec(address)?.[1]);
    const known = forwards.some((each) => each.port === port && each.service === target.service);
    return by === "forward" && known ? [[target.peer, port]] : [];
  });
  return ports.length === 0 ? {} : { port: Object.fromEntries(ports) };
}

/** What somebody else exposes, as it is dialled. */
function addressesOf(links: readonly JoinedLink[]): { readonly address?: unknown } {
  const addresses = links.flatMap(({ target, address, by }) =>
    by === "address" ? [[target.peer, address] as const] : [],
  );
  return addresses.length === 0 ? {} : { address: Object.fromEntries(addresses) };
}

function renames(side: LiveSide, replication: string): LeftOut[] {
  const wanted = replicationObjectName(replication, side.peer);
  if (side.name === wanted) return [];
  return [
    {
      ...objectOf(side),
      reason: `the topology calls it ${wanted}, so its Service has another name and an update creates a second side beside it`,
      offer: `let the update create ${wanted}, and delete ${side.name} once documents flow through the new side`,
    },
  ];
}

function otherSpec(side: LiveSide, same: boolean, replication: string): LeftOut[] {
  if (same) return [];
  const reason = `its spec has other additional fields than the other sides, and \`replications.${replication}.spec\` applies to all of them`;
  return [
    { ...objectOf(side), reason, offer: `write the fields that you want into \`replications.${replication}.spec\`` },
  ];
}

/** Inside a cluster our plan writes the whole name of a Service. */
function otherAddress(
  { replicationService }: OperatorContract,
  { initiator, target, address, by }: JoinedLink,
): LeftOut[] {
  const wanted = inClusterAddress(target.service, target.namespace, replicationService.port);
  if (by !== "service" || address === wanted) return [];
  const reason = `it ${initiator.paused ? "will dial" : "dials"} ${address}, which the topology writes as ${wanted}`;
  return [
    { ...objectOf(initiator), reason, offer: "nothing to do: an update writes the other name of the same Service" },
  ];
}

export function objectOf({ cluster, namespace, name }: Pick<LiveSide, "cluster" | "namespace" | "name">) {
  return { cluster, object: `BigPeerReplication ${namespace}/${name}` };
}
