import type { StatusRow } from "../status/status-row.ts";
import type { Plan } from "../topology/plan/plan.ts";
import type { ProbeResult } from "../verify/run.ts";
import { linksOf } from "./link.ts";
import type { Direction } from "./verdict.ts";

/** A call of `bigpeer explain` that would say why documents do not flow. */
export interface ExplainCall extends Partial<Direction> {
  readonly replication: string;
}

/** More links of a replication than these are explained together. */
const maxNamed = 3;

/** The links of which an operator says that they are not connected. Objects that are not there explain themselves. */
export function callsForStatus(plan: Plan, rows: readonly StatusRow[]): ExplainCall[] {
  const down = rows.flatMap((row) => {
    const replication = plan.replications.get(row.source.slice("replications.".length));
    if (!replication || !row.source.startsWith("replications.") || row.connected?.holds !== false) return [];
    const peer = replication.sides.find(({ name }) => name === row.ref.name)?.peer;
    return linksOf(plan, replication)
      .filter(({ initiator, target }) => initiator.peer === peer || target.peer === peer)
      .map(({ initiator, target, directions: [direction] }) => ({
        replication: replication.name,
        ...(direction ?? { from: initiator.peer, to: target.peer }),
      }));
  });
  return folded(down);
}

/** The directions in which a document did not arrive. */
export function callsForProbes(results: readonly ProbeResult[]): ExplainCall[] {
  return folded(
    results
      .filter(({ probe, passed }) => !passed && probe.expected === "arrives")
      .map(({ probe: { replication, from, to } }) => ({ replication, from, to })),
  );
}

function folded(calls: readonly Required<ExplainCall>[]): ExplainCall[] {
  return [...Map.groupBy(calls, ({ replication }) => replication)].flatMap(([replication, group]): ExplainCall[] => {
    const different = [...new Map(group.map((call) => [`${call.from} ${call.to}`, call])).values()];
    return different.length > maxNamed ? [{ replication }] : different;
  });
}

/** As it is written in a shell.
 * @param place the topology or stack as the command line named it: `topologies/dev.yaml`, `-s dev` */
export function callText({ replication, from, to }: ExplainCall, place: string): string {
  const options = [...(from === undefined ? [] : ["--from", from]), ...(to === undefined ? [] : ["--to", to])];
  return ["npx bigpeer explain", replication, ...(place === "" ? [] : [place]), ...options].join(" ");
}

/** The topology or stack as a command line named it. */
export function placeText(argument: string | undefined, stack: string | undefined): string {
  return argument ?? (stack === undefined ? "" : `-s ${stack}`);
}

/** Lines for a terminal, at most five. */
export function explainLines(calls: readonly ExplainCall[], place: string): string[] {
  const shown = calls.slice(0, 5).map((call) => `  ${callText(call, place)}`);
  if (shown.length === 0) return [];
  const more = calls.length > shown.length ? [`  and ${calls.length - shown.length} more`] : [];
  return ["To see which layer is broken:", ...shown, ...more];
}
