import { parsePredicate } from "../../dql/index.ts";
import { matchesAny } from "../flows/flows.ts";
import type { Rule } from "./rule.ts";

/** A probe that would never arrive. */
export const probeMismatch: Rule = {
  id: "probe-mismatch",
  severity: "warning",
  summary:
    "The document that `verify` is told to send is in a collection, or of a kind, that the replication does not carry.",
  why: "`verify` would write it and wait, and report a broken replication that is not broken",
  source: "our own: verify sends one document that should flow",
  ignorable: true,
  *check({ topology, plan }) {
    for (const [name, { probe }] of Object.entries(topology.replications)) {
      const sides = plan.replications.get(name)?.sides ?? [];
      for (const [collection, document] of Object.entries(probe ?? {})) {
        const queries = sides.flatMap(({ subscribes }) => subscribes[collection] ?? []);
        const unread = queries.some((text) => !parsePredicate(text).ok);
        if (sides.length === 0 || unread || matchesAny(queries, document)) continue;
        yield {
          path: ["replications", name, "probe", collection],
          part: "key",
          what:
            queries.length === 0 ? `nobody subscribes to ${collection} here` : `no query on ${collection} matches it`,
          fix:
            queries.length === 0
              ? "write a document for a collection that is subscribed to, or leave it out"
              : `give it fields that match: ${queries[0]}`,
        };
      }
    }
  },
};
