import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { type GraphFormat, type GraphOptions, graphFormats } from "../../topology/graph/picture.ts";
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

/** @throws UsageError if it cannot be written */
export function writePicture(file: string, picture: string): void {
  try {
    writeFileSync(file, picture);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The format that is asked for, else the one of the file's name, else Mermaid.
 * @throws UsageError if there is no such format */
export function graphFormat({ format, out }: { format?: string | undefined; out?: string | undefined }): GraphFormat {
  if (format === undefined && out === undefined) return "mermaid";
  const found = format === undefined ? extensions[extname(out ?? "")] : graphFormats.find((known) => known === format);
  if (found) return found;
  throw new UsageError(
    format === undefined
      ? `${out} does not say its format; use ${Object.keys(extensions).join(", ")}`
      : `no format ${format}; use ${graphFormats.join(", ")}`,
  );
}
