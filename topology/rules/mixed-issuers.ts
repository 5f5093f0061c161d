import { issuerText } from "../plan/issuers.ts";
import type { Rule } from "./rule.ts";

/** Members of one replication that are trusted in different ways, without the file saying that it is meant. */
export const mixedIssuers: Rule = {
  id: "mixed-issuers",
  severity: "warning",
  summary:
    "Some members of a replication have a `caIssuer`, and others have none although nothing says that they keep a CA of their own.",
  why: "each Big Peer with a CA of its own needs one more Secret in every Big Peer that trusts it, so the number of Secrets still grows with the number of such Big Peers",
  source: "our own: a Big Peer needs only one Secret to trust all Big Peers of an issuer",
  ignorable: true,
  *check({ topology, plan }) {
    if (topology.caIssuer !== undefined) return;
    for (const { name, sides } of plan.replications.values()) {
      const members = sides.flatMap(({ peer }) => plan.peers.get(peer) ?? []);
      const issuer = members.find((peer) => peer.issuer)?.issuer;
      const unsaid = members.filter((peer) => !peer.issuer && topology.peers[peer.name]?.caIssuer === undefined);
      if (!issuer || unsaid.length === 0) continue;
      const [first, ...others] = unsaid.map((peer) => peer.name);
      const rest = others.length === 0 ? "" : ` and ${others.length} more`;
      yield {
        path: ["replications", name],
        part: "key",
        what: `of its members, ${first}${rest} ${unsaid.length === 1 ? "has" : "have"} no \`caIssuer\`, and others have ${issuerText(issuer)}`,
        fix: "write `caIssuer` at the top of the topology for all peers, or `caIssuer: none` at each peer that keeps a CA of its own, such as while you move the peers one by one",
      };
    }
  },
};
