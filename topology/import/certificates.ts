import { certificateBlocks } from "../pem.ts";

/** The certificates of a PEM text, each without blanks, so that two texts can be compared. */
export function certificatesOf(pem: string | undefined): string[] {
  return certificateBlocks(pem ?? "").map((certificate) => certificate.replace(/\s/g, ""));
}
