import { type DocumentFields, matchesAny } from "../../topology/flows/flows.ts";
import { isCoveredBy } from "../../topology/flows/predicates.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { maskedSentence } from "../../topology/secrets/texts.ts";
import { fieldAt } from "../../topology/value-at.ts";
import { planProbes } from "../../verify/probes.ts";
import { type ExplainedLink, planOfLink } from "../link.ts";
import type { LinkSeen, Sample } from "../link-seen.ts";
import { nameOf, seenReplication } from "../objects-of-link.ts";
import { broken, type Direction, holds, unknown, type Verdict } from "../verdict.ts";
import { refresh } from "./objects.ts";

/** Judges whether the receiver subscribes to what is to flow to it.
 * @param sample a document that somebody misses. @default one that the declared queries match */
export function subscriptionLayer(
  plan: Plan,
  link: ExplainedLink,
  seen: LinkSeen,
  direction: Direction,
  sample?: Sample,
): Verdict {
  return { ...verdictOf(plan, link, seen, direction, sample), direction };
}

function verdictOf(plan: Plan, link: ExplainedLink, seen: LinkSeen, { from, to }: Direction, sample?: Sample): Verdict {
  const { replication, initiator, target } = link;
  const receiver = initiator.peer === to ? initiator : target;
  const declared = Object.entries(receiver.subscribes);
  if (declared.length === 0)
    return broken(
      "subscription",
      `${to} asks for nothing, as declared, so no document comes to it from ${from}`,
      `declare queries for ${to} in replications.${replication.name}, if documents are to flow there`,
    );
  const { ref, object } = seenReplication(plan, receiver, seen);
  if (object === undefined) return unknown("subscription", `${nameOf(ref)} could not be read`);
  const live = queriesOf(fieldAt(object, plan.operator.fields.replication.queriesByCollection));
  const asked = (collection: string) => live.get(collection) ?? [];
  const shown = (collection: string) => {
    const queries = asked(collection);
    return queries.length === 0 ? "for nothing" : `for ${maskedSentence(queries.join(" OR "))}`;
  };
  for (const [collection, queries] of declared) {
    const lacking = queries.find((query) => !isCoveredBy(query, asked(collection)));
    if (lacking !== undefined)
      return broken(
        "subscription",
        `${to} asks ${shown(collection)} in ${collection}, and not for ${maskedSentence(lacking)}, as declared`,
        refresh(plan, receiver.cluster),
      );
  }
  if (sample) {
    const { collection, document } = sample;
    if (!matchesAny(asked(collection), document))
      return broken(
        "subscription",
        `${to} asks ${shown(collection)} in ${collection}, and the document ${textOf(document)} does not match`,
        `change the queries for ${collection} in replications.${replication.name}, or the document`,
      );
    return holds(
      "subscription",
      `${to} asks ${shown(collection)} in ${collection}, and the document ${textOf(document)} matches`,
    );
  }
  const probes = planProbes(planOfLink(plan, link)).filter(
    (probe) => probe.from === from && probe.to === to && probe.expected === "arrives",
  );
  const parts = probes.map(({ collection, document, reason }) => {
    if (!document) return `${shown(collection)} in ${collection} (${reason})`;
    const matching = matchesAny(asked(collection), document) ? "matches" : "cannot be said to match";
    return `${shown(collection)} in ${collection}, and ${textOf(document)} ${matching}`;
  });
  return holds("subscription", `${to} asks ${parts.join("; ")}`);
}

function queriesOf(value: unknown): Map<string, string[]> {
  return new Map(
    Object.entries(Object(value)).map(([collection, queries]) => [
      collection,
      Array.isArray(queries) ? queries.map(String) : [],
    ]),
  );
}

function textOf(document: DocumentFields): string {
  return maskedSentence(JSON.stringify(document));
}
