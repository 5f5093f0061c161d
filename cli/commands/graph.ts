import { loadPlan } from "../../topology/check.ts";
import { drawingOf } from "../../topology/graph/model.ts";
import { orientationOf } from "../../topology/graph/orientation.ts";
import { mostWide } from "../../topology/graph/page-width.ts";
import { composed, type GraphFormat, type GraphOptions, pictureOf, tooLarge } from "../../topology/graph/picture.ts";
import { shellWord } from "../../topology/objects/kubectl.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { readStates, type StateFiles, stateSources } from "../output/page-file.ts";
import { graphOrPageFormat, groupingLabel, knownNames, writePicture } from "../output/picture-file.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface GraphCommandOptions extends GraphOptions, StateFiles {
  readonly stack?: string;
  readonly groupBy?: string | false;
  readonly format?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `bigpeer graph`: the topology as a picture, or as a page. */
export async function graphCommand(argument: string | undefined, options: GraphCommandOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  knownNames(file, options, [plan]);
  const format = graphOrPageFormat(options);
  const groupBy = groupingLabel(file, options.groupBy, [plan]);
  const unused = stateSources.find((source) => options[source] !== undefined);
  if (unused !== undefined && (format !== "html" || options.json))
    throw new UsageError(`--${unused} colours a page; write it with --format html`);
  const picture =
    format === "html" && !options.json
      ? await pageText(file, plan, groupBy, options)
      : await pictureText(file, plan, groupBy, format === "html" ? "mermaid" : format, options);
  if (options.out === undefined) process.stdout.write(picture);
  else writePicture(options.out, picture);
  return 0;
}

async function pictureText(
  file: string,
  plan: Plan,
  groupBy: string | undefined,
  format: GraphFormat,
  options: GraphCommandOptions,
): Promise<string> {
  const drawing = composed(drawingOf(plan, groupBy), options);
  if (options.json) return `${JSON.stringify({ version: 1, ...drawing }, null, 2)}\n`;
  const refusal = tooLarge(drawing, format);
  if (refusal !== undefined) throw new UsageError(`${file}: ${refusal}`);
  // On the error output: what is printed may be on its way into a page.
  if (format === "mermaid" && orientationOf(drawing).wide)
    console.error(
      `Mermaid draws this wider than a page of ${mostWide} pixels, which shrinks it. For a picture that opens at full size: npx bigpeer graph ${shellWord(file)} --out topology.svg`,
    );
  if (drawing.clusters.length === 0) throw new UsageError(`${file} has no cluster that can be drawn`);
  return pictureOf(drawing, format, `Topology ${file}`);
}

async function pageText(
  file: string,
  plan: Plan,
  groupBy: string | undefined,
  { apps = [], peers = [], ...files }: GraphCommandOptions,
): Promise<string> {
  const [{ pageOf }, { pageHtml }] = await Promise.all([
    import("../../topology/page/page-of-plan.ts"),
    import("../../topology/page/html.ts"),
  ]);
  const states = await readStates(plan, files);
  return pageHtml(await pageOf(plan, { title: `Topology ${file}`, groupBy, apps, peers, states }));
}
