import { count, names } from "../../report/words.ts";
import type { Plan, PlannedSide } from "../plan/plan.ts";
import { exposureOf } from "../plan/share.ts";

/** A connection that is dialled elsewhere after the change, over the border of two stacks. */
interface Move {
  readonly initiator: string;
  readonly target: string;
  readonly kind: "port" | "turn";
  readonly before: number;
  readonly after: number;
}

/**
 * In which order the stacks are to be updated where a connection moves: its target is one stack's, and who dials it another's. Changes of
 * the way of exposure have sentences of their own.
 * @param base in the head's names
 */
export function updateOrder(base: Plan, head: Plan): string[] {
  const moves = movesOf(base, head).filter(
    ({ initiator, target }) => stackOf(head, initiator) !== stackOf(head, target),
  );
  const alike = Map.groupBy(moves, ({ kind, target, before, after }) => [kind, target, before, after].join());
  return [...alike.values()].flatMap((group) =>
    group.slice(0, 1).map(({ kind, target, before, after }) => {
      const diallers = [...new Set(group.map(({ initiator }) => initiator))];
      const stacks = [...new Set(diallers.map((peer) => stackOf(head, peer)))];
      const order = `Update ${stackOf(head, target)} first, then ${names(stacks)}`;
      const until = `until ${diallers.length === 1 ? "its own stack" : "the stack of each"} has been updated`;
      return kind === "port"
        ? `${order}: the port of ${target} moves from ${before} to ${after}, and ${names(diallers)} (${count(diallers.length, "peer")}) ${diallers.length === 1 ? "dials" : "dial"} the old one, which is closed then, ${until}.`
        : `${order}: ${names(diallers)} will dial ${target}, which dialled before; port ${after} of ${target} has to be open by then, and the connection is down from the first update to the second.`;
    }),
  );
}

function movesOf(base: Plan, head: Plan): Move[] {
  return [...head.replications.values()].flatMap(({ name, sides, paused }) => {
    if (paused) return [];
    const former = base.replications.get(name)?.sides ?? [];
    return sides.flatMap((side) =>
      side.connections.flatMap(({ peer: target, address }): Move[] => {
        if (address.kind === "in-cluster") return [];
        const now = exposureOf(head, address.exposure);
        if (!now) return [];
        const ends = { initiator: side.peer, target, after: now.port };
        const was = addressBetween(former, side.peer, target);
        if (was && was.kind !== "in-cluster") {
          const old = exposureOf(base, was.exposure);
          if (!old || old.port === now.port || old.ingress !== now.ingress || old.way.kind !== now.way.kind) return [];
          return [{ ...ends, kind: "port", before: old.port }];
        }
        const turned = addressBetween(former, target, side.peer);
        const old = turned && turned.kind !== "in-cluster" ? exposureOf(base, turned.exposure) : undefined;
        return old ? [{ ...ends, kind: "turn", before: old.port }] : [];
      }),
    );
  });
}

function addressBetween(sides: readonly PlannedSide[], initiator: string, target: string) {
  return sides.find(({ peer }) => peer === initiator)?.connections.find(({ peer }) => peer === target)?.address;
}

/** Where no stack is named, each cluster may be another one's. */
function stackOf({ peers, clusters }: Plan, peer: string): string {
  const cluster = peers.get(peer)?.cluster ?? "";
  const stack = clusters.get(cluster)?.stack;
  return stack === undefined ? `the stack of ${cluster}` : `stack ${stack}`;
}
