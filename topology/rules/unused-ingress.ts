import type { Rule } from "./rule.ts";

/** Nothing goes through it. */
export const unusedIngress: Rule = {
  id: "unused-ingress",
  severity: "warning",
  summary: "A peer names the ingress controller that exposes it, and nobody outside its cluster dials it.",
  why: "no port is opened for it, so a firewall is opened for nothing, and no traffic will come",
  source: "guide: only a target that is dialled from another cluster is exposed",
  ignorable: true,
  *check({ topology, plan }) {
    const exposed = new Set(plan.exposures.map(({ peer }) => peer));
    for (const [name, { ingress, cluster }] of Object.entries(topology.peers)) {
      const known = topology.clusters[cluster]?.ingresses?.[ingress ?? ""] !== undefined || ingress === "default";
      if (ingress === undefined || !known || exposed.has(name)) continue;
      yield {
        path: ["peers", name, "ingress"],
        what: `nobody outside of "${cluster}" dials "${name}"`,
        fix: "leave `ingress` out, or turn the dialler of a replication with `dial`",
      };
    }
  },
};
