import { suggestion } from "../findings/suggest.ts";
import type { Rule } from "./rule.ts";

/** A Secret that is named for trust that nobody needs. */
export const unusedTrustSecret: Rule = {
  id: "unused-trust-secret",
  severity: "warning",
  summary: "`trustSecrets` names a Secret for the CA of a peer with which there is no link.",
  why: "the Secret is never written; if another peer was meant, that peer gets a Secret with the default name, beside the existing one",
  source: "guide: both ends of a replication trust the CA of the other, and nobody else's",
  ignorable: true,
  *check({ topology, plan }) {
    for (const [name, { trustSecrets = {} }] of Object.entries(topology.peers)) {
      const trusted = plan.peers.get(name)?.trusts.map(({ peer }) => peer) ?? [];
      for (const other of Object.keys(trustSecrets)) {
        // A peer that is failed over may come back, and its Secret with it.
        if (trusted.includes(other) || Object.hasOwn(topology.failover, other)) continue;
        const free = trusted.filter((each) => !Object.hasOwn(trustSecrets, each));
        yield {
          path: ["peers", name, "trustSecrets", other],
          part: "key",
          what: `no replication links "${name}" with "${other}"`,
          fix: free.length === 0 ? "remove the line" : suggestion(other, free, "peer"),
        };
      }
    }
  },
};
