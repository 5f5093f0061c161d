import type { Plan } from "../plan/plan.ts";
import type { Item, PagePeer, Section, StateSource, Told } from "./page-data.ts";
import type { States } from "./states.ts";

/** What other commands have said of a peer or a link. */
export function toldOf(
  states: ReadonlyMap<StateSource, States>,
  kind: "peers" | "links",
  id: string,
): PagePeer["states"] {
  const told = [...states].flatMap(([source, each]): [StateSource, Told][] => {
    const said = each[kind].get(id);
    return said ? [[source, said]] : [];
  });
  return Object.fromEntries(told);
}

/** The address at which a target is exposed, and by what. */
export function exposureText({ host, port, way, replication, pinned }: Plan["exposures"][number]): string {
  const address = `${host ?? "address of the load balancer"}:${port}`;
  return `${address} for ${replication}, by ${way.kind}${pinned ? ", pinned in the file" : ""}`;
}

/** Those sections that have something to say. */
export function filled(sections: readonly (readonly [title: string, items: readonly Item[]])[]): Section[] {
  return sections.flatMap(([title, items]) => (items.length > 0 ? [{ title, items }] : []));
}
