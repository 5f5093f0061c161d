import gte from "semver/functions/gte.js";
import type { Rule } from "./rule.ts";

/** Old Big Peers keep what marks a deletion forever. */
export const tombstonesKept: Rule = {
  id: "tombstones-kept",
  severity: "warning",
  summary: "A Big Peer before 1.42.0 does not evict tombstones on its own.",
  why: "every deletion stays as a tombstone and is replicated, so the store keeps growing with deleted documents",
  source: "guide: 1.42.0 is the first that evicts tombstones on its own, after 30 days by default",
  ignorable: true,
  *check({ topology }) {
    for (const [name, { version }] of Object.entries(topology.peers)) {
      if (gte(version, "1.42.0")) continue;
      yield {
        path: ["peers", name, "version"],
        what: `${version} keeps every tombstone`,
        fix: "write 1.42.0 or later, or EVICT tombstones with a job of your own",
      };
    }
  },
};
