import { writeFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { mostWide } from "../../topology/graph/page-width.ts";
import { type GraphFormat, type GraphOptions, graphFormats } from "../../topology/graph/picture.ts";
import { labelsOf, usualGrouping } from "../../topology/graph/regions.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";

const extensions: Readonly<Record<string, GraphFormat>> = {
  ".svg": "svg",
  ".dot": "dot",
  ".gv": "dot",
  ".mmd": "mermaid",
};

/** @throws UsageError if a picture is narrowed to what no plan has */
export function knownNames(file: string, { apps = [], peers = [] }: GraphOptions, plans: readonly Plan[]): void {
  for (const [kind, names, known] of [
    ["app", apps, plans.flatMap((plan) => [...plan.apps.keys()])],
    ["peer", peers, plans.flatMap((plan) => [...plan.peers.keys()])],
  ] as const)
    for (const name of names)
      if (!known.includes(name))
        throw new UsageError(`${file} has no ${kind} ${name}; it has ${[...new Set(known)].join(", ")}`);
}

/** The label by which clusters are put into boxes: the one that is asked for, or a usual one that tells the clusters of a plan apart.
 * @param groupBy false: none
 * @throws UsageError if no cluster and no peer of any plan has it */
export function groupingLabel(
  file: string,
  groupBy: string | false | undefined,
  plans: readonly Plan[],
): string | undefined {
  if (groupBy === false) return undefined;
  if (groupBy === undefined) return plans.map(usualGrouping).find((label) => label !== undefined);
  const known = [...new Set(plans.flatMap(labelsOf))];
  if (known.includes(groupBy)) return groupBy;
  const has = known.length === 0 ? "no cluster and no peer there has any label" : `it has ${known.join(", ")}`;
  throw new UsageError(`no cluster and no peer of ${file} has the label ${groupBy}; ${has}`);
}

/** Writes a picture, and says how a page shows it large if it is too wide for one.
 * @throws UsageError if it cannot be written */
export function writePicture(file: string, picture: string): void {
  try {
    writeFileSync(file, picture);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const width = svgWidth(picture);
  if (width > mostWide)
    console.error(
      `${file} is ${width} pixels wide, and a page shrinks what is wider than ${mostWide}. Link the picture to itself, so that a click opens it at full size:\n  [![topology](${basename(file)})](${basename(file)})`,
    );
}

/** In pixels; 0 for what is no SVG. */
function svgWidth(picture: string): number {
  return Number(/^<svg [^>]*\bwidth="(\d+)"/.exec(picture)?.[1] ?? 0);
}

/** The format that is asked for, else the one of the file's name, else Mermaid.
 * @throws UsageError if there is no such format */
export function graphFormat({ format, out }: Wanted): GraphFormat {
  return formatOf({ format, out }, graphFormats, extensions);
}

/** The same, with a page of HTML among the formats.
 * @throws UsageError if there is no such format */
export function graphOrPageFormat(wanted: Wanted): GraphFormat | "html" {
  return formatOf(wanted, [...graphFormats, "html"], { ...extensions, ".html": "html", ".htm": "html" });
}

interface Wanted {
  readonly format?: string | undefined;
  readonly out?: string | undefined;
}

function formatOf<F extends string>(
  { format, out }: Wanted,
  formats: readonly F[],
  byExtension: Readonly<Record<string, F>>,
): F | "mermaid" {
  if (format === undefined && out === undefined) return "mermaid";
  const found = format === undefined ? byExtension[extname(out ?? "")] : formats.find((known) => known === format);
  if (found) return found;
  throw new UsageError(
    format === undefined
      ? `the ending of ${out} does not name a format; use ${Object.keys(byExtension).join(", ")}`
      : `there is no format ${format}; use ${formats.join(", ")}`,
  );
}
