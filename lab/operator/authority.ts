/** A stand-in of what cert-manager does for the operator: a CA per Big Peer, and the certificate that the Big Peer shows. */
import { createHash, webcrypto } from "node:crypto";
import { x509 } from "../x509.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 24 * 60 * 60 * 1000;

/** PEM texts. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A CA of its own for a Big Peer. */
export async function createCa(name: string): Promise<KeyPair> {
  return selfSigned(name, 0);
}

/** The CA of an issuer, which signs the CAs of Big Peers. */
export async function createRoot(name: string): Promise<KeyPair> {
  return selfSigned(name, 1);
}

async function selfSigned(name: string, casBelow: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity(10 * 365),
    extensions: await extensionsOfCa(keys.publicKey, casBelow),
  });
  return { certificate: certificate.toString("pem"), privateKey: await pemKey(keys.privateKey) };
}

/** A CA for a Big Peer, signed by that of an issuer. */
export async function issueCa(root: KeyPair, name: string): Promise<KeyPair> {
  return issued(root, name, 5 * 365, (publicKey) => extensionsOfCa(publicKey, 0));
}

/** A certificate for one Big Peer, on both sides of a connection. */
export async function issueLeaf(ca: KeyPair, name: string): Promise<KeyPair> {
  return issued(ca, name, 90, async () => [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
  ]);
}

async function issued(
  by: KeyPair,
  name: string,
  days: number,
  extensions: (publicKey: webcrypto.CryptoKey) => Promise<InstanceType<typeof x509.Extension>[]>,
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(by.certificate);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey(
      "pkcs8",
      x509.PemConverter.decodeFirst(by.privateKey),
      algorithm,
      false,
      ["sign"],
    ),
    signingAlgorithm: algorithm,
    ...validity(days),
    extensions: [...(await extensions(keys.publicKey)), await x509.AuthorityKeyIdentifierExtension.create(issuer)],
  });
  return { certificate: certificate.toString("pem"), privateKey: await pemKey(keys.privateKey) };
}

async function extensionsOfCa(publicKey: webcrypto.CryptoKey, casBelow: number) {
  return [
    new x509.BasicConstraintsExtension(true, casBelow, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

/** A text that is different for every certificate. */
export function fingerprint(pem: string): string {
  return createHash("sha256").update(pem.trim()).digest("hex");
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + days * dayMs) };
}

async function pemKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
