/** The certificates of a PEM text, each as its base64 without blanks, so that two texts can be compared. */
export function certificatesOf(pem: string | undefined): string[] {
  const blocks = (pem ?? "").matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, body = ""]) => body.replace(/\s/g, ""));
}
