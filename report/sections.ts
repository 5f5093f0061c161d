import { count } from "./words.ts";

/** `+` comes, `-` goes, `!` changes, as in the colours of a diff; a blank belongs to the line above it. */
export type Mark = "+" | "-" | "!" | " ";

/** One change, over one line or several. When there is no room for all, those with the most lines stay. */
export interface Item {
  readonly lines: readonly { readonly mark: Mark; readonly text: string }[];
}

export interface Section {
  readonly title: string;
  /** The noun for its items. @default change */
  readonly noun?: string;
  /** How many changes its items stand for, where one item may be several. @default the number of items */
  readonly size?: number;
  readonly items: readonly Item[];
}

/** A line of an item. */
export function line(mark: Mark, text: string): Item["lines"][number] {
  return { mark, text };
}

/** The title with the number of changes, where the title has none of its own. */
export function headingOf({ title, noun = "change", items, size = items.length }: Section): string {
  return /\d/.test(title) && title.startsWith("Objects") ? title : `${title}: ${count(size, noun)}`;
}
