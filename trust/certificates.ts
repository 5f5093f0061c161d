import { X509Certificate } from "node:crypto";
import { certificateBlocks } from "../topology/pem.ts";

/** A certificate of a PEM text. */
export interface Certificate {
  /** PEM of this certificate alone, with a line break at its end. */
  readonly pem: string;
  /** SHA-256 of its DER form, in hex with colons: what tells it from others. */
  readonly fingerprint: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly x509: X509Certificate;
}

/** The certificates that a server shows in a handshake: its own first, then those that it sends along. */
export type Chain = readonly X509Certificate[];

/** The certificates of a PEM text in their order. What does not parse is left out. */
export function certificatesIn(pem: string): Certificate[] {
  return certificateBlocks(pem).flatMap((block) => {
    try {
      const x509 = new X509Certificate(block);
      return [
        {
          pem: `${block}\n`,
          fingerprint: x509.fingerprint256,
          validFrom: new Date(x509.validFrom),
          validTo: new Date(x509.validTo),
          x509,
        },
      ];
    } catch {
      return [];
    }
  });
}

/**
 * The first of some authorities that has signed what was shown. The shown certificate itself is judged first, since one that is sent
 * along may lead to a root that several CAs have in common.
 */
export function signerOf(chain: Chain, authorities: readonly Certificate[]): Certificate | undefined {
  for (const shown of chain) {
    const signer = authorities.find(({ x509 }) => shown.checkIssued(x509) && shown.verify(x509.publicKey));
    if (signer) return signer;
  }
  return undefined;
}

/** `2026-11-26`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
