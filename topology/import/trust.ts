import { type CaIssuer, caIssuer } from "../file/ca-issuer.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { caSecretName, issuerTrustName, trustSecretName } from "../plan/names.ts";
import type { LeftOut } from "./left-out.ts";
import type { JoinedLink } from "./links.ts";
import type { ClusterContents, LivePeer, LiveSide } from "./live-objects.ts";
import { valueAtField } from "./spec-fields.ts";

/**
 * The issuer of a Big Peer, if others trust it by the issuer's CA, as an update with `caIssuer` has them do. Otherwise the reference to an
 * issuer is a part of its `spec`, and its own CA is trusted.
 */
export function trustedIssuer(
  { fields }: OperatorContract,
  { spec }: LivePeer,
  peers: readonly LivePeer[],
): CaIssuer | undefined {
  const { data: issuer } = caIssuer.safeParse(valueAtField(spec, fields.bigPeer.caIssuer));
  return issuer && peers.some(({ name, trusted }) => trusted.includes(issuerTrustName(name, issuer)))
    ? issuer
    : undefined;
}

/** By certificates: whether each of two peers trusts the CA of the other. Undefined where a certificate was not read. */
export function trustBetween(
  contract: OperatorContract,
  clusters: readonly ClusterContents[],
  peers: readonly LivePeer[],
) {
  const pem = (cluster: string, namespace: string, secret: string) =>
    clusters
      .find(({ name }) => name === cluster)
      ?.certificates.get(`${namespace}/${secret}`)
      ?.trim();
  const issuerOf = (cluster: string, secret: string) =>
    clusters
      .find(({ name }) => name === cluster)
      ?.issuers?.get(secret)
      ?.trim();
  const peerOf = (side: LiveSide) => peers.find(({ cluster, name }) => cluster === side.cluster && name === side.peer);
  const trusts = (one: LivePeer | undefined, other: LivePeer | undefined) => {
    if (!one || !other) return undefined;
    const secret = caSecretName(contract, other.name);
    const authority = trustedIssuer(contract, other, peers)
      ? issuerOf(other.cluster, `${other.namespace}/${secret}`)
      : pem(other.cluster, other.namespace, secret);
    const trusted = one.trusted.map((secret) => pem(one.cluster, one.namespace, secret));
    if (authority === undefined || trusted.includes(undefined)) return undefined;
    return trusted.some((each) => each?.includes(authority));
  };
  return (one: LiveSide, other: LiveSide): boolean | undefined => {
    const both = [trusts(peerOf(one), peerOf(other)), trusts(peerOf(other), peerOf(one))];
    if (both.includes(false)) return false;
    return both.includes(undefined) ? undefined : true;
  };
}

/** Trust Secrets of other names than those that the topology writes. */
export function otherTrust(
  contract: OperatorContract,
  peers: readonly LivePeer[],
  links: readonly JoinedLink[],
): LeftOut[] {
  return peers.flatMap(({ cluster, namespace, name, trusted }) => {
    const linked = links.flatMap(({ initiator, target }) =>
      initiator.peer === name ? [target.peer] : target.peer === name ? [initiator.peer] : [],
    );
    const wanted = new Set(
      linked.map((other) => {
        const peer = peers.find((each) => each.name === other);
        const issuer = peer && trustedIssuer(contract, peer, peers);
        return issuer ? issuerTrustName(name, issuer) : trustSecretName(name, other);
      }),
    );
    return trusted
      .filter((secret) => !wanted.has(secret))
      .map((secret) => ({
        cluster,
        object: `Secret ${namespace}/${secret}`,
        reason: `${name} trusts it, and the topology has Secrets of its own in its place: ${[...wanted].join(", ") || "none"}`,
        offer: `an update lists these beside it, where the list is merged by name; take ${secret} off the list of BigPeer ${name} after that, and only then delete it: a Big Peer that lists a missing Secret may stop being Ready`,
      }));
  });
}
