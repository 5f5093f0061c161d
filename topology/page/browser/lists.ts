import type { PageData, PageElement, StateSource } from "../page-data.ts";
import { type Chosen, stateOf, stateSigns } from "./choice.ts";
import { element, part } from "./element.ts";

interface Row {
  readonly id: string;
  readonly row: HTMLTableRowElement;
  readonly button: HTMLButtonElement;
  readonly state: HTMLTableCellElement;
  readonly shown: PageElement;
}

/** The peers, the links and the clusters without a peer as tables: the picture for those who do not see it, or who use no mouse. */
export class Lists {
  readonly #rows: readonly Row[];

  constructor(data: PageData, onSelect: (id: string) => void) {
    const peers = data.peers.map((peer) => rowOf(peer, peer.id, [peer.cluster, peer.version, peer.labels.join(", ")]));
    const links = data.links.map((link) => {
      const flow =
        link.outward && link.inward
          ? "both ways"
          : link.outward
            ? "to the target"
            : link.inward
              ? "to the dialler"
              : "none";
      return rowOf(link, link.replication, [link.initiator, link.target, flow]);
    });
    part("peer-rows").append(...peers.map(({ row }) => row));
    part("link-rows").append(...links.map(({ row }) => row));
    const clusters = data.emptyClusters.map((cluster) => rowOf(cluster, cluster.name, [cluster.labels.join(", ")]));
    part("cluster-rows").append(...clusters.map(({ row }) => row));
    for (const id of ["peer-table", "link-table"]) part(id).hidden = false;
    part("cluster-table").hidden = clusters.length === 0;
    this.#rows = [...peers, ...links, ...clusters];
    for (const { id, button } of this.#rows) {
      button.addEventListener("click", () => onSelect(id));
      button.addEventListener("keydown", (event) => this.#key(event, id));
    }
  }

  /** Lists what is chosen, with the state by which it is coloured. */
  show({ peers, links, clusters }: Chosen, source: StateSource | undefined): void {
    for (const { id, row, state, shown } of this.#rows) {
      row.hidden = !peers.has(id) && !links.has(id) && !clusters.has(id);
      const told = stateOf(shown, source);
      state.textContent = told === undefined ? "" : `${stateSigns[told]} ${told}`;
      state.className = told === undefined ? "" : `state ${told}`;
    }
  }

  select(id: string | undefined): void {
    for (const { id: own, row, button } of this.#rows) {
      row.classList.toggle("selected", own === id);
      button.setAttribute("aria-pressed", String(own === id));
    }
  }

  /** Gives the focus back to the row of an element. */
  focus(id: string): void {
    this.#rows.find((row) => row.id === id)?.button.focus();
  }

  #key(event: KeyboardEvent, id: string): void {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    const shown = this.#rows.filter(({ row }) => !row.hidden);
    shown[shown.findIndex((row) => row.id === id) + by]?.button.focus();
    event.preventDefault();
  }
}

function rowOf(shown: PageElement, name: string, cells: readonly string[]): Row {
  const button = element("button", { type: "button", class: "link", "aria-pressed": "false" }, name);
  const state = element("td");
  const row = element(
    "tr",
    {},
    element("th", { scope: "row" }, button),
    ...cells.map((cell) => element("td", {}, cell)),
    state,
  );
  return { id: shown.id, row, button, state, shown };
}
