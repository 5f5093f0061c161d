/** What a page shows. It is embedded in the page as JSON, and the scripts in `browser/` read it. */
export interface PageData {
  readonly title: string;
  readonly apps: readonly { readonly name: string; readonly light: string; readonly dark: string }[];
  /** The outputs of other commands by which the page can colour, in the order in which they are offered. */
  readonly sources: readonly StateSource[];
  readonly regions: readonly { readonly id: string; readonly title: string }[];
  /** Clusters that are drawn as boxes, since they have several peers. */
  readonly clusters: readonly { readonly id: string; readonly name: string; readonly region: string | undefined }[];
  readonly emptyClusters: readonly PageEmptyCluster[];
  readonly peers: readonly PagePeer[];
  readonly links: readonly PageLink[];
}

export type StateSource = "status" | "verify" | "diff";

/** `ok`: as it should be. `problem`: it is not. `unknown`: nobody could look. The others come from a comparison. */
export type State = "ok" | "problem" | "unknown" | "added" | "removed" | "changed" | "breaks";

export interface Told {
  readonly state: State;
  /** The reasons, as sentences. */
  readonly lines: readonly string[];
}

export interface PageElement {
  readonly id: string;
  readonly states: Readonly<Partial<Record<StateSource, Told>>>;
  readonly sections: readonly Section[];
}

export interface PagePeer extends PageElement {
  readonly cluster: string;
  /** The box that it is in: its cluster, else its region. */
  readonly parent: string | undefined;
  readonly version: string;
  /** `name=value`. */
  readonly labels: readonly string[];
  readonly apps: readonly string[];
  readonly x: number;
  readonly y: number;
}

/** A cluster of the topology in which no peer runs. */
export interface PageEmptyCluster extends PageElement {
  readonly name: string;
  /** The region that it is in. */
  readonly parent: string | undefined;
  /** `name=value`. */
  readonly labels: readonly string[];
  readonly x: number;
  readonly y: number;
}

/** A connection of one replication. */
export interface PageLink extends PageElement {
  readonly replication: string;
  readonly app: string;
  /** The peer that dials. */
  readonly initiator: string;
  readonly target: string;
  readonly collections: readonly string[];
  /** True if documents flow from the initiator to the target. */
  readonly outward: boolean;
  /** True if documents flow from the target to the initiator. */
  readonly inward: boolean;
}

/** A part of what is shown of an element. */
export interface Section {
  readonly title: string;
  readonly items: readonly Item[];
}

export interface Item {
  readonly text: string;
  /** ID of the peer or link that the text leads to. */
  readonly to?: string;
}

/** The ID of a link. No name has a slash in it. */
export function linkId(replication: string, initiator: string, target: string): string {
  return `${replication}/${initiator}/${target}`;
}
