import { count, names as namesOf } from "../../report/words.ts";
import { loadPlan } from "../../topology/check.ts";
import {
  type DocumentKind,
  type EvictEntry,
  evictReport,
  type Neighbour,
  type Return,
  statementsOverHttp,
} from "../../topology/flows/evict.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { Selection } from "../../topology/selection/selection.ts";
import { colours as pc } from "../output/colours.ts";
import { selectedOrThrow } from "../topology/selected.ts";
import { topologyFile } from "../topology/topology-file.ts";

interface EvictOptions extends Selection {
  readonly stack?: string;
  readonly collection?: string;
  readonly json?: boolean;
}

/** `bigpeer evict`: what may be evicted where, and what a DELETE reaches. @returns 0 */
export async function evictCommand(argument: string | undefined, options: EvictOptions): Promise<number> {
  const { plan } = loadPlan(topologyFile(argument, options.stack, options));
  const { peers, apps } = selectedOrThrow(plan, options);
  const { collection } = options;
  const entries = evictReport(plan, { only: ({ peer, app }) => peers.has(peer) && apps.has(app), collection });
  process.stdout.write(
    `${options.json ? JSON.stringify({ version: 1, entries, notes: statementsOverHttp }, null, 2) : formatEvict(entries, plan)}\n`,
  );
  return 0;
}

/** A summary, then a table for each collection on each peer, and under it how to bind in time what comes back. */
export function formatEvict(entries: readonly EvictEntry[], plan: Plan): string {
  if (entries.length === 0) {
    return plan.apps.size === 0
      ? "the topology has no apps, so there is nothing to evict"
      : "no subscription covers any of these documents: what is evicted does not come back, and a DELETE reaches no other peer";
  }
  return [
    formatSummary(entries),
    ...entries.map(formatEntry),
    pc.dim(statementsOverHttp.flatMap((note) => wrapped(note, 150)).join("\n")),
  ].join("\n\n");
}

/** What is asked first: where EVICT lasts, where it does not, and how far a DELETE goes. */
function formatSummary(entries: readonly EvictEntry[]): string {
  const back = entries.filter(({ documents }) => documents.some(({ returns }) => returns.length > 0));
  const away = entries.filter((entry) => !back.includes(entry));
  const reaching = entries.filter(({ documents }) => documents.some(({ tombstone }) => tombstone.length > 0));
  const unbound = new Set(
    back.flatMap(({ documents }) =>
      documents.flatMap(({ returns }) =>
        returns.flatMap(({ setting, query, timeBound }) =>
          timeBound.bound === undefined ? [`${setting} ${query}`] : [],
        ),
      ),
    ),
  );
  const named = (some: readonly EvictEntry[]) =>
    namesOf(some.map(({ collection, peer }) => `${collection} on ${peer}`));
  return [
    ...(back.length === 0
      ? []
      : [`EVICT does not last for ${named(back)}: subscriptions bring matching documents back.`]),
    ...(away.length === 0 ? [] : [`EVICT lasts for ${named(away)}: no subscription brings documents back.`]),
    ...(unbound.size === 0
      ? []
      : [
          `To make it last, add a time bound to ${count(unbound.size, "subscription")}, as shown below with ${unbound.size === 1 ? "its query" : "their queries"}.`,
        ]),
    reaching.length === 0 ? "A DELETE reaches no other peer." : `A DELETE reaches other peers from ${named(reaching)}.`,
  ].join("\n");
}

function formatEntry({ peer, app, collection, evicts, documents }: EvictEntry): string {
  const rows = documents.map((kind): Row => [nameOf(kind, documents), afterEvict(kind, peer), afterDelete(kind)]);
  const headings: Row = ["documents", `EVICT on ${peer}`, "DELETE there reaches"];
  const widths = widest.map((most, column) =>
    Math.min(most, Math.max(...[headings, ...rows].map((row) => row[column]?.length ?? 0))),
  );
  const line = (row: Row) => asLines(row, widths).join("\n");
  const guessed = documents.some(({ tombstone }) => tombstone.some(({ certain }) => !certain));
  const said = evicts ? pc.dim("  (the topology evicts here)") : "";
  return [
    `${pc.bold(`${collection} on ${peer}`)}${pc.dim(`, app ${app}`)}${said}`,
    pc.dim(line(headings)),
    ...rows.map(line),
    ...(guessed ? [pc.dim("  ?: only documents that also match another query")] : []),
    ...held(peer, documents),
    ...patterns(documents),
  ].join("\n");
}

type Row = readonly [documents: string, evict: string, remove: string];

/** Wider cells go over several lines. */
const widest = [48, 64, 48] as const;

function asLines(row: Row, widths: readonly number[]): string[] {
  const cells = row.map((text, column) => wrapped(text, widths[column] ?? 0));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) =>
    `  ${cells.map((lines, column) => (lines[index] ?? "").padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function nameOf({ query }: DocumentKind, all: readonly DocumentKind[]): string {
  return query ?? (all.length === 1 ? "all" : "all others");
}

function afterEvict({ returns }: DocumentKind, peer: string): string {
  const certain = returns.filter((each) => each.certain);
  if (returns.length === 0) return "stay away";
  const told = certain.length > 0 ? certain : returns;
  const ways = [...new Set(told.map((each) => way(each, peer)))].join("; and ");
  return certain.length > 0
    ? `come back ${ways}`
    : `come back where they match ${returns.map(({ query }) => query).join(" or ")}, ${ways}`;
}

function way({ replication, from, paused }: Return, peer: string): string {
  const pulling = from.filter(({ pulls }) => pulls);
  const others = from.filter(({ pulls }) => !pulls);
  const told = [
    ...(pulling.length > 0 ? [`from ${names(pulling)}`] : []),
    ...(others.length > 0 ? [`from ${names(others)}, if ${others.length === 1 ? "it has" : "they have"} them`] : []),
  ];
  const how = paused ? "paused, so not before it is resumed" : dialling(from, peer);
  return `${told.join(", ")} (${replication}: ${how})`;
}

function names(neighbours: readonly Neighbour[]): string {
  return few(neighbours.map(({ peer }) => peer));
}

/** In a mesh of a hundred, a line of a hundred names tells nothing. */
function few(all: readonly string[]): string {
  return all.length <= 5 ? all.join(", ") : `${all.slice(0, 3).join(", ")} and ${all.length - 3} more`;
}

/** Who dials whom, since that is where to look when something does not come. */
function dialling(from: readonly Neighbour[], peer: string): string {
  const dials = from.filter(({ link }) => link.initiator === peer);
  const dialled = from.filter(({ link }) => link.initiator !== peer);
  return [
    ...(dials.length > 0 ? [`${peer} dials ${names(dials)}`] : []),
    ...(dialled.length > 0 ? [`${names(dialled)} dial${dialled.length === 1 ? "s" : ""} ${peer}`] : []),
  ].join(", ");
}

function afterDelete({ tombstone }: DocumentKind): string {
  if (tombstone.length === 0) return "nobody";
  const start = tombstone[0]?.from;
  const hops = Map.groupBy(tombstone, ({ replication, from }) =>
    from === start ? replication : `${replication} from ${from}`,
  );
  const told = [...hops].map(([over, each]) => {
    const peers = each.map(({ peer, certain }) => (certain ? peer : `${peer}?`));
    return `${few(peers)} (${over})`;
  });
  return told.join(", ");
}

/** What must not be evicted yet, since a paused replication has not delivered it. */
function held(peer: string, documents: readonly DocumentKind[]): string[] {
  const waiting = documents.flatMap(({ undelivered }) => undelivered);
  const replications = Map.groupBy(waiting, ({ replication }) => replication);
  return [...replications].map(([replication, group]) => {
    const who = few([...new Set(group.map((each) => each.peer))]);
    return `  ${pc.red("do not evict")}: ${replication} is paused, and what ${peer} evicts before it has been delivered never reaches ${who}; run \`bigpeer resume ${replication}\` first`;
  });
}

function patterns(documents: readonly DocumentKind[]): string[] {
  const subscriptions = new Map(
    documents.flatMap(({ returns }) => returns.map((each) => [`${each.setting}\0${each.query}`, each] as const)),
  );
  const all =
    subscriptions.size > 1
      ? ["  documents that any of these queries covers come back, so add a time bound to all of them before you evict"]
      : [];
  const each = [...subscriptions.values()].flatMap(({ setting, query, timeBound }) => [
    timeBound.bound === undefined
      ? `  ${pc.yellow("no time bound")}: ${query}`
      : `  time bound ${timeBound.bound}: ${query}`,
    `    1. ${setting}: ${timeBound.subscription}   ${pc.dim("(replace :cutoff with a later time, then deploy)")}`,
    `    2. ${timeBound.evict}`,
  ]);
  return [...each, ...all];
}
