/** What is measured, and what it has to be. */

export type Unit = "ms" | "KiB" | "MiB" | "objects" | "files";

/** The same thing measured several times. */
export interface Series {
  /** What was run. */
  readonly name: string;
  readonly values: readonly number[];
}

/** One line of the report: a series beside what it is measured against in the same run. */
export interface Figure {
  /** The part of the benchmark that it belongs to: `npm run bench -- <part>`. */
  readonly part: string;
  readonly name: string;
  readonly unit: Unit;
  readonly subject: Series;
  readonly floor?: Series | undefined;
  /** What must be reached. None: the figure is only shown. */
  readonly bar?: Bar | undefined;
  /** What a reader has to know to read it right. */
  readonly note?: string | undefined;
}

export interface Bar {
  /** Largest ratio of the medians. */
  readonly ratio?: number;
  /** Largest median. */
  readonly limit?: number;
}

export interface JudgedFigure extends Figure {
  readonly median: number;
  readonly floorMedian: number | undefined;
  readonly ratio: number | undefined;
  /** Undefined: there is no bar. */
  readonly reached: boolean | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** @param margin how many times its bar a figure may be, where few runs say little */
export function judge(figure: Figure, margin = 1): JudgedFigure {
  const { subject, floor, unit } = figure;
  // What is counted is the same in every run.
  const bar = figure.bar && unit !== "objects" ? timesMargin(figure.bar, margin) : figure.bar;
  const value = median(subject.values);
  const floorMedian = floor && median(floor.values);
  const ratio = floorMedian === undefined ? undefined : value / floorMedian;
  const reached =
    bar && (bar.ratio === undefined || (ratio ?? 0) <= bar.ratio) && (bar.limit === undefined || value <= bar.limit);
  return { ...figure, bar, median: value, floorMedian, ratio, reached };
}

function timesMargin({ ratio, limit }: Bar, margin: number): Bar {
  return {
    ...(ratio === undefined ? {} : { ratio: ratio * margin }),
    ...(limit === undefined ? {} : { limit: limit * margin }),
  };
}

/**
 * Runs several things in turn, so that what else the machine does meanwhile falls on all of them alike. Every other round goes
 * backwards: who comes first finds colder caches.
 */
export async function inTurn<T>(
  rounds: number,
  runs: Readonly<Record<string, () => Promise<T>>>,
): Promise<Readonly<Record<string, readonly T[]>>> {
  const results: Record<string, T[]> = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = Object.entries(runs);
    for (const [name, run] of round % 2 === 0 ? order : order.reverse()) results[name]?.push(await run());
  }
  return results;
}
