import type { Item, PageData, PageElement } from "../page-data.ts";
import { stateSigns } from "./choice.ts";
import { element, part } from "./element.ts";

/** Shows everything that is known of one peer, link or cluster without a peer; undefined: that nothing is selected.
 * @param onSelect called with what an item leads to */
export function showDetails(data: PageData, id: string | undefined, onSelect: (id: string) => void): void {
  const place = part("details");
  const peer = data.peers.find((each) => each.id === id);
  const link = data.links.find((each) => each.id === id);
  const cluster = data.emptyClusters.find((each) => each.id === id);
  const shown = peer ?? link ?? cluster;
  if (!shown) {
    place.replaceChildren(
      element("h2", { id: "details-title", tabindex: "-1" }, "Nothing is selected"),
      element("p", { class: "faint" }, "Choose a peer or a link in the picture or in a list."),
    );
    return;
  }
  const title = link
    ? `Link of ${link.replication}: ${link.initiator} to ${link.target}`
    : cluster
      ? `Cluster ${cluster.name}`
      : `Peer ${shown.id}`;
  place.replaceChildren(
    element("h2", { id: "details-title", tabindex: "-1" }, title),
    ...statesOf(data, shown),
    ...shown.sections.map((section) =>
      element(
        "section",
        {},
        element("h3", {}, section.title),
        element("ul", {}, ...section.items.map((item) => element("li", {}, contentOf(item, onSelect)))),
      ),
    ),
  );
}

function statesOf(data: PageData, shown: PageElement): Node[] {
  return data.sources.flatMap((source) => {
    const told = shown.states[source];
    if (!told) return [];
    return [
      element(
        "section",
        {},
        element("h3", {}, `By ${source}`),
        element("p", { class: `state ${told.state}` }, `${stateSigns[told.state]} ${told.state}`),
        element("ul", {}, ...told.lines.map((line) => element("li", {}, line))),
      ),
    ];
  });
}

function contentOf({ text, to }: Item, onSelect: (id: string) => void): Node {
  if (to === undefined) return document.createTextNode(text);
  const button = element("button", { type: "button", class: "link" }, text);
  button.addEventListener("click", () => onSelect(to));
  return button;
}
