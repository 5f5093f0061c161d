import type { ReplicationEntry } from "../file/replication.ts";
import type { Path } from "../findings/finding.ts";
import { type Form, formsOf } from "../plan/forms.ts";
import type { Rule, Violation } from "./rule.ts";

const keysOf = {
  between: ["between", "queries", "dial"],
  "one-way": ["from", "to", "queries", "dial"],
  hub: ["hub", "spokes", "up", "down", "perSpoke", "dial"],
  mesh: ["mesh", "queries"],
} as const;

const everyForm = [
  ...(["from", "to", "between", "hub", "spokes", "mesh"] as const),
  ...(["queries", "up", "down", "perSpoke", "dial"] as const),
];

/** A replication is written in one of four forms. */
export const replicationForm: Rule = {
  id: "replication-form",
  severity: "error",
  summary: "A replication has no form or two forms at once, or lacks part of its form.",
  why: "it would be unclear who takes part, who subscribes and who dials",
  source: "guide: bidirectional and one-way replications; vendor's page: one-to-many and mesh",
  ignorable: false,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) yield* checkForm(entry, ["replications", name]);
  },
};

function* checkForm(entry: ReplicationEntry, path: Path): Iterable<Violation> {
  const [form, ...others] = formsOf(entry);
  if (form === undefined) {
    yield {
      path,
      part: "key",
      what: "names no peers",
      fix: "write `between: [a, b]`, `from: a` and `to: b`, `hub` and `spokes`, or `mesh: [a, b, c]`",
    };
    return;
  }
  if (others.length > 0) {
    yield {
      path,
      part: "key",
      what: `is written in ${others.length + 1} forms at once: ${[form, ...others].join(", ")}`,
      fix: "write a replication for each",
    };
    return;
  }
  const missing = keysOf[form].filter((key) => isPartOfForm(key) && entry[key] === undefined);
  for (const key of missing)
    yield { path, part: "key", what: `lacks \`${key}\``, fix: `add \`${key}\`, or use another form` };
  const allowed: readonly string[] = keysOf[form];
  for (const key of everyForm) {
    if (entry[key] === undefined || allowed.includes(key)) continue;
    yield {
      path: [...path, key],
      part: "key",
      what: `\`${key}\` has no meaning in this form`,
      fix:
        form === "hub" && key === "queries"
          ? "write `down` for what the spokes subscribe to, `up` for what the hub does"
          : `leave it out; this form accepts ${allowed.join(", ")}`,
    };
  }
  if (entry.dial === undefined || form === "mesh") return;
  const byForm: Record<Form, readonly string[]> = {
    between: entry.between ?? [],
    "one-way": ["from", "to", entry.from ?? "", entry.to ?? ""],
    hub: ["hub", "spokes", entry.hub ?? ""],
    mesh: [],
  };
  const dialers = byForm[form];
  if (!dialers.includes(entry.dial)) {
    yield {
      path: [...path, "dial"],
      what: `"${entry.dial}" takes no part in it`,
      fix: `write one of: ${dialers.filter((each) => each !== "").join(", ")}`,
    };
  }
}

function isPartOfForm(key: string): boolean {
  return ["between", "from", "to", "hub", "spokes", "mesh"].includes(key);
}
