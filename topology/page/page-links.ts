import type { Plan, PlannedReplication, PlannedSide } from "../plan/plan.ts";
import { exposureOf } from "../plan/share.ts";
import { maskedText } from "../secrets/texts.ts";
import { type Item, linkId, type PageLink, type Section, type StateSource } from "./page-data.ts";
import { exposureText, filled, toldOf } from "./page-sections.ts";
import type { States } from "./states.ts";

/** The links of a plan, and after them those that a change removes. */
export function allLinks(plan: Plan, states: ReadonlyMap<StateSource, States>): PageLink[] {
  const links = [...plan.replications.values()].flatMap((replication) => linksOf(plan, replication, states));
  const known = new Set(links.map(({ id }) => id));
  const gone = [...states.values()].flatMap(({ removedLinks }) =>
    removedLinks.map((link) => removedLink(link, states)),
  );
  return [...links, ...gone.filter(({ id }) => !known.has(id))];
}

function linksOf(plan: Plan, replication: PlannedReplication, states: ReadonlyMap<StateSource, States>): PageLink[] {
  const { name, app, form, sides, links } = replication;
  const side = new Map(sides.map((each) => [each.peer, each]));
  return links.flatMap(({ initiator, target }): PageLink[] => {
    const [dialling, dialled] = [side.get(initiator), side.get(target)];
    if (!dialling || !dialled) return [];
    const id = linkId(name, initiator, target);
    const collections = [...Object.keys(dialling.subscribes), ...Object.keys(dialled.subscribes)];
    return [
      {
        id,
        replication: name,
        app,
        initiator,
        target,
        collections: [...new Set(collections)],
        outward: Object.keys(dialled.subscribes).length > 0,
        inward: Object.keys(dialling.subscribes).length > 0,
        states: toldOf(states, "links", id),
        sections: linkSections(plan, form, dialling, dialled),
      },
    ];
  });
}

function linkSections(plan: Plan, form: string, dialling: PlannedSide, dialled: PlannedSide): Section[] {
  const address = dialling.connections.find(({ peer }) => peer === dialled.peer)?.address;
  const exposure = address && address.kind !== "in-cluster" ? exposureOf(plan, address.exposure) : undefined;
  const { kinds } = plan.operator;
  const at =
    address === undefined
      ? "an address that is not known"
      : address.kind === "load-balancer"
        ? `the load balancer of ${address.cluster}, port ${address.port}`
        : address.address;
  return filled([
    [
      "Connection",
      [
        { text: `${dialling.peer} dials ${dialled.peer}` },
        { text: address?.kind === "in-cluster" ? `at ${at}, in the cluster` : `at ${at}` },
        ...(exposure ? [{ text: `port ${exposureText(exposure)}` }] : []),
        { text: `form: ${form}` },
      ],
    ],
    ["Peers", [dialling, dialled].map(({ peer, cluster }) => ({ text: `${peer} in ${cluster}`, to: peer }))],
    [`Documents from ${dialling.peer} to ${dialled.peer}`, queriesOf(dialled)],
    [`Documents from ${dialled.peer} to ${dialling.peer}`, queriesOf(dialling)],
    ["Trust", [...trustOf(plan, dialling, dialled), ...trustOf(plan, dialled, dialling)]],
    [
      "Objects",
      [dialling, dialled].map(({ cluster, namespace, name }) => ({
        text: `${kinds.replication} ${namespace}/${name} in ${cluster}`,
      })),
    ],
  ]);
}

function queriesOf({ subscribes }: PlannedSide): Item[] {
  return Object.entries(subscribes).flatMap(([collection, queries]) =>
    queries.map((query) => ({ text: maskedText(`${collection}: ${query === "true" ? "everything" : query}`) })),
  );
}

function trustOf(plan: Plan, truster: PlannedSide, trusted: PlannedSide): Item[] {
  const trust = plan.peers.get(truster.peer)?.trusts.find(({ peer }) => peer === trusted.peer);
  if (!trust) return [];
  return [{ text: `${truster.peer} trusts the CA of ${trusted.peer}, in Secret ${truster.namespace}/${trust.secret}` }];
}

function removedLink(
  { replication, app, initiator, target }: States["removedLinks"][number],
  states: ReadonlyMap<StateSource, States>,
): PageLink {
  const id = linkId(replication, initiator, target);
  const sections = filled([["Connection", [{ text: `${initiator} dialled ${target} before the change` }]]]);
  const none = { collections: [], outward: false, inward: false };
  return { id, replication, app, initiator, target, ...none, states: toldOf(states, "links", id), sections };
}
