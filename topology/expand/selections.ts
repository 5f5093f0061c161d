import { Finding, type Path } from "../findings/finding.ts";
import { editDistance, suggestion } from "../findings/suggest.ts";
import { reading } from "../rules/reading.ts";
import { valuesOf } from "../selection/label-values.ts";
import { type Entry, labelsOf, locateIn, type Moved } from "./entry.ts";
import { isMapping } from "./merge.ts";
import { type LabelSelector, type Labels, selection } from "./schema.ts";

/** Whether something has every label of a selector, with one of its values. `17` and `"17"` are the same label. */
export function hasLabels(labels: Labels, selector: LabelSelector): boolean {
  return Object.entries(selector).every(([name, wanted]) => {
    if (!Object.hasOwn(labels, name)) return false;
    return [wanted].flat().some((each) => String(each) === String(labels[name]));
  });
}

/** By section: the keys that are lists of peers. */
const lists: Readonly<Record<string, readonly string[]>> = {
  apps: ["peers"],
  replications: ["spokes", "mesh", "between"],
};

/** Whether a value is to be chosen by labels, all of it or a part. */
export function isSelection(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isMapping) : isMapping(value);
}

/** What has labels, and what is wrong with choices by them. */
export interface Choosing {
  readonly peers: readonly Entry[];
  /** Names that are in use: of clusters and peers. */
  readonly names: ReadonlySet<string>;
  readonly findings: Finding[];
  /** What keeps nothing from being planned. */
  readonly warnings: Finding[];
  /** What may be why labels are missed. */
  readonly hint: string | undefined;
}

/** By key of a replication: how many members it needs at least. With fewer it has nothing to replicate yet. */
const fewest: Readonly<Record<string, number>> = { spokes: 1, mesh: 2 };

/** An entry in which peers that are chosen by their labels are named; undefined for a replication that is none yet. */
export function withMembers(entry: Entry, choosing: Choosing): Entry | undefined {
  const { value } = entry;
  if (!isMapping(value)) return entry;
  const chosen = (lists[entry.section] ?? []).filter((key) => isSelection(value[key]));
  return chosen.reduce<Entry | undefined>((made, key) => made && withList(made, key, choosing), entry);
}

function withList(entry: Entry, key: string, choosing: Choosing): Entry | undefined {
  if (!isMapping(entry.value)) return entry;
  const written: unknown = entry.value[key];
  const names: unknown[] = [];
  const chosen = new Set<unknown>();
  const moved: Moved[] = [];
  const empty: EmptyChoice[] = [];
  const { hub }: { hub?: unknown } = entry.value;
  const items: readonly unknown[] = Array.isArray(written) ? written : [written];
  for (const [index, item] of items.entries()) {
    const path = Array.isArray(written) ? [key, index] : [key];
    const found = isMapping(item) ? membersOf(entry, path, item, choosing, empty) : [item];
    for (const name of found) {
      // A hub that has the label of its spokes is none of them. Who is named twice is told by a rule.
      if (isMapping(item) ? names.includes(name) || (key === "spokes" && name === hub) : chosen.has(name)) continue;
      if (isMapping(item)) chosen.add(name);
      moved.push({ from: [key, names.length], to: path });
      names.push(name);
    }
  }
  const waits = entry.section === "replications" && names.length < (fewest[key] ?? 0);
  if (empty.some(({ mistaken }) => mistaken) || (names.length === 0 && !waits)) {
    choosing.findings.push(...empty.map((each) => notFound(entry, each, choosing)));
  } else {
    const missed = empty.map(({ path, labels }) => notYet(entry, path, `no peer has the labels ${said(labels)} yet`));
    const few = waits && empty.length === 0 ? [notYet(entry, [key], `only ${names.join()} has the labels yet`)] : [];
    choosing.warnings.push(...missed, ...few);
    if (waits) return undefined;
  }
  return { ...entry, value: { ...entry.value, [key]: names }, moved: [...(entry.moved ?? []), ...moved] };
}

/** A choice that no peer meets. */
interface EmptyChoice {
  readonly path: Path;
  readonly labels: LabelSelector;
  /** True if it is rather misspelt than ahead of its peers. */
  readonly mistaken: boolean;
}

function membersOf(
  entry: Entry,
  path: Path,
  item: unknown,
  { peers, names, findings, hint }: Choosing,
  empty: EmptyChoice[],
): unknown[] {
  const parsed = selection.safeParse(item);
  if (!parsed.success) {
    findings.push(
      new Finding(reading.wrongType, {
        path: [entry.section, entry.name, ...path],
        what: "is neither a peer nor a selection of peers by labels",
        fix: "write names, as in `[shop-1, shop-2]`, or `{ labels: { region: eu } }`",
        location: locateIn(entry, path, "value"),
      }),
    );
    return [];
  }
  const { labels } = parsed.data;
  const found = peers.filter((peer) => hasLabels(labelsOf(peer.value), labels)).map(({ name }) => name);
  if (found.length === 0)
    empty.push({ path, labels, mistaken: hint !== undefined || isMisspelt(labels, peers, names) });
  return found;
}

function notFound(entry: Entry, { path, labels }: EmptyChoice, { peers, hint }: Choosing): Finding {
  return new Finding(reading.emptySelection, {
    path: [entry.section, entry.name, ...path],
    what: `no peer has the labels ${said(labels)}`,
    fix: hint ?? nearestLabels(labels, peers),
    location: locateIn(entry, path, "value"),
  });
}

function notYet(entry: Entry, path: Path, what: string): Finding {
  return new Finding(reading.emptyForNow, {
    path: [entry.section, entry.name, ...path],
    what,
    fix: "add the peers, or correct the labels if some should already exist",
    location: locateIn(entry, path, "value"),
  });
}

/** True if a label is near one that is there, and no name in use. Names that only differ in their numbers are different ones. */
function isMisspelt(labels: LabelSelector, peers: readonly Entry[], names: ReadonlySet<string>): boolean {
  const there = valuesOf(peers.map(({ value }) => labelsOf(value)));
  return Object.entries(labels).some(([name, wanted]) => {
    const values = there.get(name);
    if (!values) return [...there.keys()].some((each) => isNear(name, each));
    const texts = [wanted].flat().map(String);
    if (texts.some((text) => values.has(text) || names.has(text))) return false;
    return texts.some((text) => [...values].some((value) => isNear(text, value)));
  });
}

function isNear(word: string, other: string): boolean {
  const [one, two] = [word.toLowerCase(), other.toLowerCase()];
  if (one === two) return true;
  const letters = (text: string) => text.replace(/\d+/g, "0");
  // Of two short words each is near the other.
  return (
    one.length > 3 && letters(one) !== letters(two) && editDistance(one, two) <= Math.max(1, Math.floor(one.length / 4))
  );
}

function said(labels: LabelSelector): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}: ${[value].flat().join(" or ")}`)
    .join(", ");
}

function nearestLabels(labels: LabelSelector, peers: readonly Entry[]): string {
  const all = peers.map(({ value }) => labelsOf(value));
  const names = [...new Set(all.flatMap((each) => Object.keys(each)))];
  for (const [name, wanted] of Object.entries(labels)) {
    if (!names.includes(name))
      return names.length === 0 ? "give peers or their clusters `labels`" : suggestion(name, names, "label");
    const values = [...new Set(all.flatMap((each) => (Object.hasOwn(each, name) ? [String(each[name])] : [])))];
    const missing = [wanted]
      .flat()
      .map(String)
      .find((each) => !values.includes(each));
    if (missing !== undefined) return `${suggestion(missing, values, "value")} (label ${name})`;
  }
  return "no single peer has all of them; choose by fewer labels";
}
