import type { PageData } from "../page-data.ts";
import { statesIn } from "./choice.ts";
import { element, part } from "./element.ts";
import { drawFirstPicture } from "./first-picture.ts";

function fillFilters(data: PageData): void {
  const fill = (id: string, values: Iterable<string>) =>
    part(id).append(...[...new Set(values)].map((value) => element("option", { value }, value)));
  fill(
    "app",
    data.apps.map(({ name }) => name),
  );
  fill("collection", data.links.flatMap(({ collections }) => collections).sort());
  fill(
    "peer",
    data.peers.map(({ id }) => id),
  );
  fill("label", [...data.peers, ...data.emptyClusters].flatMap(({ labels }) => labels).sort());
  fill("state", statesIn(data));
  fill("source", data.sources);
  const [first] = data.sources;
  const colouring = part("source");
  if (first !== undefined && colouring instanceof HTMLSelectElement) colouring.value = first;
  for (const id of ["state", "source"]) part(`${id}-field`).hidden = data.sources.length === 0;
}

/** What the page does before its library starts: a browser shows nothing while a script runs. */
function first(data: PageData): void {
  // They come before the picture, as the room that is left for it depends on them.
  fillFilters(data);
  drawFirstPicture(data);
  // What is asked of a frame comes before its paint, and what is asked in the next one after it.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.drawnMs = String(Math.round(performance.now()));
      for (const id of ["library", "page"]) {
        const script = element("script");
        script.textContent = part(id).textContent;
        document.body.append(script);
      }
    }),
  );
}

first(JSON.parse(part("data").textContent ?? ""));
