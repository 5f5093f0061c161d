import { fillTemplate, type OperatorContract } from "../operator/contract.ts";

/** Every name that this project gives to an object or expects of the operator is composed here, and nowhere else. */

/** Kubernetes' limit for a DNS-1123 label, which Service names are, too. */
export const maxLabelLength = 63;

/** True if a text may name a namespace, a Service or a Big Peer: a DNS-1123 label of 1 to 63 characters (API). */
export function isDnsLabel(name: string): boolean {
  return name.length <= maxLabelLength && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}

/** True if a text may name an object that is neither a namespace nor a Service, such as a ConfigMap. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name);
}

/** The BigPeerApp of an app on one peer. Two peers may share a namespace, so the peer is part of it. */
export function appObjectName(app: string, peer: string): string {
  return `${app}-${peer}`;
}

/** The BigPeerReplication of a replication on one peer, as in the guide: `blue-cars-bp2`. */
export function replicationObjectName(replication: string, peer: string): string {
  return `${replication}-${peer}`;
}

/** The Service that the operator makes for one BigPeerReplication (guide): `ditto-bp2-replication-blue-cars-bp2`. */
export function replicationServiceName(contract: OperatorContract, peer: string, replicationObject: string): string {
  return fillTemplate(contract.replicationService.name, { peer, replication: replicationObject });
}

/** The Service of a Big Peer's HTTP API. */
export function apiServiceName(contract: OperatorContract, peer: string): string {
  return fillTemplate(contract.apiService.name, { peer });
}

/** The Secret in which the operator keeps a Big Peer's CA key pair. */
export function caSecretName(contract: OperatorContract, peer: string): string {
  return fillTemplate(contract.caSecret.name, { peer });
}

/**
 * The data key of a Big Peer's CA Secret with the certificates by which others trust it, and the setting of the topology that says the key.
 * @param issued whether others trust the issuer of its CA in its place
 */
export function trustedCaKey(
  { caSecret }: OperatorContract,
  issued: boolean,
): { readonly key: string; readonly keySetting: string } {
  const setting = issued ? "issuerKey" : "certificateKey";
  return { key: caSecret[setting], keySetting: `operator.caSecret.${setting}` };
}

/** The Secret with another peer's CA certificate, and nothing else, in the namespace of the peer that trusts it. */
function trustSecretName(truster: string, trusted: string): string {
  return `${truster}-trusts-${trusted}`;
}

/** The one Secret with the CA certificates of all peers that a peer trusts, in its namespace. */
function trustBundleName(truster: string): string {
  return `${truster}-trusted-cas`;
}

/**
 * The Secret with the CA certificate of an issuer, by which a peer trusts all peers of that issuer, in its namespace. No name of a peer has a
 * dot, so it is no peer's Secret.
 */
export function issuerTrustName(truster: string, issuer: Parameters<typeof issuerLabel>[0]): string {
  return `${truster}-trusts-${issuerLabel(issuer)}`;
}

/**
 * The Secret of ours with the CA of a peer that another one trusts, unless the topology names one (`trustSecrets`).
 * @param issuer the one whose CA is trusted in place of the peer's own
 */
export function defaultTrustSecret(
  { trustSecret }: OperatorContract,
  truster: string,
  trusted: string,
  issuer: Parameters<typeof issuerLabel>[0] | undefined,
): string {
  if (trustSecret.bundle) return trustBundleName(truster);
  return issuer ? issuerTrustName(truster, issuer) : trustSecretName(truster, trusted);
}

/** An issuer as a part of names: `clusterissuer.big-peers`. */
export function issuerLabel({
  kind = "ClusterIssuer",
  name,
}: {
  readonly kind?: string | undefined;
  readonly name: string;
}): string {
  return `${kind.toLowerCase()}.${name}`;
}

/**
 * The ID of an exposed target. Stacks use it among themselves; no object in a cluster has it. No part of it has a
 * slash.
 * @param way the name of the way, where a target may have several
 */
export function exposureId(cluster: string, replication: string, peer: string, way?: string): string {
  return [cluster, replication, peer, ...(way === undefined ? [] : [way])].join("/");
}

/** The name of an exposed target's objects in its namespace: its Service, ListenerSet, TCPRoute or TransportServer. */
export function exposedObjectName(replication: string, peer: string, way = "exposed"): string {
  return `${replicationObjectName(replication, peer)}-${way}`;
}

/** The name under which a Service is known inside its cluster, with its port: `host:port`. */
export function inClusterAddress(service: string, namespace: string, port: number): string {
  return `${service}.${namespace}.svc.cluster.local:${port}`;
}

/** `host:port`, with an IPv6 address in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The plural by which an API server knows a kind, guessed as in English: `BigPeer` gives `bigpeers`, `Gateway` gives `gateways`. */
export function resourceOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("s")) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** A kind of the operator's as kubectl takes it, with its group, so that it is no other group's kind of the same name: `bigpeers.ditto.live`. */
export function wholeResource({ kinds, group }: OperatorContract, kind: keyof OperatorContract["kinds"]): string {
  return `${resourceOf(kinds[kind])}.${group}`;
}
