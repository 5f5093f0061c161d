import { issuerText } from "../plan/issuers.ts";
import type { Plan, PlannedPeer, PlannedTrust } from "../plan/plan.ts";
import type { Rule, Violation } from "./rule.ts";

/** Kubernetes takes no Secret whose data is larger (`core.MaxSecretSize`). */
const largestSecret = 1024 ** 2;
/** A CA certificate as cert-manager issues it with a key of RSA 2048, PEM, in bytes, rounded up. */
export const certificateBytes = 1300;

/** Finds trust that depends on what nobody outside knows of the operator, or that no Secret can hold. */
export const trustBundle: Rule = {
  id: "trust-bundle",
  severity: "warning",
  summary: "All CAs that a Big Peer trusts are in one Secret, of which the operator may read only a part.",
  why: "an operator that reads only the first certificate of a Secret would trust one Big Peer, and the connections of all others would break",
  source: "our own: no public source says whether the operator reads several certificates of one Secret",
  ignorable: true,
  *check({ plan }) {
    const { bundle, certificateKey } = plan.operator.trustSecret;
    if (!bundle) {
      yield* sharedSecrets(plan);
      return;
    }
    const path = ["operator", "trustSecret", "bundle"];
    yield {
      path,
      what: "no public source says that the operator reads several certificates of one Secret",
      fix: "try it on a development Big Peer that trusts two others: after the update, `bigpeer verify` has to pass for both; then suppress this finding with `# bigpeer-ignore trust-bundle: <how you tried it>`",
    };
    const each = certificateBytes * certificateKey.length;
    const held = ({ trusts }: PlannedPeer) => authorities(trusts).size;
    const [largest] = [...plan.peers.values()].sort((one, other) => held(other) - held(one));
    if (!largest || held(largest) * each <= largestSecret) return;
    yield {
      path,
      what: `${largest.name} trusts ${largest.trusts.length} Big Peers: with ${certificateKey.length} data keys, their CA certificates take about ${Math.ceil((held(largest) * each) / 1024)} KiB, and Kubernetes accepts no Secret over 1,024 KiB`,
      why: "the API server refuses the Secret, and the update stops before the new trust is there",
      fix:
        certificateKey.length > 1
          ? `write the one data key that your operator reads, such as \`certificateKey: ca.crt\`, which is enough for ${Math.floor(largestSecret / certificateBytes)} Big Peers`
          : "leave `bundle` out, or put another hub in front of some of them",
    };
  },
};

/** The CAs that are trusted, each once: all peers of an issuer have its CA. */
function authorities(trusts: readonly PlannedTrust[]): ReadonlySet<string> {
  return new Set(trusts.map(({ peer, issuer }) => (issuer ? issuerText(issuer) : `peer ${peer}`)));
}

/** Secrets that the topology names for more than one peer. */
function* sharedSecrets({ peers }: Plan): Iterable<Violation> {
  for (const { name, trusts } of peers.values())
    for (const [secret, held] of Map.groupBy(trusts, (trust) => trust.secret))
      if (authorities(held).size > 1)
        yield {
          path: ["peers", name, "trustSecrets", held[0]?.peer ?? ""],
          what: `Secret ${secret} contains the CAs of ${held.map(({ peer }) => peer).join(", ")}, and no public source says that the operator reads several certificates of one Secret`,
          fix: "check that documents flow to and from each of them (`bigpeer verify`), and suppress this finding with `# bigpeer-ignore trust-bundle: <how you tried it>`; or name a Secret for one of them alone",
        };
}
