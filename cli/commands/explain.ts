import { z } from "zod";
import { onInterruption } from "../../engine/interruption.ts";
import { type ExplainOptions, explain, type LinkReport } from "../../explain/explain.ts";
import { linksOf } from "../../explain/link.ts";
import type { Sample } from "../../explain/link-seen.ts";
import type { Verdict } from "../../explain/verdict.ts";
import { loadPlan } from "../../topology/check.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { deadlineOf, type PeerAccessOptions, peerAccess } from "../live/peer-access.ts";
import { colours as pc } from "../output/colours.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface ExplainCommandOptions extends PeerAccessOptions {
  readonly stack?: string;
  readonly from?: string;
  readonly to?: string;
  readonly collection?: string;
  /** JSON of a document's fields. */
  readonly sample?: string;
  /** The image of the pods. */
  readonly probePods?: string | true;
  readonly probe: boolean;
  readonly deadline: string;
  readonly json?: boolean;
}

/** `bigpeer explain`: why documents of a replication do not flow.
 * @returns 1 if a layer is broken, else 0
 * @throws UsageError if the topology has no such replication, peer or link */
export async function explainCommand(
  name: string,
  argument: string | undefined,
  options: ExplainCommandOptions,
): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const plan = withStack(loadPlan(file).plan, stacksOfTopology(file, process.cwd()), options.stack);
  const links = askedLinks(plan, name, options);
  const deadlineMs = deadlineOf(options.deadline);
  const sample = sampleOf(options);
  await needKubeconfig(plan, options.kubeconfig);
  const asked: ExplainOptions = {
    plan,
    links,
    access: peerAccess(options),
    pods: typeof options.probePods === "string" ? options.probePods : undefined,
    sample,
    probe: options.probe,
    deadlineMs,
    signal: onInterruption(new Error("interrupted")).requested,
  };
  const reports = await explain(asked);
  console.log(options.json ? JSON.stringify({ version: 1, links: reports }, null, 2) : formatExplanation(reports));
  return reports.some(({ broken }) => broken !== undefined) ? 1 : 0;
}

/** Where no cluster names its stack and one stack has all of them, commands that fix something name it. */
function withStack(plan: Plan, sharing: readonly string[], named: string | undefined): Plan {
  const only = sharing.length === 1 ? sharing[0] : named;
  const clusters = [...plan.clusters].map(([name, each]) => [name, { ...each, stack: each.stack ?? only }] as const);
  return { ...plan, clusters: new Map(clusters) };
}

function askedLinks(plan: Plan, name: string, { from, to }: ExplainCommandOptions) {
  const replication = plan.replications.get(name);
  if (!replication)
    throw new UsageError(
      `the topology has no replication "${name}"; it has ${[...plan.replications.keys()].join(", ") || "none"}`,
    );
  const members = replication.sides.map(({ peer }) => peer);
  for (const [option, peer] of [
    ["--from", from],
    ["--to", to],
  ])
    if (peer !== undefined && !members.includes(peer))
      throw new UsageError(`${option} ${peer}: ${name} has no such peer; it has ${members.join(", ")}`);
  const links = linksOf(plan, replication, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  if (links.length === 0)
    throw new UsageError(
      `${name} has no link between ${from ?? "any peer"} and ${to ?? "any peer"}: it links ${replication.links.map(({ initiator, target }) => `${initiator} and ${target}`).join(", ")}`,
    );
  return links;
}

function sampleOf({ collection, sample }: ExplainCommandOptions): Sample | undefined {
  if (sample === undefined && collection === undefined) return undefined;
  if (sample === undefined || collection === undefined)
    throw new UsageError(
      "--sample and --collection belong together: the fields of a document, and the collection that it is in",
    );
  try {
    const parsed: unknown = JSON.parse(sample);
    return { collection, document: z.record(z.string(), z.json()).parse(parsed) };
  } catch {
    throw new UsageError(
      `--sample ${sample}: write the fields of a document as a JSON object, such as '{"color":"blue"}'`,
    );
  }
}

/** A heading for each link, a line for each layer, and last the layer to mend with what mends it. */
export function formatExplanation(reports: readonly LinkReport[]): string {
  const text = reports.flatMap((report) => [...linkLines(report), ""]);
  const wrong = reports.filter(({ broken }) => broken !== undefined).length;
  const links = `${reports.length} ${reports.length === 1 ? "link" : "links"}`;
  const unjudged = new Set(
    reports.flatMap(({ layers }) => layers.filter(({ state }) => state === "unknown").map(({ layer }) => layer)),
  );
  const rest = unjudged.size === 0 ? "" : `; not judged from here: ${[...unjudged].join(", ")}`;
  return [...text, `${links}, ${wrong === 0 ? "no layer is broken" : `${wrong} with a broken layer`}${rest}`].join(
    "\n",
  );
}

function linkLines({ replication, initiator, target, address, directions, layers, broken }: LinkReport): string[] {
  const at = address === undefined ? "" : ` at ${address}`;
  const flows = directions.map(({ from, to }) => `${from} → ${to}`).join(", ");
  const head = `${pc.bold(`${replication}: ${initiator} dials ${target}${at}`)}${flows === "" ? "" : `  (documents: ${flows})`}`;
  const several = directions.length > 1;
  const width = Math.max(...layers.map((each) => nameOf(each, several).length));
  const lines = layers.map((each) => `  ${signOf(each)} ${nameOf(each, several).padEnd(width)}  ${each.what}`);
  if (!broken) return [head, ...lines];
  return [
    head,
    ...lines,
    `  ${pc.red("first broken:")} ${nameOf(broken, several)}: ${broken.what}`,
    `  ${pc.dim("fix:")} ${broken.mend ?? ""}`,
  ];
}

function nameOf({ layer, direction }: Verdict, several: boolean): string {
  return several && direction ? `${layer} ${direction.from} → ${direction.to}` : layer;
}

function signOf({ state, symptom }: Verdict): string {
  switch (state) {
    case "holds":
      return pc.green("✓");
    case "broken":
      return symptom ? pc.yellow("!") : pc.red("✗");
    case "unknown":
      return pc.yellow("?");
    case "not tried":
      return pc.dim("-");
  }
}
