import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { breakColour, markColours } from "../graph/colours.ts";
import type { PageData, State } from "./page-data.ts";

/** The page's own scripts, each after those that it uses: what draws the first picture, and what runs once that has been painted. */
const firstScripts = ["element", "choice", "view", "first-picture", "first"];
const scripts = ["element", "choice", "view", "details", "lists", "canvas", "page"];

const colours: Readonly<Record<State, { readonly light: string; readonly dark: string }>> = {
  ok: markColours.added,
  problem: markColours.removed,
  unknown: markColours.changed,
  added: markColours.added,
  removed: markColours.removed,
  changed: markColours.changed,
  breaks: breakColour,
};

/** The style that Cytoscape.js would put into the page while it runs, which the page's policy forbids. */
const canvasStyle = ".__________cytoscape_container { position: relative; }";

/**
 * A page as one file that needs no server and no network: data, scripts and style are in it, and its policy refuses everything else.
 * Cytoscape.js is in it with its licence.
 */
export function pageHtml(data: PageData): string {
  const library = readFileSync(createRequire(import.meta.url).resolve("cytoscape/dist/cytoscape.min.js"), "utf8");
  const first = joinedScript(firstScripts);
  const page = joinedScript(scripts);
  const style = `${readFileSync(new URL("browser/page.css", import.meta.url), "utf8")}${stateStyle()}`;
  const policy = [
    "default-src 'none'",
    `script-src ${[first, library, page].map(hashOf).join(" ")}`,
    `style-src ${[canvasStyle, style].map(hashOf).join(" ")}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(data.title)}</title>
<style id="__________cytoscape_stylesheet">${canvasStyle}</style>
<style>${style}</style>
</head>
<body>
${body(data.title)}
<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script type="text/plain" id="library">${library}</script>
<script type="text/plain" id="page">${page}</script>
<script>${first}</script>
</body>
</html>
`;
}

function field(id: string, name: string, control: string): string {
  return `<div class="field" id="${id}-field"><label for="${id}">${name}</label>${control}</div>`;
}

function body(title: string): string {
  const choice = (id: string, name: string, all: string) =>
    field(id, name, `<select id="${id}"><option value="">${all}</option></select>`);
  const table = (id: string, caption: string, columns: readonly string[]) =>
    `<table id="${id.replace("-rows", "-table")}" hidden><caption>${caption}</caption><thead><tr>${columns.map((column) => `<th scope="col">${column}</th>`).join("")}</tr></thead><tbody id="${id}"></tbody></table>`;
  return `<header>
<h1>${text(title)}</h1>
<form id="filters" role="search">
${field("search", "Search ( / )", '<input id="search" type="search" autocomplete="off" placeholder="name, query, address">')}
${choice("app", "App", "all apps")}
${choice("collection", "Collection", "all collections")}
${choice("peer", "Peer", "all peers")}
${choice("label", "Label", "all labels")}
${choice("state", "State", "all states")}
${choice("source", "Colour by", "app")}
<button type="reset">Reset</button>
<p id="count" role="status"></p>
</form>
</header>
<main id="picture">
<div id="canvas" tabindex="0" role="group" aria-label="Picture of the topology. The tables of peers, links and clusters without a peer have the same content." aria-describedby="keys"></div>
<div id="tools">
<button type="button" id="closer" aria-label="Zoom in">+</button>
<button type="button" id="further" aria-label="Zoom out">\u2212</button>
<button type="button" id="fit">Fit</button>
<p id="keys" class="faint">Arrow keys move, + and \u2212 zoom, 0 fits. Arrowheads point to where documents go. The dot marks the end that dials.</p>
</div>
</main>
<aside aria-label="Details and lists">
<section id="details" aria-labelledby="details-title"></section>
${table("peer-rows", "Peers", ["Peer", "Cluster", "Version", "Labels", "State"])}
${table("link-rows", "Links", ["Replication", "Dials", "Target", "Documents", "State"])}
${table("cluster-rows", "Clusters without a peer", ["Cluster", "Labels", "State"])}
</aside>`;
}

/** Scripts as one. A checkout has them in TypeScript, an installed package in JavaScript. */
function joinedScript(scripts: readonly string[]): string {
  const joined = scripts.map((name) => {
    const source = new URL(`browser/${name}.ts`, import.meta.url);
    return existsSync(source)
      ? withoutTypes(readFileSync(source, "utf8"))
      : readFileSync(new URL(`browser/${name}.js`, import.meta.url), "utf8");
  });
  const code = joined.map((each) => each.replace(/^import [^;]*;$/gm, "").replace(/^export (?=\w)/gm, "")).join("\n");
  return `"use strict";\n(() => {\n${code.replace(/^\/\/# sourceMappingURL.*$/gm, "")}\n})();\n`;
}

/** Node calls this experimental, which is of no interest to whoever draws a page. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function stateStyle(): string {
  const tones = (tone: "light" | "dark") =>
    Object.entries(colours)
      .map(([state, colour]) => `--${state}:${colour[tone]};`)
      .join("");
  const classes = Object.keys(colours).map((state) => `.state.${state}{color:var(--${state})}`);
  return `:root{${tones("light")}}@media (prefers-color-scheme:dark){:root{${tones("dark")}}}${classes.join("")}`;
}

function hashOf(content: string): string {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

function text(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
