import { peerName } from "./labels.ts";
import type { Drawing } from "./model.ts";

/** Two peers whose connection of a replication is there before and after a change, and is lost in between. */
export interface Interrupted {
  readonly replication: string;
  readonly peers: readonly [string, string];
}

/** Marks the links that a change breaks, where they are after it. */
export function withBreaks(drawing: Drawing, interruptions: readonly Interrupted[]): Drawing {
  const key = (replication: string, peers: readonly string[]) => JSON.stringify([replication, ...peers.toSorted()]);
  const broken = new Set(interruptions.map(({ replication, peers }) => key(replication, peers)));
  const arrows = drawing.arrows.map((arrow) => {
    const { mark, replication, from, to } = arrow;
    return { ...arrow, breaks: mark !== "removed" && broken.has(key(replication, [from, to].map(peerName))) };
  });
  return { ...drawing, arrows };
}
