import type { Arrow, Drawing, DrawnCluster, DrawnPeer, DrawnPort, Mark } from "./model.ts";

/** Both drawings in one: what only the head has is added, what only the base has is removed, what differs is changed. */
export function mergeDrawings(base: Drawing, head: Drawing): Drawing {
  const clusters = merged(base.clusters, head.clusters, clusterText).map(({ element, before, mark }): DrawnCluster => {
    const now = mark === "removed" ? undefined : element;
    const peers = merged(before?.peers ?? [], now?.peers ?? [], peerText);
    const ports = merged(before?.ports ?? [], now?.ports ?? [], portText);
    return {
      ...element,
      mark,
      peers: peers.map((peer) => ({ ...peer.element, mark: peer.mark, detail: turned(peer, peerText) })),
      ports: ports.map((port) => ({ ...port.element, mark: port.mark, label: turned(port, portText) })),
    };
  });
  const arrows = merged(base.arrows, head.arrows, arrowText).map(({ element, before, mark }): Arrow => {
    const queries = before && mark === "changed" ? queryChanges(before.queries, element.queries) : element.queries;
    const turns = before !== undefined && dialling(before) !== dialling(element);
    return { ...element, queries, dialledBefore: turns ? dialling(before) : undefined, mark };
  });
  return { clusters, meshes: [], arrows, apps: [...new Set([...head.apps, ...base.apps])] };
}

interface Merged<T> {
  /** The head's, or the base's where the head has none. */
  readonly element: T;
  readonly before: T | undefined;
  readonly mark: Mark | undefined;
}

function merged<T extends { readonly id: string }>(
  base: readonly T[],
  head: readonly T[],
  text: (element: T) => string,
): Merged<T>[] {
  const before = new Map(base.map((element) => [element.id, element]));
  const after = new Set(head.map(({ id }) => id));
  return [
    ...head.map((element): Merged<T> => {
      const old = before.get(element.id);
      if (!old) return { element, before: undefined, mark: "added" };
      return { element, before: old, mark: text(old) === text(element) ? undefined : "changed" };
    }),
    ...base
      .filter(({ id }) => !after.has(id))
      .map((element): Merged<T> => ({ element, before: element, mark: "removed" })),
  ];
}

function clusterText({ closed }: DrawnCluster): string {
  return String(closed);
}

function peerText({ detail }: DrawnPeer): string {
  return detail;
}

function portText({ label }: DrawnPort): string {
  return label;
}

function turned<T>({ element, before }: Merged<T>, text: (element: T) => string): string {
  return before !== undefined && text(before) !== text(element) ? `${text(before)} -> ${text(element)}` : text(element);
}

function arrowText(arrow: Arrow): string {
  const { both, app, queries, port, paused } = arrow;
  return JSON.stringify([both, dialling(arrow), app, queries, port, paused]);
}

function dialling({ dialler, from, to }: Arrow): string {
  return dialler === "from" ? from : to;
}

/** `+` and `-` before what comes and goes, as in a diff. */
function queryChanges(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((query) => !after.includes(query)).map((query) => `- ${query}`),
    ...after.map((query) => (before.includes(query) ? query : `+ ${query}`)),
  ];
}
