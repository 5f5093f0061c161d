import { names } from "../../report/words.ts";
import type { Plan, PlannedReplication } from "../plan/plan.ts";

/** What a pause and the end of one mean for documents, one sentence for each replication. */
export function pauseConsequences(base: Plan, head: Plan): string[] {
  return [...head.replications.values()].flatMap((replication) => {
    const { name, paused } = replication;
    const before = base.replications.get(name)?.paused ?? false;
    if (paused === before) return [];
    const flow = flowsOf(replication);
    if (paused)
      return [
        `The replication ${name} is paused: ${flow === "" ? "its connections are closed" : `documents stop flowing ${flow}`} until it is resumed. Its objects, subscriptions, trust and ports stay. Resume it before tombstones are evicted (by default 30 days after a deletion), or deleted documents come back.`,
      ];
    return [
      `The replication ${name} is resumed: ${flow === "" ? "its connections open again" : `documents flow again ${flow}, with those that were written while it was paused`}.`,
    ];
  });
}

/** `from bp1 to bp2 and from bp2 to bp1`; empty where nobody subscribes. */
export function flowsOf({ links, sides }: Pick<PlannedReplication, "links" | "sides">): string {
  const pulling = new Set(sides.flatMap(({ peer, subscribes }) => (Object.keys(subscribes).length > 0 ? [peer] : [])));
  const flows = links.flatMap(({ initiator, target }) =>
    [
      { from: initiator, to: target },
      { from: target, to: initiator },
    ].filter(({ to }) => pulling.has(to)),
  );
  const byReceiver = [...Map.groupBy(flows, ({ to }) => to)].map(([to, group]) => ({
    to,
    from: group.map(({ from }) => from),
  }));
  const bySenders = Map.groupBy(byReceiver, ({ from }) => [...from].sort().join());
  return [...bySenders.values()]
    .map((group) => `from ${names(group[0]?.from ?? [])} to ${names(group.map(({ to }) => to))}`)
    .join(" and ");
}
