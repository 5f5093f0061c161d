import { X509Certificate } from "node:crypto";
import { certificateBlocks } from "../topology/pem.ts";

/** The location of a CA certificate in a cluster. */
export interface CertificateLocation {
  /** Namespace of the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly secret: string;
  /** The data key of the certificate. */
  readonly key: string;
  /** The setting of the topology that specifies the key. @default operator.caSecret.certificateKey */
  readonly keySetting?: string;
}

/**
 * Returns the certificates of a PEM text, without anything else.
 * @throws Error if there is none, or if one does not parse
 */
export function onlyCertificates(pem: string, place: CertificateLocation): string {
  const certificates = certificateBlocks(pem);
  const where = `Secret ${place.namespace}/${place.secret}, key ${place.key}`;
  if (certificates.length === 0)
    throw new Error(
      `${where}: does not contain a certificate; set ${place.keySetting ?? "operator.caSecret.certificateKey"} to the key that does`,
    );
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new Error(
        `${where}: contains an invalid certificate; look at the Secret in the cluster, cert-manager may renew it`,
      );
    }
  }
  return `${certificates.join("\n")}\n`;
}
