import { flowsOf } from "../diff/pauses.ts";
import type { Rule } from "./rule.ts";

/** A pause is easily forgotten, and nothing fails because of it. */
export const replicationPaused: Rule = {
  id: "replication-paused",
  severity: "note",
  summary: "A replication is paused.",
  why: "no documents flow until it is resumed, and a document that is deleted meanwhile comes back if its tombstone is evicted first (by default after 30 days)",
  source: "guide: a Big Peer evicts tombstones on its own, after 30 days by default",
  ignorable: true,
  *check({ plan }) {
    for (const replication of plan.replications.values()) {
      if (!replication.paused) continue;
      const flow = flowsOf(replication);
      yield {
        path: ["replications", replication.name, "paused"],
        what: flow === "" ? "its connections are closed" : `documents do not flow ${flow}`,
        fix: `resume it when the reason is gone: \`bigpeer resume ${replication.name}\``,
      };
    }
  },
};
