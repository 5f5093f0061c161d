import { basename, extname, relative } from "node:path";
import { projectStacks } from "../../program/stack-files.ts";
import { checkFile } from "../../topology/check.ts";
import { ownedClusters } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";
import { clustersByStack } from "./clusters-by-stack.ts";
import { stacksOfTopology } from "./environment-stacks.ts";

/** The stacks that have a topology, in a project in which there are some.
 * @throws UsageError with the commands that make the stacks, if there is none */
export function neededStacks(topology: string, directory: string): string[] {
  const stacks = stacksOfTopology(topology, directory);
  if (stacks.length > 0) return stacks;
  const lines = missingStackLines(topology, directory, []);
  throw new UsageError(
    `no stack of this project uses ${topology}. Run this in the folder with the Pulumi.yaml, once:\n${lines.join("\n")}`,
  );
}

/** The commands that make the stacks which a topology names and which no `Pulumi.<stack>.yaml` has yet; none where all are there. */
export function missingStackLines(topology: string, directory: string, present: readonly string[]): string[] {
  return missingStacks(topology, directory, present).lines;
}

/** The same with the names of those stacks. */
export function missingStacks(
  topology: string,
  directory: string,
  present: readonly string[],
): { readonly stacks: readonly string[]; readonly lines: string[] } {
  const { plan } = checkFile(topology);
  const name = basename(topology, extname(topology));
  const wanted: ReadonlyMap<string, string[] | undefined> = plan ? stacksOf(plan, name) : new Map([[name, undefined]]);
  const path = relative(directory, topology).replaceAll("\\", "/");
  const owned = new Set(plan ? ownedAlready(plan, topology, directory) : []);
  const all = [...(plan?.clusters.values() ?? [])].map((cluster) => ({ ...cluster, stack: cluster.stack ?? name }));
  const isOwned = (stack: string) =>
    owned.size > 0 && all.every((cluster) => cluster.stack !== stack || owned.has(cluster.name));
  const lacking = [...wanted].filter(([stack]) => !present.includes(stack) && !isOwned(stack));
  const alike = Map.groupBy(lacking, ([, clusters]) => configText(path, clusters));
  const lines = [...alike].flatMap(([text, group]) => {
    const stacks = group.map(([stack]) => stack);
    const make = (stack: string) => `printf '${text}' > Pulumi.${stack}.yaml && pulumi stack init ${stack}`;
    if (stacks.length <= mostLines) return stacks.map((stack) => `  ${make(stack)}`);
    return [`  for stack in ${stacks.join(" ")}; do ${make("$stack")}; done`];
  });
  return { stacks: lacking.map(([stack]) => stack), lines };
}

/** More stacks with the same configuration are made by one line. */
const mostLines = 3;

/** What a stack's configuration says, as `printf` takes it. */
function configText(path: string, clusters: readonly string[] | undefined): string {
  const keys = [`bigpeer:topology: ${path}`, ...(clusters ? [`bigpeer:clusters: [${clusters.join(", ")}]`] : [])];
  return ["config:", ...keys.map((key) => `  ${key}`), ""].join("\\n");
}

/** The clusters that a stack of the project owns: a topology that names no stack needs none but the one that runs it, whatever it is called. */
function ownedAlready(plan: Plan, topology: string, directory: string): string[] {
  const { sharing } = projectStacks(topology, directory);
  return sharing.flatMap((settings) => [...ownedClusters(plan.clusters, settings)]);
}

function stacksOf(plan: Plan, name: string): ReadonlyMap<string, string[] | undefined> {
  const byStack = clustersByStack(plan, name);
  return byStack.size > 0 ? byStack : new Map([[name, undefined]]);
}
