import type { PageData, PageElement, PageLink, PagePeer, State, StateSource } from "../page-data.ts";

/** What a reader has asked for; an empty text is no limit. */
export interface Choice {
  /** Words, each of which an element has to have. */
  readonly text: string;
  readonly app: string;
  readonly collection: string;
  readonly peer: string;
  readonly label: string;
  /** `source: state`, such as `status: problem`. */
  readonly state: string;
}

export interface Chosen {
  readonly peers: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
  /** Clusters without a peer. */
  readonly clusters: ReadonlySet<string>;
  /** Ends of chosen links, which are shown with them. */
  readonly ends: ReadonlySet<string>;
}

/** The elements that have everything that is asked for. */
export function chosenOf(data: PageData, choice: Choice): Chosen {
  const peers = new Map(data.peers.map((peer) => [peer.id, peer]));
  const words = choice.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const hasWords = (text: string) => words.every((word) => text.includes(word));
  const endsOf = (link: PageLink) => [link.initiator, link.target].flatMap((id) => peers.get(id) ?? []);
  const withCollection = new Set<string>();
  const links = data.links.filter((link) => {
    const ends = endsOf(link);
    if (choice.collection === "" || link.collections.includes(choice.collection))
      for (const { id } of ends) withCollection.add(id);
    else return false;
    return (
      (choice.app === "" || link.app === choice.app) &&
      (choice.peer === "" || ends.some(({ id }) => id === choice.peer)) &&
      (choice.label === "" || ends.some(({ labels }) => labels.includes(choice.label))) &&
      hasState(link, choice.state) &&
      hasWords(textOfLink(link))
    );
  });
  const shown = data.peers.filter(
    (peer) =>
      (choice.app === "" || peer.apps.includes(choice.app)) &&
      (choice.collection === "" || withCollection.has(peer.id)) &&
      (choice.peer === "" || peer.id === choice.peer) &&
      (choice.label === "" || peer.labels.includes(choice.label)) &&
      hasState(peer, choice.state) &&
      hasWords(textOfPeer(peer)),
  );
  const clusters = data.emptyClusters.filter(
    ({ name, labels, sections }) =>
      [choice.app, choice.collection, choice.peer, choice.state].every((wanted) => wanted === "") &&
      (choice.label === "" || labels.includes(choice.label)) &&
      hasWords([name, ...labels, ...textsOf(sections)].join("\n").toLowerCase()),
  );
  return {
    clusters: new Set(clusters.map(({ id }) => id)),
    peers: new Set(shown.map(({ id }) => id)),
    links: new Set(links.map(({ id }) => id)),
    ends: new Set(links.flatMap(({ initiator, target }) => [initiator, target])),
  };
}

/** Every state that an element has, as it is chosen. */
export function statesIn(data: PageData): string[] {
  const all = [...data.peers, ...data.links].flatMap(({ states }) =>
    data.sources.flatMap((source) => (states[source] ? [`${source}: ${states[source].state}`] : [])),
  );
  return [...new Set(all)].sort();
}

/** The state by which an element is coloured. */
export function stateOf({ states }: PageElement, source: StateSource | undefined): State | undefined {
  return source === undefined ? undefined : states[source]?.state;
}

/** Said beside a colour, for those who do not see it. */
export const stateSigns: Readonly<Record<State, string>> = {
  ok: "\u2713",
  problem: "\u2717",
  unknown: "?",
  added: "+",
  removed: "\u2212",
  changed: "~",
  breaks: "!",
};

function hasState({ states }: PageElement, wanted: string): boolean {
  return wanted === "" || Object.entries(states).some(([source, told]) => `${source}: ${told?.state}` === wanted);
}

function textOfPeer({ id, cluster, version, labels, apps, sections }: PagePeer): string {
  const own = sections.filter(({ title }) => title !== "Links" && title !== "Trusts");
  return [id, cluster, version, ...labels, ...apps, ...textsOf(own)].join("\n").toLowerCase();
}

function textOfLink({ replication, app, initiator, target, sections }: PageLink): string {
  return [replication, app, initiator, target, ...textsOf(sections)].join("\n").toLowerCase();
}

function textsOf(sections: PageElement["sections"]): string[] {
  return sections.flatMap(({ items }) => items.map(({ text }) => text));
}
