const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a text, each as PEM without a line break at its end, in their order. None of them is parsed. */
export function certificateBlocks(text: string): string[] {
  return text.match(block) ?? [];
}

/** A text with something else in the place of each certificate and of the blanks behind it. */
export function replaceCertificates(text: string, by: (certificate: string) => string): string {
  return text.replaceAll(new RegExp(`${block.source}\\s*`, "g"), by);
}
