import { Finding, type Path } from "../findings/finding.ts";
import { suggestion } from "../findings/suggest.ts";
import { reading } from "../rules/reading.ts";
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

/** An entry in which peers that are chosen by their labels are named. @param hint what may be why labels are missed */
export function withMembers(entry: Entry, peers: readonly Entry[], findings: Finding[], hint?: string): Entry {
  const { value } = entry;
  if (!isMapping(value)) return entry;
  const chosen = (lists[entry.section] ?? []).filter((key) => isSelection(value[key]));
  return chosen.reduce<Entry>((made, key) => withList(made, key, peers, findings, hint), entry);
}

function withList(entry: Entry, key: string, peers: readonly Entry[], findings: Finding[], hint?: string): Entry {
  if (!isMapping(entry.value)) return entry;
  const written: unknown = entry.value[key];
  const names: unknown[] = [];
  const chosen = new Set<unknown>();
  const moved: Moved[] = [];
  const { hub }: { hub?: unknown } = entry.value;
  const items: readonly unknown[] = Array.isArray(written) ? written : [written];
  for (const [index, item] of items.entries()) {
    const path = Array.isArray(written) ? [key, index] : [key];
    const found = isMapping(item) ? membersOf(entry, path, item, peers, findings, hint) : [item];
    for (const name of found) {
      // A hub that has the label of its spokes is none of them. Who is named twice is told by a rule.
      if (isMapping(item) ? names.includes(name) || (key === "spokes" && name === hub) : chosen.has(name)) continue;
      if (isMapping(item)) chosen.add(name);
      moved.push({ from: [key, names.length], to: path });
      names.push(name);
    }
  }
  return { ...entry, value: { ...entry.value, [key]: names }, moved: [...(entry.moved ?? []), ...moved] };
}

function membersOf(
  entry: Entry,
  path: Path,
  item: unknown,
  peers: readonly Entry[],
  findings: Finding[],
  hint?: string,
): unknown[] {
  const parsed = selection.safeParse(item);
  const full = [entry.section, entry.name, ...path];
  if (!parsed.success) {
    findings.push(
      new Finding(reading.wrongType, {
        path: full,
        what: "is neither a peer nor a choice of peers by their labels",
        fix: "write names, as in `[shop-1, shop-2]`, or `{ labels: { region: eu } }`",
        location: locateIn(entry, path, "value"),
      }),
    );
    return [];
  }
  const { labels } = parsed.data;
  const found = peers.filter((peer) => hasLabels(labelsOf(peer.value), labels)).map(({ name }) => name);
  if (found.length === 0)
    findings.push(
      new Finding(reading.emptySelection, {
        path: full,
        what: `no peer has the labels ${said(labels)}`,
        fix: hint ?? nearestLabels(labels, peers),
        location: locateIn(entry, path, "value"),
      }),
    );
  return found;
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
