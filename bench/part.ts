import type { Figure } from "./figure.ts";

/** One part of the benchmark, which can be run alone. */
export interface Part {
  readonly name: string;
  /** Whether it needs the lab. */
  readonly lab: boolean;
  measure(run: PartRun): Promise<readonly Figure[]>;
}

export interface PartRun {
  /** Small sizes and few rounds: it shows that a figure is far off, and no more. */
  readonly quick: boolean;
  readonly log: (line: string) => void;
  /** Folder of a project with the installed package, which is measured in the place of this checkout; undefined: the checkout is. */
  readonly installed: string | undefined;
}
