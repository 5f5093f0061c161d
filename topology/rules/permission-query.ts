import { parsePredicate, printExpression, requoted } from "../../dql/index.ts";
import type { Permission } from "../file/auth.ts";
import type { Topology } from "../file/schema.ts";
import { contradictionsIn, faultyConditions } from "../flows/conditions.ts";
import { doubleQuoted } from "../flows/double-quotes.ts";
import { placeholderInQuery } from "../flows/placeholders.ts";
import type { Rule, Violation } from "./rule.ts";

/** The queries of permissions have the same traps as those of replications. */
export const permissionQuery: Rule = {
  id: "permission-query",
  severity: "error",
  summary:
    "A query in a playground's permissions matches nothing: a string in double quotes, a field in single ones, a comparison with NULL, a contradiction, a placeholder.",
  why: "clients can read or write nothing through it, and see no documents instead of an error",
  source: "API: a permission's queriesByCollection contains predicates, as a replication's does",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text } of permissionQueries(topology)) {
      const found = faultIn(text);
      if (found) yield { path, ...found };
    }
  },
};

function faultIn(text: string): Pick<Violation, "what" | "fix"> | undefined {
  const placeholder = placeholderInQuery(text);
  if (placeholder !== undefined)
    return { what: `nothing fills the placeholder ${placeholder}`, fix: "write the value itself" };
  const parsed = parsePredicate(text);
  if (!parsed.ok) return undefined;
  const { texts } = doubleQuoted(text, parsed.expression);
  if (texts.size > 0)
    return {
      what: `compares with ${[...texts].map((name) => `"${name}"`).join(", ")}, and double quotes are for names`,
      fix: `write ${requoted(text, (name) => texts.has(name))}`,
    };
  const [condition] = faultyConditions(parsed.expression);
  if (condition)
    return {
      what: `${printExpression(condition)} depends on no document`,
      fix: 'compare a field with a value, as in color = \'blue\', or write "everything" or "nothing" for the whole permission',
    };
  const [contradiction] = contradictionsIn(parsed.expression);
  if (!contradiction) return undefined;
  const { one, other } = contradiction;
  return {
    what: `"${printExpression(one)}" and "${printExpression(other)}" cannot hold at once`,
    fix: "join them with OR if either is enough, or remove one of them",
  };
}

function* permissionQueries(topology: Topology): Iterable<{ path: (string | number)[]; text: string }> {
  for (const section of ["peers", "apps"] as const) {
    for (const [name, { auth }] of Object.entries(topology[section])) {
      for (const kind of ["read", "write"] as const) {
        const permission: Permission | undefined = auth?.playground?.permissions[kind];
        if (permission === undefined || typeof permission === "string") continue;
        for (const [collection, texts] of Object.entries(permission))
          for (const [index, text] of texts.entries())
            yield { path: [section, name, "auth", "playground", "permissions", kind, collection, index], text };
      }
    }
  }
}
