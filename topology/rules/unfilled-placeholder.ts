import type { Topology } from "../file/schema.ts";
import type { Path } from "../findings/finding.ts";
import { placeholderIn, placeholderInQuery } from "../flows/placeholders.ts";
import { predicatesOf } from "../flows/predicates.ts";
import { queriesOf } from "../flows/written-queries.ts";
import type { Rule, Violation } from "./rule.ts";

/** A template that nobody has filled in. */
export const unfilledPlaceholder: Rule = {
  id: "unfilled-placeholder",
  severity: "error",
  summary:
    "A query, a collection or a `probe` has a template placeholder, as `storeId = '{peer}'`, `'{{ store }}'` and `'<store>'` do.",
  why: "nothing fills it in: it is compared literally, no document has it, and nothing flows",
  source: "our own: a topology is read as it is, and DQL has only parameters",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text } of predicatesOf(topology)) {
      const placeholder = placeholderInQuery(text);
      if (placeholder !== undefined) yield violation(path, placeholder);
    }
    for (const { path, part, text } of otherTexts(topology)) {
      const placeholder = placeholderIn(text);
      if (placeholder !== undefined) yield { ...violation(path, placeholder), part };
    }
  },
};

function violation(path: Path, placeholder: string): Violation {
  return {
    path,
    what: `nothing fills the placeholder ${placeholder}`,
    fix:
      ofMember(path, placeholder) ??
      "write the value itself, with one entry for each value, or fill the file in before it is read",
  };
}

/** What a member of the replication would have to say of itself. */
function ofMember(path: Path, placeholder: string): string | undefined {
  const [, root, name = ""] = /^\{(spoke|hub|from|to)\.(.+)\}$/.exec(placeholder) ?? [];
  if (root === undefined) return undefined;
  const label = /^labels\.(.+)$/.exec(name)?.[1];
  if (label === undefined) return `write {${root}.name}, or {${root}.labels.<label>}`;
  const [, , key, spoke] = path;
  if (root === "spoke" && key === "perSpoke") return `give "${spoke}", or its cluster, the label ${label}`;
  if (root !== "spoke") return `give its ${root}, or the cluster of its ${root}, the label ${label}`;
  return "use values of a spoke only in `down`: everything else applies to all spokes at once";
}

interface OtherText {
  readonly path: Path;
  readonly part: "key" | "value";
  readonly text: string;
}

/** Names of collections, and what `verify` is told to write. */
function* otherTexts(topology: Topology): Iterable<OtherText> {
  for (const [name, { evicts }] of Object.entries(topology.peers))
    for (const [index, text] of (evicts ?? []).entries())
      yield { path: ["peers", name, "evicts", index], part: "value", text };
  for (const [name, { collections }] of Object.entries(topology.apps))
    for (const [index, text] of (collections ?? []).entries())
      yield { path: ["apps", name, "collections", index], part: "value", text };
  for (const [name, entry] of Object.entries(topology.replications)) {
    for (const { path, collection } of queriesOf(entry))
      yield { path: ["replications", name, ...path], part: "key", text: collection };
    for (const collection of Object.keys(entry.probe ?? {}))
      yield { path: ["replications", name, "probe", collection], part: "key", text: collection };
    for (const [collection, document] of Object.entries(entry.probe ?? {}))
      for (const [field, text] of Object.entries(document))
        if (typeof text === "string")
          yield { path: ["replications", name, "probe", collection, field], part: "value", text };
  }
}
