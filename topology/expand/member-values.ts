import { Finding, type Path } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import { ownValue } from "./defaults.ts";
import { type Entry, labelsOf, locateIn, type Moved, placeOf } from "./entry.ts";
import { isMapping, members } from "./merge.ts";
import { fill, hasPlaceholder, type Root } from "./placeholders.ts";

type Peers = ReadonlyMap<string, Entry>;

/** Whether a text of a replication's queries may be filled by what its members say of themselves. */
export const memberRoots: readonly Root[] = ["spoke", "hub", "from", "to"];

/**
 * A replication with its members' own values in its queries. A query of `down` that names its spoke becomes a query of each spoke,
 * under `perSpoke`: a hub has one object, whatever the number of its spokes. What nobody gives a value for stays as it is, for a rule.
 */
export function withMemberValues(entry: Entry, peers: Peers, findings: Finding[]): Entry {
  if (!isMapping(entry.value) || entry.section !== "replications") return entry;
  return perSpoke(named(entry, peers, findings), peers, findings);
}

/** With the values of those of whom there is one. */
function named(entry: Entry, peers: Peers, findings: Finding[]): Entry {
  const { value } = entry;
  if (!isMapping(value)) return entry;
  const single = (["hub", "from", "to"] as const).flatMap((root) => (typeof value[root] === "string" ? [root] : []));
  const made = (["queries", "up", "down"] as const).flatMap((key): [string, unknown][] =>
    isMapping(value[key])
      ? [
          [
            key,
            mapped(value[key], [key], (text, path) =>
              single.reduce(
                (result, root) => filledIn(entry, result, root, peers.get(String(value[root])), path, findings),
                text,
              ),
            ),
          ],
        ]
      : [],
  );
  return made.length === 0 ? entry : { ...entry, value: { ...value, ...Object.fromEntries(made) } };
}

/** Every query of a mapping by collection, in the same form. */
function mapped(
  queries: Readonly<Record<string, unknown>>,
  path: Path,
  change: (text: string, path: Path) => string,
): unknown {
  return Object.fromEntries(
    Object.entries(queries).map(([collection, texts]): [string, unknown] => {
      const at = [...path, collection];
      if (typeof texts === "string") return [collection, change(texts, at)];
      if (!Array.isArray(texts)) return [collection, texts];
      return [
        collection,
        texts.map((text: unknown, index) => (typeof text === "string" ? change(text, [...at, index]) : text)),
      ];
    }),
  );
}

function filledIn(
  entry: Entry,
  text: string,
  root: Root,
  peer: Entry | undefined,
  path: Path,
  findings: Finding[],
): string {
  if (!peer || !hasPlaceholder(text, [root])) return text;
  const labels = labelsOf(peer.value);
  const result = fill(text, [root], "dql", (_, name) => ownValue(peer.name, labels, name));
  if (!("problem" in result)) return String(result.value);
  const { kind, what, fix } = result.problem;
  const [layer] = peer.layers;
  if (kind === "unsafe")
    findings.push(
      new Finding(reading.siteValue, {
        path: ["replications", entry.name, ...path],
        what: `${what}, which "${peer.name}" has`,
        fix,
        location: { ...locateIn(entry, path, "value"), ...(layer ? { via: placeOf(layer) } : {}) },
      }),
    );
  return text;
}

function perSpoke(entry: Entry, peers: Peers, findings: Finding[]): Entry {
  const { value } = entry;
  if (!isMapping(value) || !isMapping(value.down) || !Array.isArray(value.spokes)) return entry;
  const every: [string, unknown][] = [];
  const own: { collection: string; text: string; path: Path }[] = [];
  const moved: Moved[] = [...(entry.moved ?? [])];
  for (const [collection, written] of Object.entries(value.down)) {
    const texts: readonly unknown[] = Array.isArray(written) ? written : [written];
    const at = (index: number): Path => ["down", collection, ...(Array.isArray(written) ? [index] : [])];
    const kept: unknown[] = [];
    for (const [index, text] of texts.entries()) {
      if (typeof text === "string" && hasPlaceholder(text, ["spoke"])) own.push({ collection, text, path: at(index) });
      else {
        if (kept.length !== index) moved.push({ from: ["down", collection, kept.length], to: at(index) });
        kept.push(text);
      }
    }
    if (kept.length === texts.length) every.push([collection, written]);
    else if (kept.length > 0) every.push([collection, kept]);
  }
  if (own.length === 0) return entry;
  const all = new Map(members(value.perSpoke));
  for (const spoke of value.spokes.filter((each: unknown) => typeof each === "string")) {
    const peer = peers.get(spoke);
    const queries = new Map(members(all.get(spoke)));
    const [layer] = peer?.layers ?? [];
    for (const { collection, text, path } of own) {
      const before = [queries.get(collection) ?? []].flat();
      const from = ["perSpoke", spoke, collection];
      const via = layer && placeOf(layer);
      if (before.length === 0) moved.push({ from, to: path.slice(0, 2), via });
      moved.push({ from: [...from, before.length], to: path, via });
      queries.set(collection, [...before, filledIn(entry, text, "spoke", peer, path, findings)]);
    }
    all.set(spoke, Object.fromEntries(queries));
  }
  const { down: _, perSpoke: __, ...rest } = value;
  const left = every.length > 0 ? { down: Object.fromEntries(every) } : {};
  return { ...entry, value: { ...rest, ...left, perSpoke: Object.fromEntries(all) }, moved };
}
