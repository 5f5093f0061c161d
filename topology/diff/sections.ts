import { type Item, line, type Mark, type Section } from "../../report/sections.ts";
import { count, names, patchWords, valueText } from "../../report/words.ts";
import { wayNoun } from "../plan/ways.ts";
import { inFamilies, valuesOf } from "./families.ts";
import { flowItems } from "./flow-items.ts";
import { interruptionItems } from "./interruption-items.ts";
import type { DiffField, EntryChange, LinkChange, ReplicationChange, TopologyDiff } from "./schema.ts";

/** The report in the order of what a reviewer asks: what flows, what breaks, what is written, what happens to which object. */
export function sectionsOf(diff: TopologyDiff): Section[] {
  return [
    { title: "Refused by pulumi up", noun: "loss", items: diff.refused.map((finding) => findingItem("!", finding)) },
    { title: "Data", items: flowItems(diff) },
    { title: "Interrupted connections", noun: "cause", items: interruptionItems(diff) },
    { title: "New findings", noun: "finding", items: diff.findings.new.map((finding) => findingItem("+", finding)) },
    {
      title: "Resolved findings",
      noun: "finding",
      items: diff.findings.gone.map((finding) => findingItem("-", finding)),
    },
    { title: "Findings with other numbers", noun: "finding", items: diff.findings.changed.map(changedFindingItem) },
    { title: "Replications", items: diff.replications.map(replicationItem) },
    { title: "Peers", items: entryItems(diff.peers) },
    { title: "Apps", items: entryItems(diff.apps) },
    { title: "Clusters", items: entryItems(diff.clusters) },
    { title: "Exposed ports", items: diff.ports.map(portItem) },
    { title: "Trust", items: trustItems(diff) },
    { title: "Settings", items: diff.settings.map((field) => ({ lines: fieldLines("!", field) })) },
    {
      title: "Assumptions about the operator",
      items: diff.operator.map((field) => ({ lines: fieldLines("!", field) })),
    },
    ...objectSections(diff),
  ].filter(({ items }) => items.length > 0);
}

const markOf = { added: "+", removed: "-", changed: "!" } as const;

/** Entries that change in the same way are one item. */
function entryItems(entries: readonly EntryChange[]): Item[] {
  const alike = Map.groupBy(entries, ({ action, name, fields }) =>
    action === "changed" ? JSON.stringify(fields) : `${action} ${name}`,
  );
  return [...alike.values()].flatMap((group) =>
    group.slice(0, 1).map(({ action, name, summary, fields }) => {
      const head =
        group.length === 1 ? `${name}: ${summary}` : `${group.length}: ${names(group.map((entry) => entry.name))}`;
      return { lines: [line(markOf[action], head), ...fields.flatMap((field) => fieldLines(" ", field))] };
    }),
  );
}

/** Values as YAML writes short ones; `-` for a field that is not there. Of lists, what comes and what goes. */
function fieldLines(mark: Mark, { path, before, after }: DiffField): Item["lines"] {
  const indent = mark === " " ? "  " : "";
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [before.map(valueText), after.map(valueText)];
    const added = now.filter((element) => !old.includes(element));
    const removed = old.filter((element) => !now.includes(element));
    const rest = added.length + removed.length === 0 ? ": different order" : "";
    return [
      line(mark, `${indent}${path}${rest}`),
      ...removed.map((element) => line("-", `${indent}  ${element}`)),
      ...added.map((element) => line("+", `${indent}  ${element}`)),
    ];
  }
  return [line(mark, `${indent}${path}: ${valueText(before)} -> ${valueText(after)}`)];
}

const linkMark = { added: "+", removed: "-", turned: "!", readdressed: "!" } as const;

/** The address that the initiator of a link dials, and the one that it dialled before. */
function dialText({ effect, initiator, target, before, after }: LinkChange): string {
  if (effect === "added") return `${target} at ${after}`;
  if (effect === "removed") return `${target} at ${before}`;
  const was = effect === "turned" ? [`${target} dialled ${initiator}`, before] : [before];
  return `${target} at ${after}, before: ${was.filter(Boolean).join(" at ")}`;
}

function replicationItem({ action, name, app, form, fields, links, subscriptions }: ReplicationChange): Item {
  const indent = "  ";
  const alikeLinks = Map.groupBy(links, (link) => `${link.effect} ${dialText(link)}`);
  const shownLinks = [...alikeLinks.values()].flatMap((group) =>
    group.slice(0, 1).map((link) => {
      const who = `${names(group.map(({ initiator }) => initiator))} ${group.length === 1 ? "dials" : "dial"}`;
      return line(linkMark[link.effect], `${indent}${who} ${dialText(link)}`);
    }),
  );
  const queriesOf = ({ collection, added, removed }: (typeof subscriptions)[number]) =>
    JSON.stringify([collection, added, removed]);
  // Those that pull the same, and then families that pull the same but for their values.
  const alike = [...Map.groupBy(subscriptions, queriesOf).values()];
  const families = inFamilies(alike, ([first]) => (first ? queriesOf(first) : ""));
  const shownQueries = families.flatMap((family) => {
    const group = family.flat();
    const [first = []] = family;
    const values = family.length > 1 ? valuesOf(names(first.map(({ peer }) => peer))) : "";
    const what = `${names(group.map(({ peer }) => peer))} ${group.length === 1 ? "pulls" : "pull"}${values}`;
    return group
      .slice(0, 1)
      .flatMap(({ collection, added, removed }) => [
        ...removed.map((query) => line("-", `${indent}${what} ${collection}: ${query}`)),
        ...added.map((query) => line("+", `${indent}${what} ${collection}: ${query}`)),
      ]);
  });
  const head = line(markOf[action], `${name} (${form}, app ${app})`);
  return { lines: [head, ...fields.flatMap((field) => fieldLines(" ", field)), ...shownLinks, ...shownQueries] };
}

function portItem(change: TopologyDiff["ports"][number]): Item {
  const { effect, cluster, ingress, way, port, before, replication, peer } = change;
  const at = (name: string, kind: typeof way) => {
    const noun = kind === "ingressNginx" ? "ingress" : wayNoun[kind];
    if (name === "default") return kind === "ingressNginx" ? cluster : `${cluster} (${noun})`;
    return `${cluster} (${noun} ${name})`;
  };
  const place = at(ingress, way);
  const target = `${replication} on ${peer}`;
  if (effect === "opened") return { lines: [line("+", `${place}: port ${port} leads to ${target}`)] };
  if (effect === "closed") return { lines: [line("-", `${place}: port ${port} led to ${target}`)] };
  const was = before
    ? `, before: ${before.ingress === ingress && before.way === way ? "" : `${at(before.ingress, before.way)}, `}port ${before.port}`
    : "";
  return { lines: [line("!", `${place}: port ${port} leads to ${target}${was}`)] };
}

/** The pairs that trust each other, listed under the peer that is in more of them: a hub and its spokes are one line. */
function trustItems({ trust }: TopologyDiff): Item[] {
  const key = (effect: string, peer: string, trusts: string) => [effect, peer, trusts].join("/");
  const pairs = new Set(trust.map(({ effect, peer, trusts }) => key(effect, peer, trusts)));
  const degree = Map.groupBy(trust, ({ effect, peer }) => `${effect}/${peer}`);
  const most = (effect: string, peer: string) => degree.get(`${effect}/${peer}`)?.length ?? 0;
  const oneWay = trust.filter(({ effect, peer, trusts }) => !pairs.has(key(effect, trusts, peer)));
  const mutual = trust.filter(({ effect, peer, trusts }) => {
    const [pairsOfPeer, pairsOfTrusted] = [most(effect, peer), most(effect, trusts)];
    return (
      pairs.has(key(effect, trusts, peer)) &&
      (pairsOfPeer > pairsOfTrusted || (pairsOfPeer === pairsOfTrusted && peer < trusts))
    );
  });
  const mark = { added: "+", removed: "-" } as const;
  return [
    ...oneWay.map(({ effect, peer, trusts }) => ({ lines: [line(mark[effect], `${peer} trusts ${trusts}`)] })),
    ...[...Map.groupBy(mutual, ({ effect, peer }) => `${effect}/${peer}`).values()].flatMap((group) =>
      group.slice(0, 1).map(({ effect, peer }) => {
        const others = `${group.length === 1 ? "" : "each of "}${names(group.map(({ trusts }) => trusts))}`;
        return { lines: [line(mark[effect], `${peer} and ${others} trust each other`)] };
      }),
    ),
  ];
}

function findingItem(mark: Mark, finding: TopologyDiff["findings"]["new"][number]): Item {
  const { severity, rule, path, what, why, fix } = finding;
  const first = line(mark, `${severity} [${rule}] ${path === "" ? "" : `${path}: `}${what}`);
  return mark === "-" ? { lines: [first] } : { lines: [first, line(" ", `  why: ${why}`), line(" ", `  fix: ${fix}`)] };
}

function changedFindingItem({ before, ...finding }: TopologyDiff["findings"]["changed"][number]): Item {
  return { lines: [...findingItem("!", finding).lines.slice(0, 1), line(" ", `  before: ${before}`)] };
}

const actionMark = { create: "+", delete: "-", change: "!", replace: "!" } as const;

type ObjectChange = TopologyDiff["objects"][number];

/** What changes in the same way in several clusters, once; and then what else changes in each. */
function objectSections({ objects }: TopologyDiff): Section[] {
  const alike = alikeInClusters(objects);
  const joined = new Set(alike.flat());
  return [...alikeSection(alike), ...sectionsOfClusters(objects.filter((change) => !joined.has(change)))];
}

/** The families of objects that are in more than one cluster. One that moves is told in both of its clusters. */
function alikeInClusters(objects: readonly ObjectChange[]): ObjectChange[][] {
  const families = inFamilies(
    objects.filter(({ from }) => from === undefined),
    changeText,
  );
  return families.filter((family) => family.length > 1 && new Set(family.map(({ cluster }) => cluster)).size > 1);
}

function alikeSection(families: readonly (readonly ObjectChange[])[]): Section[] {
  const changes = families.flat();
  if (changes.length === 0) return [];
  const clusters = new Set(changes.map(({ cluster }) => cluster));
  const title = `Objects in ${clusters.size} clusters: ${countsOf(changes).join(", ")}`;
  return [{ title, size: changes.length, items: families.flatMap(familyItem) }];
}

function countsOf(changes: readonly ObjectChange[]): string[] {
  const counts = (["create", "change", "replace", "delete"] as const).flatMap((action) => {
    const n = changes.filter((change) => change.action === action && change.role === "object").length;
    return n === 0 ? [] : [`${n} to ${action}`];
  });
  const patched = changes.filter(({ role }) => role !== "object").length;
  return patched === 0 ? counts : [...counts, `${patched} to patch`];
}

function sectionsOfClusters(objects: readonly ObjectChange[]): Section[] {
  const clusters = new Set(objects.flatMap(({ cluster, from }) => [cluster, from?.cluster ?? cluster]));
  return [...clusters].map((cluster) => {
    const changes = objects.filter((change) => change.cluster === cluster);
    const leaving = objects.filter(({ from, ...change }) => from?.cluster === cluster && change.cluster !== cluster);
    const gone = leaving.filter(({ role }) => role === "object");
    const counts = [...countsOf(changes), ...(gone.length > 0 ? [`${gone.length} to leave`] : [])];
    return {
      title: `Objects in ${cluster}: ${counts.join(", ")}`,
      size: changes.length + gone.length,
      items: [...objectItems(changes), ...gone.map(leavingItem)],
    };
  });
}

/** Objects of one kind that change in the same way are one item. */
function objectItems(changes: TopologyDiff["objects"]): Item[] {
  const alike = Map.groupBy(changes, ({ action, apiVersion, kind, namespace, role, from, fields }) =>
    from === undefined ? JSON.stringify([action, apiVersion, kind, namespace, role, fields]) : from,
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const [head, ...rest] = objectItem(first).lines;
    if (group.length === 1 || !head) return [{ lines: [...(head ? [head] : []), ...rest] }];
    const { action, role, kind, namespace } = first;
    const verb = role === "patch" ? patchWords[action] : action;
    const text = `${verb} ${count(group.length, kind)} in ${namespace}: ${names(group.map(({ name }) => name))}`;
    return [{ lines: [{ ...head, text }, ...rest] }];
  });
}

/** An object that is recreated in another cluster: its line in the cluster where it was. */
function leavingItem({ kind, namespace, name, cluster, from }: TopologyDiff["objects"][number]): Item {
  return { lines: [line("-", `delete ${kind} ${from?.namespace}/${name}, recreated in ${cluster}/${namespace}`)] };
}

/** The objects of many clusters in one section: those that change in the same way, but for the values of sites, are one item. */
export function joinedObjects({ objects }: TopologyDiff): Section {
  const clusters = new Set(objects.map(({ cluster }) => cluster));
  const items = inFamilies(objects, changeText).flatMap(familyItem);
  const leaving = objects.filter(({ from, cluster, role }) => from && from.cluster !== cluster && role === "object");
  const title = `Objects in ${clusters.size} clusters: ${objects.length} changes`;
  return { title, items: [...items, ...leaving.map(leavingItem)] };
}

function changeText({ action, kind, role, from, fields }: ObjectChange): string {
  return JSON.stringify([action, kind, role, from === undefined, fields]);
}

/** Objects that change in the same way, but for the values of sites; with their clusters. */
function familyItem(family: readonly ObjectChange[]): Item[] {
  const [first] = family;
  if (!first) return [];
  const [head, ...rest] = objectItem(first).lines;
  if (family.length === 1)
    return [{ lines: [...(head ? [{ ...head, text: `${first.cluster}: ${head.text}` }] : []), ...rest] }];
  const { action, kind, role } = first;
  const verb = role === "patch" ? patchWords[action] : action;
  const differ = new Set(family.map(changeText)).size > 1 ? valuesOf(first.name) : "";
  const text = `${verb} ${count(family.length, kind)}${placesOf(family)}${differ}`;
  return [{ lines: [line(actionMark[action], text), ...rest] }];
}

/** The objects by name; where all have the same one, it is said once. */
function placesOf(family: readonly ObjectChange[]): string {
  const place = ({ namespace, name }: ObjectChange) => `${namespace}/${name}`;
  const [only, ...others] = new Set(family.map(place));
  if (others.length === 0) return ` ${only} in ${names(family.map(({ cluster }) => cluster))}`;
  return `: ${names(family.map((change) => `${place(change)} in ${change.cluster}`))}`;
}

function objectItem({ action, kind, namespace, name, role, from, fields }: TopologyDiff["objects"][number]): Item {
  const what = `${role === "patch" ? patchWords[action] : action} ${kind} ${namespace}/${name}`;
  const was = from ? `, before: ${from.cluster}/${from.namespace} (${from.apiVersion})` : "";
  return { lines: [line(actionMark[action], `${what}${was}`), ...fields.flatMap((field) => fieldLines(" ", field))] };
}
