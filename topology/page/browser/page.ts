import type { PageData, StateSource } from "../page-data.ts";
import { Canvas } from "./canvas.ts";
import { type Choice, chosenOf } from "./choice.ts";
import { showDetails } from "./details.ts";
import { part } from "./element.ts";
import { Lists } from "./lists.ts";

/** Puts the picture, the filters, the lists and the details of a topology together. */
function start(data: PageData): void {
  let source: StateSource | undefined = data.sources[0];
  let selected: string | undefined;
  const lists = new Lists(data, (id) => choose(id, true));
  const canvas = new Canvas(data, source, (id) => choose(id, false));

  /** @param byKey true if the focus has to follow */
  function choose(id: string | undefined, byKey: boolean): void {
    selected = id;
    canvas.select(id);
    lists.select(id);
    showDetails(data, id, (next) => choose(next, true));
    if (byKey) part("details-title").focus();
  }

  function filter(): void {
    const chosen = chosenOf(data, choiceOf());
    canvas.show(chosen);
    lists.show(chosen, source);
    const counts = `${chosen.peers.size} of ${data.peers.length} peers, ${chosen.links.size} of ${data.links.length} links`;
    part("count").textContent = counts;
  }

  for (const id of ["search", "app", "collection", "peer", "label", "state"])
    part(id).addEventListener("input", filter);
  part("source").addEventListener("input", () => {
    source = data.sources.find((each) => each === chosenIn("source"));
    canvas.draw(source);
    filter();
  });
  part("fit").addEventListener("click", () => canvas.fit());
  part("closer").addEventListener("click", () => canvas.zoom(1.25));
  part("further").addEventListener("click", () => canvas.zoom(0.8));
  part("filters").addEventListener("reset", () => setTimeout(filter));
  part("filters").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && selected !== undefined) {
      const former = selected;
      choose(undefined, false);
      lists.focus(former);
    }
    if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      part("search").focus();
      event.preventDefault();
    }
  });
  filter();
  choose(undefined, false);
  canvas.whenDrawn(() => {
    document.querySelector("canvas.first")?.remove();
    document.documentElement.dataset.readyMs = String(Math.round(performance.now()));
  });
}

function choiceOf(): Choice {
  return {
    text: chosenIn("search"),
    app: chosenIn("app"),
    collection: chosenIn("collection"),
    peer: chosenIn("peer"),
    label: chosenIn("label"),
    state: chosenIn("state"),
  };
}

function chosenIn(id: string): string {
  const field = part(id);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : "";
}

start(JSON.parse(part("data").textContent ?? ""));
