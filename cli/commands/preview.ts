import { previewStack } from "../../engine/preview-stack.ts";
import { foldPreview } from "../../preview/fold.ts";
import { formatPreviewMarkdown, formatPreviewText } from "../../preview/format.ts";
import { count, names } from "../../report/words.ts";
import { type Checked, checkSource } from "../../topology/check.ts";
import { readSource } from "../../topology/file/source.ts";
import { TopologyError } from "../../topology/findings/finding.ts";
import { isNarrowed, type Selection } from "../../topology/selection/selection.ts";
import { colours as pc } from "../output/colours.ts";
import { projectFolder } from "../project/project-folder.ts";
import { begunStacks } from "../stacks/begun-stacks.ts";
import { missingStacks, neededStacks } from "../stacks/missing-stacks.ts";
import { ownersOrThrow, owningStacks } from "../stacks/owning-stacks.ts";
import { limitsOf, runStacks } from "../stacks/parallel-stacks.ts";
import { environmentTopology } from "../topology/environment-topology.ts";
import { selectedOrThrow } from "../topology/selected.ts";
import { readRevision } from "../topology/topology-revision.ts";
import { UsageError } from "../usage-error.ts";

/** `bigpeer preview`: what the engine would do to every stack of an environment, in the terms of the topology.
 * @returns 1 if a stack cannot be previewed or was not, or something would change though nothing was expected to, else 0 */
export async function previewCommand(
  environment: string,
  options: Selection & {
    project?: string;
    stack?: string[];
    base?: string;
    allowMissing?: boolean;
    refresh?: boolean;
    all?: boolean;
    parallel?: string;
    keepGoing?: boolean;
    markdown?: boolean;
    json?: boolean;
    expectNoChanges?: boolean;
  },
): Promise<number> {
  const limits = limitsOf(options);
  const directory = projectFolder(options.project);
  const topology = environmentTopology(environment, directory);
  const all = neededStacks(topology, directory);
  const { stacks: lacking, lines } = missingStacks(topology, directory, all);
  if (lacking.length > 0) console.error([lackingText(lacking), ...lines].join("\n"));
  const unknown = (options.stack ?? []).filter((stack) => !all.includes(stack));
  if (unknown.length > 0)
    throw new UsageError(`${unknown.join(", ")}: no stack of ${topology}; it has: ${all.join(", ")}`);
  const base = options.base === undefined ? undefined : await readRevision(options.base);
  if (base?.absent !== undefined && !options.allowMissing)
    throw new UsageError(
      `the base ${base.name} is not there: ${base.absent}. Name another one, or use --allow-missing if the topology is new`,
    );
  if (base && !base.plan) throw new UsageError(`the base ${base.name} has errors, so it cannot be compared with`);
  const head = checkSource(readSource(topology));
  if (head.findings.some(({ rule }) => rule === "unreadable")) throw new TopologyError(head.findings);
  const stacks = selectedAmong(options.stack ?? all, head, { topology, directory, selection: options });
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());
  const refresh = options.refresh ?? false;
  const { signal } = interrupted;
  const everything = refresh || options.all === true || options.stack !== undefined;
  const { begun, idle } = await begunStacks({ stacks, topology, directory, plan: head.plan, all: everything });
  const previews = await runStacks(begun, (stack) => previewStack({ directory, stack, refresh, signal }), {
    ...limits,
    signal,
  });
  const report = foldPreview({
    topology: environment,
    base: base?.plan && { name: base.name, plan: base.plan, missing: base.absent !== undefined },
    head: head.plan,
    refreshed: refresh,
    stacks: previews.results,
    notBegun: previews.notBegun,
    idle,
  });
  if (options.json) console.log(JSON.stringify(report, null, 2));
  else if (options.markdown) process.stdout.write(formatPreviewMarkdown(report));
  else console.log(formatPreviewText(report, pc));
  const failed = report.stacks.some(({ error }) => error !== undefined) || report.notBegun.length > 0;
  return failed || (options.expectNoChanges && report.steps.length > 0) ? 1 : 0;
}

function lackingText(stacks: readonly string[]): string {
  const one = stacks.length === 1;
  return `the topology names ${count(stacks.length, "stack")} that ${one ? "has" : "have"} no Pulumi.<stack>.yaml (${names(stacks)}), so ${one ? "it is" : "they are"} not previewed; run this once:`;
}

/** The stacks that own what is selected. Which they are only a topology without errors says. */
function selectedAmong(
  stacks: readonly string[],
  { plan, findings }: Checked,
  { topology, directory, selection }: { topology: string; directory: string; selection: Selection },
): readonly string[] {
  if (!isNarrowed(selection)) return stacks;
  if (!plan) throw new TopologyError(findings);
  const owning = owningStacks(plan, topology, directory).filter(({ name }) => stacks.includes(name));
  return ownersOrThrow(selectedOrThrow(plan, selection), owning).map(({ name }) => name);
}
