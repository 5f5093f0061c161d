import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { loadPlan } from "../topology/check.ts";
import { drawingOf } from "../topology/graph/model.ts";
import { composed, type GraphFormat, type GraphOptions, graphFormats, pictureOf } from "../topology/graph/picture.ts";
import { topologyFile } from "./topology-file.ts";
import { UsageError } from "./usage-error.ts";

const extensions: Readonly<Record<string, GraphFormat>> = {
  ".svg": "svg",
  ".dot": "dot",
  ".gv": "dot",
  ".mmd": "mermaid",
};

/** `bigpeer graph`: the topology as a picture. */
export async function graphCommand(
  argument: string | undefined,
  options: GraphOptions & { stack?: string; format?: string; out?: string },
): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  for (const [kind, names, known] of [
    ["app", options.apps ?? [], plan.apps],
    ["peer", options.peers ?? [], plan.peers],
  ] as const)
    for (const name of names)
      if (!known.has(name))
        throw new UsageError(`${file} has no ${kind} ${name}; it has ${[...known.keys()].join(", ")}`);
  const picture = await pictureOf(composed(drawingOf(plan), options), graphFormat(options), `Topology ${file}`);
  if (options.out === undefined) process.stdout.write(picture);
  else writeFileSync(options.out, picture);
  return 0;
}

/** The format that is asked for, else the one of the file's name. */
export function graphFormat({ format, out }: { format?: string | undefined; out?: string | undefined }): GraphFormat {
  const named = graphFormats.find((known) => known === format);
  if (format !== undefined && !named) throw new UsageError(`no format ${format}; use ${graphFormats.join(", ")}`);
  return named ?? extensions[extname(out ?? "")] ?? "mermaid";
}
