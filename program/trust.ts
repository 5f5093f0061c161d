import { onlyCertificates } from "../kubernetes/certificates.ts";

/**
 * The certificates by which a peer is trusted. When its CA has changed, the one before is trusted beside it for one pass, so
 * that whoever still shows a certificate of the old CA is not cut off; the pass after drops it.
 * @param before what was trusted after the last pass, the newest first
 */
export function trustedCertificates(current: string, before: string | undefined): string {
  const [newest] = certificatesOf(current);
  const [newestBefore] = before === undefined ? [] : certificatesOf(before);
  if (newestBefore === undefined || newestBefore === newest) return current;
  return `${current.trimEnd()}\n${newestBefore}\n`;
}

function certificatesOf(pem: string): string[] {
  const place = { namespace: "", secret: "trusted CA", key: "" };
  return onlyCertificates(pem, place).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
