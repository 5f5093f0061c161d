import { shapeOf } from "../plan/forms.ts";
import type { Rule } from "./rule.ts";

/** The same app on both ends. */
export const appNotServed: Rule = {
  id: "app-not-served",
  severity: "error",
  summary: "A member of a replication does not serve its app.",
  why: "an address points at the replication server of one app; without the app there is no such server, and every connection attempt from the other end fails",
  source: "guide, API: the app ID must be the same on both ends",
  ignorable: false,
  *check({ topology }) {
    const served = new Map(Object.entries(topology.apps).map(([name, { peers }]) => [name, new Set(peers)]));
    for (const [name, entry] of Object.entries(topology.replications)) {
      const peers = served.get(entry.app);
      if (!peers) continue;
      for (const { peer, path } of shapeOf(topology, name, entry)?.members ?? []) {
        if (!topology.peers[peer] || peers.has(peer)) continue;
        yield {
          path,
          what: `"${peer}" does not serve the app "${entry.app}"`,
          fix: `add "${peer}" to apps.${entry.app}.peers, or remove it from the replication`,
        };
      }
    }
  },
};
