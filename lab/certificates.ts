/** The lab's own certificate authority: for the API servers, and between them and etcd. Its key is never written to disk. */
import { webcrypto } from "node:crypto";
import { x509 } from "./x509.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** PEM texts. */
export interface CertificateAndKey {
  certificate: string;
  key: string;
}

export interface LabAuthority {
  /** PEM of the certificate that all others are signed by. */
  certificate: string;
  /** A certificate for one server (and client) with these IP addresses and DNS names. */
  issue(name: string, addresses: string[], hosts?: string[]): Promise<CertificateAndKey>;
}

function validity(): { notBefore: Date; notAfter: Date } {
  // A day back for clocks that step; a lab does not live for a year.
  return { notBefore: new Date(Date.now() - dayMilliseconds), notAfter: new Date(Date.now() + 365 * dayMilliseconds) };
}

async function pemKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

/** A fresh key pair that signs service account tokens: PEM of the private and of the public key. */
export async function signingKeys(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return {
    privateKey: await pemKey(keys.privateKey),
    publicKey: x509.PemConverter.encode(await webcrypto.subtle.exportKey("spki", keys.publicKey), "PUBLIC KEY"),
  };
}

export async function createAuthority(): Promise<LabAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=bigpeer-topology lab",
    keys,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: authority.toString("pem"),
    async issue(name, addresses, hosts = []) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: authority.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity(),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          // etcd checks its clients' certificates, and is its own peer: one certificate serves on both sides.
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          new x509.SubjectAlternativeNameExtension([
            ...addresses.map((value) => ({ type: "ip" as const, value })),
            ...hosts.map((value) => ({ type: "dns" as const, value })),
          ]),
        ],
      });
      return { certificate: certificate.toString("pem"), key: await pemKey(own.privateKey) };
    },
  };
}
