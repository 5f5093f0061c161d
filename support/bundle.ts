/** One file of a support bundle. */
export interface BundleFile {
  /** From the bundle's folder, with `/`. */
  readonly path: string;
  /** A text as it is, or data, which is written as YAML. Both still hold their secrets: whoever writes the bundle masks them. */
  readonly content: unknown;
  /** True: its secrets are masked already, by who knows its form better than by the look of its lines. */
  readonly clean?: true;
  /** What it is, for the summary. Files that are alike say the same. */
  readonly about: string;
}

/** Something that belongs into a bundle and is not there. */
export interface Missing {
  /** The cluster that it is of; undefined: none. */
  readonly cluster: string | undefined;
  /** Why, as a sentence without a full stop. */
  readonly reason: string;
}

/** What was collected of one subject. */
export interface Collected {
  readonly files: readonly BundleFile[];
  readonly missing: readonly Missing[];
}

/** Everything that several subjects have. */
export function joined(all: readonly Collected[]): Collected {
  return { files: all.flatMap(({ files }) => files), missing: all.flatMap(({ missing }) => missing) };
}

/** A name as a part of a path: it leads nowhere else, and every file system takes it. */
export function pathPart(name: string): string {
  return (
    name
      .replace(/[^\w.-]/g, "_")
      .replace(/^\.+/, "_")
      .slice(0, 120) || "_"
  );
}

/** A reason as a sentence of its own. */
export function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
