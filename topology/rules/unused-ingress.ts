import type { Rule } from "./rule.ts";

/** Nothing goes through it. */
export const unusedIngress: Rule = {
  id: "unused-ingress",
  severity: "warning",
  summary: "A peer says how it is exposed, but nobody outside its cluster dials it.",
  why: "no port is opened for it, so a firewall is opened for nothing, and no traffic will come",
  source: "guide: only a target that is dialled from another cluster is exposed",
  ignorable: true,
  *check({ topology, plan }) {
    const exposed = new Set(plan.exposures.map(({ peer }) => peer));
    for (const [name, peer] of Object.entries(topology.peers)) {
      const { ingress, cluster } = peer;
      const known = topology.clusters[cluster]?.ingresses?.[ingress ?? ""] !== undefined || ingress === "default";
      const key = ingress !== undefined && known ? "ingress" : peer.exposure ? "exposure" : "address";
      // It is dialled again once nobody stands in for it any longer.
      if (peer[key] === undefined || exposed.has(name) || topology.failover[name] !== undefined) continue;
      yield {
        path: ["peers", name, key],
        what: `nobody outside "${cluster}" dials "${name}"`,
        fix: `leave \`${key}\` out, or swap who dials in a replication with \`dial\``,
      };
    }
  },
};
