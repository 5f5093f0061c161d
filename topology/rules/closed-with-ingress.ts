import type { Rule } from "./rule.ts";

/** Closed and open at once. */
export const closedWithIngress: Rule = {
  id: "closed-with-ingress",
  severity: "warning",
  summary: "A cluster that nobody can dial into has a way of exposing replications.",
  why: "one of the two is wrong: either its peers initiate everything and what exposes them is never used, or they could be dialled",
  source: "guide: edge sites that nobody can dial into should be the initiators",
  ignorable: true,
  *check({ topology }) {
    for (const [name, cluster] of Object.entries(topology.clusters)) {
      const { inbound, ingress, ingresses, exposure, exposures } = cluster;
      if (inbound !== "none" || !(ingress ?? ingresses ?? exposure ?? exposures)) continue;
      yield {
        path: ["clusters", name, "inbound"],
        part: "key",
        what: `nobody can dial into "${name}", but it has ${ingress || ingresses ? "an ingress" : "an exposure"}`,
        fix: `remove \`inbound: none\` if it can be dialled; otherwise remove the ${ingress || ingresses ? "ingress" : "exposure"}`,
      };
    }
  },
};
