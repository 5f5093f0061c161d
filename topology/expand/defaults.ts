import type { WrittenFile } from "../file/written-file.ts";
import { Finding, type Path } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import { type Entry, type Layer, labelsOf, placeIn, placeOf } from "./entry.ts";
import { isMapping, type Merged, members, setTwice } from "./merge.ts";
import type { Expansion, LabelSelector, Labels } from "./schema.ts";
import { hasLabels } from "./selections.ts";
import type { SiteValue } from "./table.ts";
import { filled } from "./walk.ts";

type Section = "clusters" | "peers";

/** Defaults as a file has them. */
interface Written {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly layer: Layer;
  /** Of whom; undefined: of all. */
  readonly labels: LabelSelector | undefined;
}

/** What clusters and peers take over unless they say otherwise. Defaults of those with a label go before those of all. */
export class Defaults {
  readonly #written: Readonly<Record<Section, readonly Written[]>>;
  readonly #joined = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #findings: Finding[];

  constructor(files: readonly { readonly file: WrittenFile; readonly expansion: Expansion }[], findings: Finding[]) {
    this.#findings = findings;
    const of = (section: Section) => files.flatMap(({ file, expansion }) => writtenIn(file, expansion, section));
    this.#written = { clusters: of("clusters"), peers: of("peers") };
  }

  /** What every peer takes over as its cluster; its labels are known only after that. */
  get cluster(): unknown {
    return this.#written.peers.find(({ labels, settings }) => !labels && settings.cluster !== undefined)?.settings
      .cluster;
  }

  /** An entry with what it takes over, and with the labels that it has. */
  applied(entry: Entry & { readonly section: Section }, labels: Labels): Entry {
    if (!isMapping(entry.value)) return entry;
    const written = this.#written[entry.section];
    const mine = written.filter((each) => each.labels && hasLabels(labels, each.labels));
    const all = written.filter((each) => !each.labels);
    const taken = [mine, all].filter((each) => each.length > 0);
    const value = taken.reduce<unknown>((own, each) => under(own, this.#filled(entry, labels, each)), entry.value);
    const labelled = Object.keys(labels).length > 0 && isMapping(value) ? { ...value, labels } : value;
    return { ...entry, value: labelled, layers: [...entry.layers, ...taken.flat().map(({ layer }) => layer)] };
  }

  #filled(entry: Entry & { readonly section: Section }, labels: Labels, written: readonly Written[]): unknown {
    const { section, name } = entry;
    const root = section === "clusters" ? "cluster" : "peer";
    return filled(this.#joinedOf(section, written), [section, name], {
      roots: [root],
      lookup: (_, wanted) => ownValue(name, labels, wanted),
      refuse: ({ kind, what, fix }, path, part) => {
        const holder = written.find(({ layer: { file, at } }) => file.rangeOf([...at, ...path.slice(2)])) ?? written[0];
        const [own] = entry.layers;
        if (!holder || !own) return;
        const location = placeIn(holder.layer, path.slice(2), part, placeOf(own));
        const advice =
          kind === "unknown" ? `give the ${root} "${name}" that label, or put the default under \`byLabel\`` : fix;
        this.#findings.push(new Finding(reading.siteValue, { path, what, fix: advice, location }));
      },
    });
  }

  /** The settings of several defaults that hold for the same entry. None goes before another, so none may set what another does. */
  #joinedOf(section: Section, written: readonly Written[]): Readonly<Record<string, unknown>> {
    const key = `${section} ${written.map((each) => this.#written[section].indexOf(each)).join()}`;
    const known = this.#joined.get(key);
    if (known) return known;
    const places: [Path, Written][] = [];
    for (const each of written)
      for (const path of leavesOf(each.settings)) {
        const before = places.find(([other]) => isWithin(path, other) || isWithin(other, path));
        const at = ({ layer }: Written) => layer.file.locate([...layer.at, ...path], "key");
        if (before && before[1] !== each) {
          const finding = setTwice([...each.layer.at, ...path], at(before[1]), at(each));
          if (
            !this.#findings.some(
              ({ what, location }) => what === finding.what && location?.line === finding.location?.line,
            )
          )
            this.#findings.push(finding);
        }
        places.push([path, each]);
      }
    const joined = written.reduce<unknown>((one, { settings }) => under(one, settings), {});
    const settings = isMapping(joined) ? joined : {};
    this.#joined.set(key, settings);
    return settings;
  }
}

function writtenIn(file: WrittenFile, { defaults }: Expansion, section: Section): Written[] {
  const own = defaults?.[section];
  const all = own
    ? [{ settings: own, labels: undefined, layer: { file, at: ["defaults", section], shared: true } }]
    : [];
  const labelled = (defaults?.byLabel ?? []).flatMap((each, index) => {
    const settings = each[section];
    const layer = { file, at: ["defaults", "byLabel", index, section], shared: true };
    return settings ? [{ settings, labels: each.labels, layer }] : [];
  });
  return [...all, ...labelled];
}

/** The labels of a peer: those of its cluster, and its own before them. */
export function peerLabels(peer: Entry, merged: Merged, defaults: Defaults): Labels {
  const own = labelsOf(peer.value);
  const named = isMapping(peer.value) ? (peer.value.cluster ?? defaults.cluster) : undefined;
  const resolved = typeof named === "string" ? named.replaceAll("{peer.name}", peer.name) : "";
  const cluster = merged.entries.get("clusters")?.get(resolved);
  return cluster ? { ...labelsOf(cluster.value), ...own } : own;
}

/** What an entry may say of itself: `name`, `labels.region`. */
export function ownValue(name: string, labels: Labels, wanted: string): { value: SiteValue } | undefined {
  if (wanted === "name") return { value: name };
  const label = /^labels\.(.+)$/.exec(wanted)?.[1];
  return label !== undefined && Object.hasOwn(labels, label) ? { value: labels[label] } : undefined;
}

/** A value, and beneath it what it does not say itself. Of two ways of exposing targets the one that it names counts. */
function under(own: unknown, defaults: unknown, key?: string): unknown {
  if (own === undefined) return defaults;
  if (!isMapping(own) || !isMapping(defaults)) return own;
  if (key === "exposure" && !Object.keys(own).some((way) => Object.hasOwn(defaults, way))) return own;
  const names = [...new Set([...Object.keys(own), ...Object.keys(defaults)])];
  return Object.fromEntries(names.map((name) => [name, under(own[name], defaults[name], name)]));
}

function leavesOf(value: unknown, path: Path = []): Path[] {
  const inside = members(value);
  return inside.length === 0 ? [path] : inside.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

function isWithin(path: Path, around: Path): boolean {
  return around.every((step, index) => path[index] === step);
}
