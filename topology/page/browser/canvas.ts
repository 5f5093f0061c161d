import type { Core, ElementDefinition, StylesheetJson } from "cytoscape";
import type { PageData, PagePeer, StateSource } from "../page-data.ts";
import { type Chosen, stateOf } from "./choice.ts";
import { part } from "./element.ts";
import { emptyLabel, leastFont, nodeSize, pageColours, peerLabel, regionFont, wholeView, zooms } from "./view.ts";

declare const cytoscape: typeof import("cytoscape");

/** The pixels by which an arrow key moves the picture, and the factor by which a key or button enlarges it. */
const step = { move: 80, zoom: 1.25 };

/** The topology on a canvas. The lists beside it have the same content for those who do not see it. */
export class Canvas {
  readonly #cy: Core;
  readonly #data: PageData;
  #source: StateSource | undefined;

  /** @param source the output by whose states elements are coloured; undefined: by app
   * @param onSelect called with the ID of what is clicked, and with undefined for what has no details */
  constructor(data: PageData, source: StateSource | undefined, onSelect: (id: string | undefined) => void) {
    this.#data = data;
    this.#source = source;
    const container = part("canvas");
    this.#cy = cytoscape({
      container,
      elements: elementsOf(data, source),
      // Given at once: an element that is drawn in another style first is measured twice.
      style: styleOf(data),
      layout: { name: "preset", fit: false },
      // To fit the picture itself, Cytoscape.js would measure every element, and so compute each style twice before anything is drawn.
      ...wholeView(data, container),
      minZoom: zooms.least,
      maxZoom: zooms.most,
      boxSelectionEnabled: false,
      hideEdgesOnViewport: data.links.length > 1000,
    });
    this.#cy.on("tap", (event) => {
      const { target } = event;
      onSelect(target === this.#cy || target.data("box") ? undefined : target.id());
    });
    container.addEventListener("keydown", (event) => this.#key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(this.#source));
  }

  /** Draws in the colours of the reader's mode, by the states of another output. */
  draw(source: StateSource | undefined): void {
    this.#source = source;
    this.#cy.batch(() => {
      for (const peer of this.#data.peers) this.#cy.getElementById(peer.id).data(toldOfPeer(peer, source));
      for (const link of this.#data.links) this.#cy.getElementById(link.id).data("state", stateOf(link, source) ?? "");
    });
    this.#cy.style(styleOf(this.#data));
  }

  /** Fades what is not chosen. */
  show({ peers, links, clusters, ends }: Chosen): void {
    this.#cy.batch(() => {
      for (const { id } of this.#data.emptyClusters) this.#cy.getElementById(id).toggleClass("out", !clusters.has(id));
      for (const { id } of this.#data.peers)
        this.#cy.getElementById(id).toggleClass("out", !peers.has(id) && !ends.has(id));
      for (const { id } of this.#data.links) this.#cy.getElementById(id).toggleClass("out", !links.has(id));
    });
  }

  /** Selects an element, and brings it into view if it is not. */
  select(id: string | undefined): void {
    this.#cy.elements(":selected").unselect();
    if (id === undefined) return;
    const found = this.#cy.getElementById(id);
    found.select();
    const [seen, box] = [this.#cy.extent(), found.boundingBox()];
    const inView = box.x1 >= seen.x1 && box.x2 <= seen.x2 && box.y1 >= seen.y1 && box.y2 <= seen.y2;
    if (!inView) this.#cy.center(found);
  }

  /** Calls back once, when the picture has been drawn. */
  whenDrawn(then: () => void): void {
    this.#cy.one("render", then);
  }

  fit(): void {
    const shown = this.#cy.elements().not(".out");
    this.#cy.fit(shown.length > 0 ? shown : undefined, 30);
  }

  zoom(by: number): void {
    const [width, height] = [this.#cy.width(), this.#cy.height()];
    this.#cy.zoom({ level: this.#cy.zoom() * by, renderedPosition: { x: width / 2, y: height / 2 } });
  }

  #key(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [step.move, 0],
      ArrowRight: [-step.move, 0],
      ArrowUp: [0, step.move],
      ArrowDown: [0, -step.move],
    };
    const move = moves[event.key];
    if (move) this.#cy.panBy({ x: move[0], y: move[1] });
    else if (event.key === "+" || event.key === "=") this.zoom(step.zoom);
    else if (event.key === "-") this.zoom(1 / step.zoom);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }
}

/** What a state changes of a peer's node. */
function toldOfPeer(peer: PagePeer, source: StateSource | undefined): { label: string; state: string } {
  const state = stateOf(peer, source);
  return { label: peerLabel(peer, state), state: state ?? "" };
}

function elementsOf(data: PageData, source: StateSource | undefined): ElementDefinition[] {
  const boxes = [
    ...data.regions.map(({ id, title }) => ({ data: { id, label: title, box: "region" } })),
    ...data.clusters.map(({ id, name, region }) => ({
      data: { id, label: name, box: "cluster", ...parented(region) },
    })),
  ];
  const peers = data.peers.map((peer) => ({
    data: { id: peer.id, ...toldOfPeer(peer, source), ...parented(peer.parent) },
    position: { x: peer.x, y: peer.y },
  }));
  const emptyClusters = data.emptyClusters.map(({ id, name, parent, x, y }) => ({
    data: { id, label: emptyLabel(name), empty: "yes", ...parented(parent) },
    position: { x, y },
  }));
  const yes = (holds: boolean) => (holds ? "yes" : "no");
  const links = data.links.map((link) => ({
    data: {
      id: link.id,
      source: link.initiator,
      target: link.target,
      app: link.app,
      outward: yes(link.outward),
      inward: yes(link.inward),
      state: stateOf(link, source) ?? "",
    },
  }));
  return [...boxes, ...emptyClusters, ...peers, ...links];
}

function parented(parent: string | undefined): { parent?: string } {
  return parent === undefined ? {} : { parent };
}

/** The style, in the colours that the page's own style has now. */
function styleOf(data: PageData): StylesheetJson {
  const { of: colour, dark, font } = pageColours();
  const states = ["ok", "problem", "unknown", "added", "removed", "changed", "breaks"];
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        ...nodeSize,
        label: "data(label)",
        "text-valign": "center",
        "text-wrap": "wrap",
        "text-max-width": "160px",
        "font-size": 13,
        "font-family": font,
        color: colour("ink"),
        "background-color": colour("node"),
        "border-width": 1.5,
        "border-color": colour("edge"),
        "min-zoomed-font-size": leastFont,
      },
    },
    {
      selector: "node[empty]",
      style: { "background-color": colour("paper"), "border-style": "dashed" },
    },
    {
      selector: "node[box]",
      style: {
        "text-valign": "top",
        "text-margin-y": -4,
        "text-max-width": "600px",
        "font-weight": "bold",
        "background-color": colour("box"),
        "background-opacity": 1,
        "border-color": colour("line"),
        padding: "18px",
      },
    },
    {
      selector: "node[box = 'region']",
      style: {
        "font-size": regionFont(data),
        "background-color": colour("paper"),
        "border-style": "dashed",
        padding: "26px",
      },
    },
    {
      selector: "edge",
      style: {
        width: 1.6,
        "curve-style": data.links.length > 1000 ? "straight" : "bezier",
        "line-color": colour("edge"),
        "source-arrow-color": colour("edge"),
        "target-arrow-color": colour("edge"),
        "arrow-scale": 0.9,
        "source-label": "\u25cf",
        "source-text-offset": 12,
        "font-size": 12,
        "min-zoomed-font-size": 7,
        color: colour("edge"),
        events: "yes",
      },
    },
    { selector: "edge[outward = 'yes']", style: { "target-arrow-shape": "triangle" } },
    { selector: "edge[inward = 'yes']", style: { "source-arrow-shape": "triangle" } },
    { selector: "edge[outward = 'no'][inward = 'no']", style: { "line-style": "dashed" } },
    ...data.apps.map(({ name, ...tones }) => ({
      selector: `edge[app = ${JSON.stringify(name)}][state = '']`,
      style: lineStyle(dark ? tones.dark : tones.light),
    })),
    ...states.flatMap((state) => [
      { selector: `edge[state = '${state}']`, style: { ...lineStyle(colour(state)), width: 2.6 } },
      { selector: `node[state = '${state}']`, style: { "border-color": colour(state), "border-width": 3 } },
    ]),
    { selector: "edge[state = 'removed'], edge[state = 'breaks']", style: { "line-style": "dashed" as const } },
    { selector: "node[state = 'removed']", style: { "border-style": "dashed" as const } },
    { selector: ".out", style: { opacity: 0.12 } },
    { selector: "node:selected", style: { "border-color": colour("focus"), "border-width": 4 } },
    { selector: "edge:selected", style: { ...lineStyle(colour("focus")), width: 4 } },
  ];
}

function lineStyle(colour: string) {
  return { "line-color": colour, "source-arrow-color": colour, "target-arrow-color": colour, color: colour };
}
