import lt from "semver/functions/lt.js";
import type { Rule } from "./rule.ts";

/** Finds an old Big Peer of whose operator the release is not given: that release decides whether it runs at all. */
export const releaseUnsaid: Rule = {
  id: "release-unsaid",
  severity: "warning",
  summary: "A Big Peer is older than 1.49.0, and the file does not say which release of the operator runs it.",
  why: "operators since 0.14.6 leave such a Big Peer alone, so it never becomes Ready",
  source: "notes: operator 0.14.6 dropped Big Peers before 1.49.0",
  ignorable: true,
  *check({ topology }) {
    if (topology.operator.release !== undefined) return;
    for (const [name, { version }] of Object.entries(topology.peers)) {
      if (!lt(version, "1.49.0")) continue;
      yield {
        path: ["peers", name, "version"],
        what: `whether your operator runs ${version} depends on its release`,
        fix: "write 1.49.0 or later (1.65.1 is the newest known), or write the release: `operator: { release: 0.14.5 }`",
      };
    }
  },
};
