import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { configuresKubeconfig, projectStacks } from "../../program/stack-files.ts";
import { stackDeployments } from "../../runners/deployment-settings.ts";
import { type OperatorManifests, operatorManifests } from "../../runners/operator-manifests.ts";
import { type OrderedStack, orderStacks } from "../../runners/stack-order.ts";
import { loadPlan } from "../../topology/check.ts";
import { suggestion } from "../../topology/findings/suggest.ts";
import { kubectlOf } from "../../topology/objects/kubectl.ts";
import { ownedClusters } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { projectFolder } from "../project/project-folder.ts";
import { neededStacks } from "../stacks/missing-stacks.ts";
import { type GivenSource, programSource } from "../stacks/program-source.ts";
import { environmentTopology } from "../topology/environment-topology.ts";
import { UsageError } from "../usage-error.ts";

interface StacksOptions extends GivenSource {
  readonly project?: string;
  readonly format: "list" | "pko" | "deployments";
  readonly organization?: string;
  readonly image?: string;
  readonly resync: string;
  readonly namespace: string;
  readonly ownCluster?: string;
  readonly backend?: string;
  readonly agentPool?: string;
  readonly json?: boolean;
}

/** The stacks of an environment, in their order, and what they are stacks of. */
interface Environment {
  /** Its file, as it is named from here. */
  readonly topology: string;
  readonly plan: Plan;
  readonly directory: string;
  readonly project: string;
  readonly stacks: readonly OrderedStack[];
}

/** `bigpeer stacks`: the stacks of an environment, in the order of who dials whom, for people or for one of Pulumi's engines.
 * @returns 0 */
export async function stacksCommand(name: string, options: StacksOptions): Promise<number> {
  const environment = readEnvironment(name, projectFolder(options.project));
  const print = { list: printList, pko: printOperator, deployments: printDeployments }[options.format];
  print(environment, options);
  return 0;
}

function readEnvironment(name: string, directory: string): Environment {
  const topology = environmentTopology(name, directory);
  const project = projectStacks(topology, directory);
  neededStacks(topology, directory);
  const { plan } = loadPlan(topology, { project });
  const owning = project.sharing.map((settings) => ({
    name: settings.name.stack,
    clusters: ownedClusters(plan.clusters, settings),
  }));
  return {
    topology: relative(process.cwd(), topology),
    plan,
    directory,
    project: project.project ?? "",
    stacks: orderStacks(plan, owning),
  };
}

function printList({ stacks }: Environment, { json }: StacksOptions): void {
  if (json) {
    console.log(JSON.stringify({ version: 1, stacks }, null, 2));
    return;
  }
  const lines = stacks.map(({ name, clusters, after, completedAfter }) =>
    [
      `${name}  ${clusters.join(", ") || "no cluster"}`,
      ...(after.length === 0 ? [] : [`  runs after ${after.join(", ")}`]),
      ...(completedAfter.length === 0 ? [] : [`  runs once more after ${completedAfter.join(", ")}`]),
    ].join("\n"),
  );
  console.log(lines.join("\n"));
}

function printOperator(environment: Environment, options: StacksOptions): void {
  const { plan, directory, stacks, project } = environment;
  const { ownCluster, organization, backend } = options;
  if (ownCluster !== undefined && !plan.clusters.has(ownCluster))
    throw new UsageError(
      `--own-cluster ${ownCluster}: there is no such cluster; ${suggestion(ownCluster, plan.clusters.keys(), "cluster")}. Leave it out where the operator's cluster has no Big Peer`,
    );
  const settings = {
    namespace: options.namespace,
    ownCluster,
    source: programSource(directory, options),
    image: options.image ?? `pulumi/pulumi:${pulumiVersion()}-nonroot`,
    qualifier: organization === undefined ? undefined : `${organization}/${project}`,
    backend,
    resyncSeconds: resyncSeconds(options),
  };
  const made = stacks.map((stack) => {
    const kubeconfigConfigured = configuresKubeconfig(stack.name, directory);
    return operatorManifests(plan, { ...stack, kubeconfigConfigured }, settings);
  });
  // No anchors: kubectl reads them, people stumble over them.
  const documents = made.flatMap(({ objects }) =>
    objects.map((each) => stringify(each, { aliasDuplicateObjects: false })),
  );
  console.log(`${beforehand(environment, options, made)}${documents.join("---\n").trimEnd()}`);
}

/** What has to be there before the objects are of any use. Comments: YAML may be piped to kubectl as it is. */
function beforehand(
  { topology, stacks }: Environment,
  options: StacksOptions,
  made: readonly OperatorManifests[],
): string {
  const keysOf = new Map(
    made.flatMap(({ secrets }) => secrets.map(({ name: secret, keys }) => [secret, keys] as const)),
  );
  const remote = new Map(made.flatMap((each) => each.remote.map((cluster) => [cluster.name, cluster])));
  const lines = [
    `The stacks of ${topology}, for the Pulumi Kubernetes Operator 2. The namespace ${options.namespace} has to exist, with:`,
    ...[...keysOf].map(([secret, keys]) => `  Secret ${secret}: ${keys.join(", ")}`),
    ...(remote.size === 0
      ? []
      : ["Clusters that a stack reaches with its kubeconfig, and how to give each stack the rights there:"]),
    ...[...remote.values()].map(
      (cluster) => `  npx bigpeer rbac ${topology} --cluster ${cluster.name} | ${kubectlOf(cluster)} apply -f -`,
    ),
    ...stacks
      .filter(({ completedAfter }) => completedAfter.length > 0)
      .map(
        (stack) =>
          `${stack.name} has something pending until ${stack.completedAfter.join(", ")} is updated; the resync completes it.`,
      ),
  ];
  return lines.map((line) => `# ${line}\n`).join("");
}

function printDeployments({ plan, directory, project, stacks }: Environment, options: StacksOptions): void {
  const { organization, agentPool } = options;
  if (organization === undefined)
    throw new UsageError("--format deployments needs --organization, the one that owns the stacks in Pulumi Cloud");
  if (project === "") throw new UsageError(`there is no Pulumi.yaml with the name of a project in ${directory}`);
  for (const { name, clusters } of stacks)
    if (
      clusters.some((cluster) => plan.clusters.get(cluster)?.kubeconfig === undefined) &&
      !configuresKubeconfig(name, directory)
    )
      console.error(
        `warning: nothing gives ${name} a kubeconfig in a deployment: name an ESC environment with one in Pulumi.${name}.yaml, or set bigpeer:kubeconfig there`,
      );
  const deployments = stackDeployments(stacks, {
    ...{ organization, project, agentPool },
    source: programSource(directory, options),
    image: options.image ?? `pulumi/pulumi-nodejs-24:${pulumiVersion()}`,
    resyncMinutes: Math.ceil(resyncSeconds(options) / 60),
  });
  console.log(JSON.stringify({ version: 1, stacks: deployments }, null, 2));
}

/** The shortest that the operator obeys; a cron schedule counts in minutes, too. */
const shortestResync = 60;

function resyncSeconds({ resync }: StacksOptions): number {
  const seconds = Number(resync);
  if (!Number.isInteger(seconds) || seconds < shortestResync)
    throw new UsageError(`--resync ${resync}: write a number of seconds, ${shortestResync} or more`);
  return seconds;
}

/** The CLI is released together with the SDK, and its images with the CLI. */
function pulumiVersion(): string {
  const file = new URL(import.meta.resolve("@pulumi/pulumi/package.json"));
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
