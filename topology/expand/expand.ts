import { stringify } from "yaml";
import { schemaFindings } from "../file/schema-findings.ts";
import { type Source, sourceWith, type Writer } from "../file/source.ts";
import type { WrittenFile } from "../file/written-file.ts";
import type { Finding, Location, Path } from "../findings/finding.ts";
import { valueAt } from "../value-at.ts";
import { Defaults, peerLabels } from "./defaults.ts";
import { type Entry, labelsOf, locateIn, placeOf, sections } from "./entry.ts";
import { entriesOf, textsIn } from "./families.ts";
import type { Files } from "./files.ts";
import { includedIn } from "./include.ts";
import { memberRoots, withMemberValues } from "./member-values.ts";
import { declaredTwice, isMapping, Merged, members } from "./merge.ts";
import { hasPlaceholder } from "./placeholders.ts";
import { type Expansion, expansionKeys, expansionSchema } from "./schema.ts";
import { isSelection, withMembers } from "./selections.ts";

/** What a text has somewhere that needs an expansion. Most topologies have none of it, and pay for no more than this look. */
const telling = /\b(?:include|defaults|sites|labels)\b|\{(?:spoke|hub|from|to)\./;

/** Whether a file says something that is not written out. */
export function needsExpansion({ text, value }: WrittenFile): boolean {
  if (!telling.test(text) || !isMapping(value)) return false;
  if (expansionKeys.some((key) => Object.hasOwn(value, key))) return true;
  const entries = (section: string) => members(value[section]).map(([, entry]) => (isMapping(entry) ? entry : {}));
  return (
    entries("clusters").some(({ labels }) => isMapping(labels)) ||
    entries("apps").some(({ peers }) => isSelection(peers)) ||
    entries("replications").some(
      ({ spokes, mesh, between, queries, up, down }) =>
        [spokes, mesh, between].some(isSelection) ||
        [...textsIn([queries, up, down], [])].some(({ text: each }) => hasPlaceholder(each, memberRoots)),
    )
  );
}

/**
 * The topology that a file comes to: with what it includes, with its families of sites, its defaults, and the peers that it chooses by
 * labels, as if everything had been written out. Pure but for the files that it is given.
 */
export function expanded(topology: WrittenFile, files: Files): Source {
  const { parts, folders, findings: notRead } = includedIn(topology, files);
  const merged = new Merged();
  const findings = merged.findings;
  findings.push(...notRead);
  const read = parts.filter(({ findings: wrong }) => wrong.length === 0);
  const expansions = read.map((file) => ({ file, expansion: expansionOf(file, findings) }));
  const tables: WrittenFile[] = [];
  const families = new Map<string, Location>();
  for (const [index, { file, expansion }] of expansions.entries()) {
    merged.addFile(file, index === 0);
    for (const [name, family] of Object.entries(expansion.sites ?? {})) {
      const place = file.locate(["sites", name], "key");
      const before = families.get(name);
      if (before) findings.push(declaredTwice(["sites", name], before, place));
      families.set(name, place);
      const made = entriesOf(name, family, file, files);
      tables.push(...made.tables.filter((table) => table !== file));
      findings.push(...made.findings);
      for (const entry of made.entries) merged.add(entry);
    }
  }
  // What could not be read would be missed everywhere else, too.
  const warnings: Finding[] = [];
  if (findings.length === 0) settle(merged, new Defaults(expansions, findings), findings, warnings);
  const value = findings.length === 0 ? topologyOf(merged, topology) : undefined;
  return {
    ...topology,
    value,
    findings: once(findings),
    warnings: once(warnings),
    parts: [
      ...parts,
      ...tables.filter((table, index) => tables.findIndex(({ file }) => file === table.file) === index),
    ],
    folders,
    locate: (path, part = "value") => locate(merged, topology, path, part),
    rangeOf: () => undefined,
    comments: () => parts.flatMap((part) => part.comments()),
    asOneFile: () => stringify(value ?? {}, { aliasDuplicateObjects: false, lineWidth: 0 }),
    writtenOut: false,
    holder: (path) => holderOf(merged, path),
    writer: (path) => writerOf(merged, path),
    withTexts: (texts) => sourceWith(texts, topology, files),
  };
}

function expansionOf(file: WrittenFile, findings: Finding[]): Expansion {
  if (!isMapping(file.value)) return {};
  const parsed = expansionSchema.safeParse(file.value);
  if (parsed.success) return parsed.data;
  findings.push(...schemaFindings(parsed.error.issues, file));
  return {};
}

/** Defaults, then labels, then who takes part, then what each says of itself. */
function settle(merged: Merged, defaults: Defaults, findings: Finding[], warnings: Finding[]): void {
  for (const section of ["clusters", "peers"] as const)
    for (const entry of merged.of(section)) {
      const labels = section === "clusters" ? labelsOf(entry.value) : peerLabels(entry, merged, defaults);
      merged.entries.get(section)?.set(entry.name, defaults.applied({ ...entry, section }, labels));
    }
  const peers = merged.entries.get("peers") ?? new Map<string, Entry>();
  const names = new Set([...merged.of("clusters"), ...merged.of("peers")].map(({ name }) => name));
  const choosing = { peers: [...peers.values()], names, findings, warnings, hint: strayPeer(merged) };
  for (const section of ["apps", "replications"] as const)
    for (const entry of merged.of(section)) {
      const made = withMembers(entry, choosing);
      if (made) merged.entries.get(section)?.set(entry.name, withMemberValues(made, peers, findings));
      else merged.entries.get(section)?.delete(entry.name);
    }
}

/** That a peer has not the labels that it might, since its cluster is not there. */
function strayPeer(merged: Merged): string | undefined {
  const clusters = merged.entries.get("clusters");
  for (const { name, value } of merged.of("peers")) {
    const { cluster }: { cluster?: unknown } = Object(value);
    if (typeof cluster === "string" && !clusters?.has(cluster))
      return `"${name}" names the cluster "${cluster}", which is not declared, so it has none of its labels; correct that first`;
  }
  return undefined;
}

/** The topology as a value, its keys in the order of the file. */
function topologyOf(merged: Merged, topology: WrittenFile): unknown {
  const made = new Map<string, unknown>();
  const sectionsThere = sections.filter((section) => merged.of(section).length > 0);
  for (const key of [...members(topology.value).map(([key]) => key), ...merged.settings.keys(), ...sectionsThere]) {
    const setting = merged.settings.get(key);
    const section = sections.find((each) => each === key);
    if (made.has(key) || expansionKeys.includes(key)) continue;
    if (setting) made.set(key, setting.value);
    else if (section) made.set(key, Object.fromEntries(merged.of(section).map(({ name, value }) => [name, value])));
  }
  return Object.fromEntries(made);
}

function locate(merged: Merged, topology: WrittenFile, path: Path, part: "key" | "value"): Location {
  const [key, name, ...below] = path;
  const section = sections.find((each) => each === key);
  const entry = section && name !== undefined ? merged.entries.get(section)?.get(String(name)) : undefined;
  if (entry)
    return below.length === 0 && entry.layers[0]?.row ? placeOf(entry.layers[0]) : locateIn(entry, below, part);
  const places = merged.settings.get(String(key))?.places ?? [];
  const item = typeof name === "number" ? places[name] : undefined;
  if (item && item.path.length > 1) return item.file.locate([...item.path, ...below], part);
  const file = places[0]?.file ?? topology;
  return file.locate(path, part);
}

function holderOf(merged: Merged, [key, name]: Path): WrittenFile | undefined {
  const section = sections.find((each) => each === key);
  if (!section) return merged.settings.get(String(key))?.places[0]?.file;
  const [own] = merged.entries.get(section)?.get(String(name))?.layers ?? [];
  return own?.row ? undefined : own?.file;
}

function writerOf(merged: Merged, [key, name, ...below]: Path): Writer | undefined {
  const section = sections.find((each) => each === key);
  const entry = section && merged.entries.get(section)?.get(String(name));
  const layer = entry?.layers.find(({ file, at }) => valueAt(file.value, [...at, ...below]) !== undefined);
  if (!layer) return undefined;
  const { file, at, row, shared } = layer;
  return { file, path: [...at, ...below], kind: shared ? "defaults" : row ? "template" : "entry", row: row?.locate() };
}

/** A mistake in a template is one mistake, however many rows it meets. */
function once(findings: readonly Finding[]): Finding[] {
  const keys = new Set<string>();
  return findings.filter(({ rule, what, location }) => {
    const key = JSON.stringify([rule, what, location]);
    return keys.has(key) ? false : keys.add(key);
  });
}
