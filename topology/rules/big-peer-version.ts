import gte from "semver/functions/gte.js";
import lt from "semver/functions/lt.js";
import type { Rule, Violation } from "./rule.ts";

/** Versions that the operator no longer runs. */
export const bigPeerVersion: Rule = {
  id: "big-peer-version",
  severity: "error",
  summary: "A Big Peer's version does not work with the operator, or the operator does not support replication.",
  why: "the operator ignores the Big Peer, so it never becomes Ready",
  source: "notes: operator 0.14.6 dropped Big Peers before 1.49.0; guide: replication came with operator 0.3.0",
  ignorable: false,
  *check({ topology }): Iterable<Violation> {
    const { release } = topology.operator;
    if (release !== undefined && lt(release, "0.3.0") && Object.keys(topology.replications).length > 0) {
      yield {
        path: ["operator", "release"],
        what: `operator ${release} does not support replication`,
        fix: "install operator 0.3.0 or later; 0.18.1 is the newest known",
      };
    }
    for (const [name, { version }] of Object.entries(topology.peers)) {
      if (release === undefined || lt(release, "0.14.6") || gte(version, "1.49.0")) continue;
      yield {
        path: ["peers", name, "version"],
        what: `operator ${release} does not run Big Peer ${version}`,
        fix: "write 1.49.0 or later; 1.65.1 is the newest known",
      };
    }
  },
};
