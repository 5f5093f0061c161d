import type { ProbeResult } from "../../verify/run.ts";
import { broken, type Direction, holds, unknown, type Verdict } from "../verdict.ts";

/** How the documents went that were sent over the link in one direction.
 * @param leftovers what could not be removed again */
export function documentLayer(
  results: readonly ProbeResult[],
  direction: Direction,
  leftovers: readonly string[] = [],
): Verdict {
  return { ...verdictOf(results, direction, leftovers), direction };
}

function verdictOf(results: readonly ProbeResult[], { from, to }: Direction, leftovers: readonly string[]): Verdict {
  const own = results.filter(({ probe }) => probe.from === from && probe.to === to && probe.expected === "arrives");
  const left = leftovers.length === 0 ? "" : `; left behind: ${leftovers.join(", ")}`;
  const failed = own.find(({ passed }) => !passed);
  if (failed) {
    const { probe, message, next } = failed;
    return broken(
      "document",
      `${probe.collection}: ${message}${left}`,
      next ?? `npx bigpeer verify --replication ${probe.replication}`,
    );
  }
  const sent = own.filter(({ probe }) => probe.document !== undefined);
  const [slowest] = sent.map(({ milliseconds }) => milliseconds).sort((one, other) => other - one);
  if (slowest !== undefined)
    return holds(
      "document",
      `a document of ${sent.map(({ probe }) => probe.collection).join(", ")} went from ${from} to ${to} in ${slowest} ms${left}`,
    );
  const reason = own[0]?.message ?? `nothing is to flow from ${from} to ${to}`;
  return unknown("document", `${reason}${left}`);
}
