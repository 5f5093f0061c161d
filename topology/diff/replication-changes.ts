import type { WayKind } from "../file/exposure.ts";
import type { Queries } from "../file/queries.ts";
import type { Address, Plan, PlannedPeer, PlannedReplication } from "../plan/plan.ts";
import { exposureOf } from "../plan/share.ts";
import { wayNoun } from "../plan/ways.ts";
import { reloads } from "./reloads.ts";
import type { Interruption, LinkChange, ReplicationChange, SubscriptionChange } from "./schema.ts";
import { shownChanges } from "./shown-fields.ts";

/** Replications that come, go or change, in the order of the head. */
export function replicationChanges(base: Plan, head: Plan): ReplicationChange[] {
  const changes: ReplicationChange[] = [];
  for (const [name, replication] of head.replications) {
    const old = base.replications.get(name);
    const change = replicationChange(old ? "changed" : "added", old, replication);
    if (change) changes.push(change);
  }
  for (const [name, replication] of base.replications) {
    const change = head.replications.has(name) ? undefined : replicationChange("removed", replication, undefined);
    if (change) changes.push(change);
  }
  return changes;
}

function replicationChange(
  action: ReplicationChange["action"],
  before: PlannedReplication | undefined,
  after: PlannedReplication | undefined,
): ReplicationChange | undefined {
  const shown = after ?? before;
  if (!shown) return undefined;
  const terms = ({ form, app, spec, paused }: PlannedReplication) => ({
    form,
    app,
    spec,
    ...(paused ? { paused } : {}),
  });
  const fields = before && after ? shownChanges(terms(before), terms(after)) : [];
  const links = linkChanges(before, after);
  const subscriptions = subscriptionChanges(before, after);
  if (action === "changed" && fields.length + links.length + subscriptions.length === 0) return undefined;
  return { action, name: shown.name, app: shown.app, form: shown.form, fields, links, subscriptions };
}

/** A dialled connection of a replication. */
interface DialledLink {
  readonly initiator: string;
  readonly target: string;
  readonly address: string;
  /** The exposure of the target; undefined inside a cluster. */
  readonly exposure: string | undefined;
}

/** The links of a replication, by the pair of peers, whichever of them dials. */
function dialledLinks(replication: PlannedReplication | undefined): Map<string, DialledLink> {
  const links = (replication?.sides ?? []).flatMap((side) =>
    side.connections.map(({ peer, address }) => ({
      initiator: side.peer,
      target: peer,
      address: addressText(address),
      exposure: address.kind === "in-cluster" ? undefined : address.exposure,
    })),
  );
  return new Map(links.map((link) => [[link.initiator, link.target].sort().join("/"), link]));
}

function linkChanges(before: PlannedReplication | undefined, after: PlannedReplication | undefined): LinkChange[] {
  const old = dialledLinks(before);
  const now = dialledLinks(after);
  const changes: LinkChange[] = [];
  for (const [pair, { initiator, target, address }] of now) {
    const was = old.get(pair);
    const ends = { initiator, target, after: address };
    if (!was) changes.push({ effect: "added", ...ends });
    else if (was.initiator !== initiator) changes.push({ effect: "turned", ...ends, before: was.address });
    else if (was.address !== address) changes.push({ effect: "readdressed", ...ends, before: was.address });
  }
  for (const [pair, { initiator, target, address }] of old)
    if (!now.has(pair)) changes.push({ effect: "removed", initiator, target, before: address });
  return changes;
}

function subscriptionChanges(
  before: PlannedReplication | undefined,
  after: PlannedReplication | undefined,
): SubscriptionChange[] {
  const of = (replication: PlannedReplication | undefined) =>
    new Map<string, Queries>(replication?.sides.map((side) => [side.peer, side.subscribes]) ?? []);
  const old = of(before);
  const now = of(after);
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((peer) => {
    const was = old.get(peer) ?? {};
    const is = now.get(peer) ?? {};
    return [...new Set([...Object.keys(is), ...Object.keys(was)])].flatMap((collection) => {
      const [earlier, later] = [was[collection] ?? [], is[collection] ?? []];
      const added = later.filter((query) => !earlier.includes(query));
      const removed = earlier.filter((query) => !later.includes(query));
      if (added.length + removed.length === 0) return [];
      return [{ peer, collection, added, removed, kept: later.filter((query) => earlier.includes(query)) }];
    });
  });
}

/** Begins the kind of a reason that is a restart; the versions follow. */
export const restart = "a peer restarts, ";

/** Why a connection breaks: of this one, and without what is of this one alone. */
interface Reason {
  readonly text: string;
  readonly kind: string;
}

function same(text: string): Reason {
  return { text, kind: text };
}

function interruption(replication: string, peers: Interruption["peers"], reasons: readonly Reason[]): Interruption {
  const kinds = new Set(reasons.map(({ kind }) => kind));
  return { replication, peers, reasons: reasons.map(({ text }) => text), kinds: [...kinds] };
}

/** Connections that are in both plans and break on the way from one to the other. */
export function interruptions(base: Plan, head: Plan): Interruption[] {
  const found: Interruption[] = [];
  const reloaded = reloads(base, head);
  for (const [name, after] of head.replications) {
    const before = base.replications.get(name);
    // A connection that is closed on purpose, or was, is none that breaks.
    if (!before || before.paused || after.paused) continue;
    const old = dialledLinks(before);
    for (const [pair, link] of dialledLinks(after)) {
      const was = old.get(pair);
      if (!was) continue;
      const [formerWay, way] = [wayOf(base, before, was), wayOf(head, after, link)];
      const moved = was.address === link.address && formerWay && way && formerWay !== way;
      const reasons: Reason[] = [
        ...(moved
          ? [
              {
                text: `${link.target} is exposed by ${wayNoun[way]} instead of ${wayNoun[formerWay]}`,
                kind: `they are exposed by ${wayNoun[way]} instead of ${wayNoun[formerWay]}`,
              },
            ]
          : []),
        ...(was.initiator === link.initiator
          ? []
          : [{ text: `${link.initiator} dials instead of ${was.initiator}`, kind: "the other end dials" }]),
        ...(was.address === link.address ? [] : [same(`${link.address} is dialled instead of ${was.address}`)]),
        ...appReasons(base, head, before, after).map(same),
        ...operatorReasons(base, head).map(same),
        ...[link.initiator, link.target].flatMap((peer) => peerReasons(base, head, peer)),
      ];
      // A reload is not worth a line for a connection that breaks anyway.
      const reload = link.exposure === undefined ? undefined : reloaded.get(link.exposure);
      if (reasons.length === 0 && reload !== undefined) reasons.push(same(reload));
      if (reasons.length > 0) found.push(interruption(name, [link.initiator, link.target], reasons));
    }
  }
  return [...found, ...carriedOver(base, head)];
}

/** The way that exposes the target of a connection to its initiator; undefined if both are in one cluster. */
function wayOf(plan: Plan, { sides }: PlannedReplication, { initiator, target }: DialledLink): WayKind | undefined {
  const side = sides.find(({ peer }) => peer === initiator);
  const address = side?.connections.find(({ peer }) => peer === target)?.address;
  return address && address.kind !== "in-cluster" ? exposureOf(plan, address.exposure)?.way.kind : undefined;
}

function appReasons(base: Plan, head: Plan, before: PlannedReplication, after: PlannedReplication): string[] {
  if (before.app !== after.app) return [`it carries app ${after.app} instead of ${before.app}`];
  return base.apps.get(before.app)?.id === head.apps.get(after.app)?.id ? [] : [`the ID of app ${after.app} changes`];
}

/** Under another name of its kind, an object is another object. */
function operatorReasons({ operator: before }: Plan, { operator: after }: Plan): string[] {
  const type = ({ group, version, kinds }: Plan["operator"]) => `${group}/${version} ${kinds.replication}`;
  return type(before) === type(after) ? [] : [`its objects are recreated as ${type(after)}`];
}

function peerReasons(base: Plan, head: Plan, peer: string): Reason[] {
  const [before, after] = [base.peers.get(peer), head.peers.get(peer)];
  if (!before || !after) return [];
  const place = ({ cluster, namespace }: PlannedPeer) => `${cluster}/${namespace}`;
  if (place(before) !== place(after))
    return [same(`${peer} is recreated in ${place(after)} instead of ${place(before)}`)];
  const [earlier, later] = [before.settings.version, after.settings.version];
  const text = `${peer} restarts with version ${later} instead of ${earlier}`;
  return earlier === later ? [] : [{ text, kind: `${restart}${earlier} -> ${later}` }];
}

/** Pairs that a replication of another name links from now on: the old connection ends before or after the new one begins. */
function carriedOver(base: Plan, head: Plan): Interruption[] {
  const ended = new Map<string, string>();
  for (const { name, app, ...rest } of base.replications.values()) {
    if (head.replications.has(name) || rest.paused) continue;
    for (const pair of dialledLinks({ name, app, ...rest }).keys()) ended.set(`${app}/${pair}`, name);
  }
  if (ended.size === 0) return [];
  return [...head.replications.values()].flatMap((after) => {
    if (base.replications.has(after.name) || after.paused) return [];
    return [...dialledLinks(after)].flatMap(([pair, { initiator, target }]): Interruption[] => {
      const before = ended.get(`${after.app}/${pair}`);
      const reasons = [same(`it takes the place of ${before}`)];
      return before === undefined ? [] : [interruption(after.name, [initiator, target], reasons)];
    });
  });
}

/** An address as a person reads it. */
function addressText(address: Address): string {
  return address.kind === "load-balancer"
    ? `load balancer of ${address.cluster}/${address.ingress}, port ${address.port}`
    : address.address;
}
