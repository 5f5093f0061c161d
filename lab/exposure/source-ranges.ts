import { contains } from "../addresses.ts";

/**
 * True if an allow list lets a client in. All clients of a lab have loopback addresses, so a list without a range of them cannot be
 * shown to be right or wrong, and lets everybody in.
 */
export function letsIn(ranges: readonly string[], client: string): boolean {
  const shown = ranges.filter(canBeShown);
  return shown.length === 0 || shown.some((range) => contains(range, client));
}

export function canBeShown(range: string): boolean {
  return range.startsWith("127.") || range === "0.0.0.0/0";
}
