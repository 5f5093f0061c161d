import type { Arrow, Drawing } from "./model.ts";

/**
 * Draws two arrows of one link, one each way, as one with two heads that says what flows where: Mermaid gives each arrow a label of its own,
 * and puts what a circle leads through behind each other. Arrows that a comparison tells apart stay two.
 */
export function bothWays(drawing: Drawing): Drawing {
  const labels = new Map(drawing.clusters.flatMap(({ peers }) => peers.map(({ id, label }) => [id, label] as const)));
  const pairs = Map.groupBy(drawing.arrows.filter(isOneWay), linkOf);
  const arrows = drawing.arrows.flatMap((arrow): Arrow[] => {
    const [one, other, ...more] = isOneWay(arrow) ? (pairs.get(linkOf(arrow)) ?? []) : [];
    if (!one || !other || more.length > 0 || one.from === other.from) return [arrow];
    if (arrow !== one) return [];
    const queries = [one, other].flatMap((each) =>
      each.queries.map((query) => `to ${labels.get(each.to) ?? each.to}: ${query}`),
    );
    return [{ ...one, both: true, queries }];
  });
  return { ...drawing, arrows };
}

function isOneWay({ both, bundle, queries, mark }: Arrow): boolean {
  // The queries of one that changes begin with `+` and `-`.
  return !both && !bundle && mark !== "changed" && queries.length > 0;
}

/** The same for both arrows of a link that look alike. */
function linkOf({ replication, from, to, dialler, dialledBefore, port, links, paused, breaks, mark }: Arrow): string {
  const dialling = dialler === "from" ? from : to;
  return JSON.stringify([replication, [from, to].sort(), dialling, dialledBefore, port, links, paused, breaks, mark]);
}
