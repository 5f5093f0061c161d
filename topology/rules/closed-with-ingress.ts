import type { Rule } from "./rule.ts";

/** Closed and open at once. */
export const closedWithIngress: Rule = {
  id: "closed-with-ingress",
  severity: "warning",
  summary: "A cluster that nobody can dial into has an ingress controller for replications.",
  why: "one of the two is wrong: either its peers initiate everything and the controller is never used, or they could be dialled",
  source: "guide: edge sites that nobody can dial into should be the initiators",
  ignorable: true,
  *check({ topology }) {
    for (const [name, { inbound, ingress, ingresses }] of Object.entries(topology.clusters)) {
      if (inbound !== "none" || (!ingress && !ingresses)) continue;
      yield {
        path: ["clusters", name, "inbound"],
        part: "key",
        what: `nobody can dial into "${name}", and it has an ingress`,
        fix: "remove `inbound: none` if it can be dialled; otherwise remove the ingress",
      };
    }
  },
};
