import type { Path } from "../findings/finding.ts";
import { issuerText } from "../plan/issuers.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** Finds trust in an issuer, which depends on what nobody outside knows of Big Peers. */
export const trustIssuer: Rule = {
  id: "trust-issuer",
  severity: "warning",
  summary:
    "Big Peers are trusted by the CA of the issuer that signs their own CAs, which requires one more certificate in each handshake.",
  why: "a Big Peer that does not send its CA along with its certificate cannot be verified by the issuer's CA alone, and its connections would break",
  source:
    "our own: no public source says which certificates a Big Peer sends; RFC 8446 4.4.2: the sender includes every certificate but the root",
  ignorable: true,
  *check(context) {
    const { plan } = context;
    const trusted = new Set([...plan.peers.values()].flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
    const issuers = new Map([...trusted].flatMap((peer) => issued(context, peer)));
    for (const { path, issuer } of issuers.values())
      yield {
        path,
        what: `no public source says that Big Peers send along their own CA, which ${issuer} has signed`,
        fix: "try it on two development Big Peers that replicate: after the update, and after cert-manager has reissued their certificates, `bigpeer verify` has to pass; then suppress this finding with `# bigpeer-ignore trust-issuer: <how you tried it>`",
      };
  },
};

/** The place that gives a peer its issuer; all peers that take the topology's have one place. */
function issued({ topology, plan }: RuleContext, name: string): [string, { path: Path; issuer: string }][] {
  const issuer = plan.peers.get(name)?.issuer;
  if (!issuer) return [];
  const path = topology.peers[name]?.caIssuer === undefined ? ["caIssuer"] : ["peers", name, "caIssuer"];
  const text = issuerText(issuer);
  return [[path.length === 1 ? "" : text, { path, issuer: text }]];
}
