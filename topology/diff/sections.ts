import { type Item, line, type Mark, type Section } from "../../report/sections.ts";
import { names } from "../../report/words.ts";
import { wayNoun } from "../plan/ways.ts";
import { inFamilies, valuesOf } from "./families.ts";
import { fieldLines } from "./field-lines.ts";
import { flowItems } from "./flow-items.ts";
import { interruptionItems } from "./interruption-items.ts";
import { objectSections } from "./object-sections.ts";
import type { EntryChange, LinkChange, ReplicationChange, TopologyDiff } from "./schema.ts";

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
