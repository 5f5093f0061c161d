import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { BigPeerConfig } from "./config.ts";

/** The current identity of a Big Peer, and the CAs that it trusts. */
export interface Trust {
  readonly name: string;
  readonly identity: BigPeerConfig["identity"];
  readonly trusted: BigPeerConfig["trusted"];
}

/** Options for both ends of a connection. Whether the other's certificate is good is judged by `distrust`, which can name it. */
export function tlsOptions({ identity, trusted }: Trust) {
  return {
    cert: identity.certificate,
    key: identity.privateKey,
    // An empty list trusts nobody; without one, Node.js would trust the public CAs.
    ca: trusted.map(({ pem }) => pem),
    minVersion: "TLSv1.3" as const,
    // Addresses are proxied and change: a certificate says who it is, not where.
    checkServerIdentity: () => undefined,
    // Not Node.js, but whoever gets the socket ends it: with `distrustSocket`, before anything is read or sent.
    rejectUnauthorized: false,
  };
}

/** The name in a certificate: the Big Peer's. */
export function peerName(certificate: X509Certificate | undefined): string {
  return certificate === undefined ? "somebody without a certificate" : commonName(certificate.subject);
}

/**
 * Says why a new connection is not trusted: `distrust` decides, or OpenSSL, which checks more (that a CA is one, and is valid).
 * @param before what was trusted when the handshake began, by which OpenSSL has judged. A server needs it: Node.js does not show it the CAs that
 * somebody who connects sends along
 */
export function distrustSocket(
  trust: Trust,
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  before?: Trust["trusted"],
) {
  const problem = distrust(trust, certificate, socket.authorized ? before : undefined);
  if (problem !== undefined || socket.authorized) return problem;
  return `the certificate of ${peerName(certificate)} cannot be verified: ${String(socket.authorizationError)}`;
}

/**
 * Says why the other side's certificate is not trusted; undefined if it is.
 * @param before what was trusted when OpenSSL found the certificate good: while all of that is trusted, it still is
 */
export function distrust(
  { trusted }: Trust,
  certificate: X509Certificate | undefined,
  before?: Trust["trusted"],
): string | undefined {
  if (!certificate) return "it showed no certificate";
  const now = Date.now();
  const name = commonName(certificate.subject);
  if (Date.parse(certificate.validTo) < now) return `the certificate of ${name} expired on ${certificate.validTo}`;
  if (Date.parse(certificate.validFrom) > now)
    return `the certificate of ${name} is valid only from ${certificate.validFrom}`;
  const authorities = trusted.flatMap(({ pem }) => certificatesOf(pem));
  const signed = (shown: X509Certificate) =>
    authorities.some((authority) => shown.checkIssued(authority) && shown.verify(authority.publicKey));
  if (chainOf(certificate).some(signed)) return undefined;
  const known = new Set(authorities.map(({ fingerprint256 }) => fingerprint256));
  const then = before?.flatMap(({ pem }) => certificatesOf(pem));
  if (then?.every(({ fingerprint256 }) => known.has(fingerprint256))) return undefined;
  const listed = trusted.length === 0 ? "it lists none" : trusted.map(({ secret }) => secret).join(", ");
  return `the certificate of ${name} was issued by "${commonName(certificate.issuer)}", which is in no trusted CA Secret (${listed})`;
}

/** A certificate and those that lead to a root, as far as the other side has sent them along. */
function chainOf(certificate: X509Certificate): X509Certificate[] {
  const chain = [certificate];
  for (let next = certificate.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
    chain.push(next);
  }
  return chain;
}

/** @throws Error for a certificate that cannot be read */
export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new X509Certificate(each),
  );
}

function commonName(subject: string): string {
  return /CN=([^\n,]+)/.exec(subject)?.[1] ?? subject;
}
