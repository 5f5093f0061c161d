import { loadPlan } from "../../topology/check.ts";
import { drawingOf } from "../../topology/graph/model.ts";
import { composed, type GraphOptions, pictureOf, tooLarge } from "../../topology/graph/picture.ts";
import { graphFormat, knownNames, writePicture } from "../output/picture-file.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

/** `bigpeer graph`: the topology as a picture. */
export async function graphCommand(
  argument: string | undefined,
  options: GraphOptions & { stack?: string; format?: string; out?: string; json?: boolean },
): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  knownNames(file, options, [plan]);
  const drawing = composed(drawingOf(plan), options);
  const format = graphFormat(options);
  const refusal = options.json ? undefined : tooLarge(drawing, format);
  if (refusal !== undefined) throw new UsageError(`${file}: ${refusal}`);
  const picture = options.json
    ? `${JSON.stringify({ version: 1, ...drawing }, null, 2)}\n`
    : await pictureOf(drawing, format, `Topology ${file}`);
  if (options.out === undefined) process.stdout.write(picture);
  else writePicture(options.out, picture);
  return 0;
}
