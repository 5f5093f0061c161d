import { isDeepStrictEqual } from "node:util";
import type { JoinedLink } from "./links.ts";
import type { LiveSide } from "./live-objects.ts";

/** A form of the topology, and the clusters that it takes for closed (`inbound: none`). */
export interface Recognised {
  readonly form: Readonly<Record<string, unknown>>;
  readonly closed: readonly string[];
}

/**
 * The form that sides and their links have: between, one-way, hub or mesh; a text that says why there is none.
 * @param dialledInto the clusters that peers of other clusters dial
 */
export function recogniseForm(
  sides: readonly LiveSide[],
  links: readonly JoinedLink[],
  dialledInto: ReadonlySet<string>,
): Recognised | string {
  const peers = new Set(sides.map(({ peer }) => peer));
  if (peers.size < sides.length)
    return "one Big Peer has two sides in it, and a topology allows one for each replication";
  const pairs = new Set(links.map(({ initiator, target }) => [initiator.peer, target.peer].sort().join("\0")));
  if (pairs.size < links.length)
    return "two Big Peers dial each other, or one dials the other twice; in a topology, one side of a pair dials, once";
  const [first, second] = sides;
  if (!first || !second) return "nobody dials it, and it dials nobody that is known";
  if (sides.length === 2) return ofTwo(links);
  if (links.length === (sides.length * (sides.length - 1)) / 2) return mesh(sides, links, dialledInto);
  const hub = sides.find((side) => links.length === sides.length - 1 && links.every(touches(side)));
  if (hub) return hubAndSpokes(hub, sides, links, dialledInto);
  return "its links are neither a pair, nor a hub with spokes, nor a mesh";
}

function ofTwo(links: readonly JoinedLink[]): Recognised | string {
  const [link] = links;
  if (!link) return "its two sides are not linked";
  const { initiator, target } = link;
  const [from, to] = isSilent(initiator) ? [initiator, target] : [target, initiator];
  if (isSilent(from) && isSilent(to)) return "neither side subscribes to anything, so no document flows";
  if (isSilent(from)) {
    const dial = initiator === to ? { dial: "to" } : {};
    return { form: { from: from.peer, to: to.peer, queries: written(to), ...dial }, closed: [] };
  }
  if (isDeepStrictEqual(initiator.queries, target.queries))
    return { form: { between: [initiator.peer, target.peer], queries: written(initiator) }, closed: [] };
  // A hub with one spoke is the form in which the two sides of a pair may ask for different documents.
  const form = { hub: target.peer, spokes: [initiator.peer], up: written(target), down: written(initiator) };
  return { form, closed: [] };
}

function hubAndSpokes(
  hub: LiveSide,
  sides: readonly LiveSide[],
  links: readonly JoinedLink[],
  dialledInto: ReadonlySet<string>,
): Recognised | string {
  const spokes = sides.filter((side) => side !== hub);
  const [one] = spokes;
  if (!one || !spokes.every(({ queries }) => isDeepStrictEqual(queries, one.queries)))
    return "its spokes subscribe to different documents, and `down` applies to all of them";
  // Links that a closed cluster would turn say nothing about who dials.
  const sure = links.some(({ initiator }) => initiator === hub) && links.some(({ target }) => target === hub);
  const telling = sure ? links.filter((link) => !isTurnable(link, dialledInto)) : links;
  const byHub = telling.filter(({ initiator }) => initiator === hub).length;
  if (byHub > 0 && byHub < telling.length) return "some of its spokes dial the hub, and the hub dials others";
  const hubDials = byHub > 0 || (telling.length === 0 && !dialledInto.has(hub.cluster));
  const form = {
    hub: hub.peer,
    spokes: spokes.map(({ peer }) => peer),
    ...(isSilent(hub) ? {} : { up: written(hub) }),
    ...(isSilent(one) ? {} : { down: written(one) }),
    ...(hubDials ? { dial: "hub" } : {}),
  };
  if (isSilent(hub) && isSilent(one)) return "neither hub nor spokes subscribe to anything, so no document flows";
  const turned = links.filter(({ initiator }) => (initiator === hub) !== hubDials);
  return { form, closed: turned.map(({ initiator }) => initiator.cluster) };
}

function mesh(
  sides: readonly LiveSide[],
  links: readonly JoinedLink[],
  dialledInto: ReadonlySet<string>,
): Recognised | string {
  const [one] = sides;
  if (!one || !sides.every(({ queries }) => isDeepStrictEqual(queries, one.queries)))
    return "its peers subscribe to different documents, and `queries` of a mesh applies to all of them";
  if (isSilent(one)) return "nobody in it subscribes to anything, so no document flows";
  const turnable = links.filter((link) => isTurnable(link, dialledInto));
  const whole = ordered(sides, links);
  const order =
    whole ??
    ordered(
      sides,
      links.filter((link) => !turnable.includes(link)),
    );
  if (!order)
    return "its peers dial each other in a circle; in a mesh, the peer that is named earlier dials the later one";
  const turned = turnable.filter(({ initiator, target }) => order.indexOf(initiator) > order.indexOf(target));
  const form = { mesh: order.map(({ peer }) => peer), queries: written(one) };
  return { form, closed: turned.map(({ initiator }) => initiator.cluster) };
}

/** An order in which the initiator of each link comes before its target; undefined: there is none. */
function ordered(sides: readonly LiveSide[], links: readonly JoinedLink[]): LiveSide[] | undefined {
  const order: LiveSide[] = [];
  while (order.length < sides.length) {
    const next = sides.find(
      (side) =>
        !order.includes(side) && links.every(({ initiator, target }) => target !== side || order.includes(initiator)),
    );
    if (!next) return undefined;
    order.push(next);
  }
  return order;
}

/** True if `inbound: none` of the initiator's cluster would explain who dials. */
function isTurnable({ initiator, target }: JoinedLink, dialledInto: ReadonlySet<string>): boolean {
  return initiator.cluster !== target.cluster && !dialledInto.has(initiator.cluster);
}

function touches(side: LiveSide) {
  return ({ initiator, target }: JoinedLink) => initiator === side || target === side;
}

function isSilent({ queries }: LiveSide): boolean {
  return Object.keys(queries).length === 0;
}

function written({ queries }: LiveSide): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(queries).map(([collection, list]) => [collection, list.length === 1 ? list[0] : list]),
  );
}
