import compare from "semver/functions/compare.js";
import major from "semver/functions/major.js";
import minor from "semver/functions/minor.js";
import type { Rule } from "./rule.ts";

/** Peers that replicate and are far apart in version. */
export const mixedVersions: Rule = {
  id: "mixed-versions",
  severity: "warning",
  summary: "Members of one replication are more than ten minor versions apart, or of different major versions.",
  why: "nobody tests pairs like that; a query or a type that one of them does not know stops the flow",
  source: "notes: replication is tested between neighbouring releases; our own caution",
  ignorable: true,
  *check({ plan }) {
    for (const { name, sides } of plan.replications.values()) {
      const different = new Set(sides.map(({ peer }) => plan.peers.get(peer)?.settings.version));
      if (different.size < 2) continue;
      const versions = [...different].flatMap((version) => version ?? []).sort(compare);
      const [oldest, newest] = [versions[0], versions.at(-1)];
      if (oldest === undefined || newest === undefined) continue;
      const apart = major(oldest) !== major(newest) || minor(newest) - minor(oldest) > 10;
      if (apart)
        yield {
          path: ["replications", name],
          part: "key",
          what: `its members run ${oldest} to ${newest}`,
          fix: `bring the oldest up to ${newest}`,
        };
    }
  },
};
