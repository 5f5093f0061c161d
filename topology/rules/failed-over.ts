import { count } from "../../report/words.ts";
import type { Rule } from "./rule.ts";

/** What is meant for an emergency is easily left as it is. */
export const failedOver: Rule = {
  id: "failed-over",
  severity: "note",
  summary: "A standby has taken the place of a peer in every replication.",
  why: "the peer gets no documents and delivers none, so what its own clients write stays there, and the longer this lasts, the more it has to catch up on",
  source: "guide: Big Peers exchange documents only by replications",
  ignorable: true,
  *check({ topology, plan }) {
    for (const [failed, standby] of Object.entries(topology.failover)) {
      const taking = [...plan.replications.values()].filter(({ sides }) => sides.some(({ peer }) => peer === standby));
      yield {
        path: ["failover", failed],
        what: `"${standby}" has taken the place of "${failed}" (${count(taking.length, "replication")} with "${standby}")`,
        fix: `go back once "${failed}" is healthy: \`bigpeer failover ${failed} ${standby} --back\``,
      };
    }
  },
};
