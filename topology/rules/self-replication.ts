import { shapeOf } from "../plan/forms.ts";
import type { Rule } from "./rule.ts";

/** A peer takes part in a replication once. */
export const selfReplication: Rule = {
  id: "self-replication",
  severity: "error",
  summary: "A peer is named twice in one replication.",
  why: "it would dial itself, or own two objects with the same name, and the second would overwrite the first",
  source: "guide: a replication is between Big Peers, one BigPeerReplication on each",
  ignorable: false,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      const seen = new Set<string>();
      for (const { peer, path } of shapeOf(topology, name, entry)?.members ?? []) {
        if (seen.has(peer)) yield { path, what: `"${peer}" takes part twice`, fix: "name each peer once" };
        seen.add(peer);
      }
    }
  },
};
