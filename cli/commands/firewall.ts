import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type StackExports, stackExports } from "../../program/stack-exports.ts";
import { count } from "../../report/words.ts";
import { loadPlan } from "../../topology/check.ts";
import { firewallRules, type KnownAddresses } from "../../topology/firewall/firewall-rules.ts";
import { firewallCsv, firewallText } from "../../topology/firewall/listings.ts";
import { isPolicyFile, policyFiles } from "../../topology/firewall/policy-files.ts";
import { kubectlOf, shellWord } from "../../topology/objects/kubectl.ts";
import { ownProperty } from "../../topology/own-property.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { exportsOf } from "../live/deployed-losses.ts";
import { compareFolder, type FileState, writeFolder } from "../output/render-folder.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { assertCluster } from "../topology/assert-cluster.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface FirewallOptions {
  readonly stack?: string;
  readonly outputs: readonly string[];
  readonly cluster?: string;
  readonly format: string;
  readonly networkPolicies?: string;
  readonly json?: boolean;
}

/** `bigpeer firewall`: every connection that a topology needs, for those who own the firewalls.
 * @returns 1 if a file that is not ours is in the way of a NetworkPolicy, else 0
 * @throws UsageError if the topology has no such cluster, or the outputs of a stack cannot be read */
export async function firewallCommand(argument: string | undefined, options: FirewallOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  const { cluster: only, networkPolicies: folder } = options;
  assertCluster(only, plan.clusters.keys());
  const known = await knownAddresses(plan, file, options);
  if (folder !== undefined)
    return writePolicies(plan, { folder, topology: basename(file), only, json: options.json }, known);
  const rules = firewallRules(plan, known).filter(({ cluster }) => only === undefined || cluster === only);
  if (options.json) console.log(JSON.stringify({ version: 1, rules }, null, 2));
  else if (options.format === "csv") process.stdout.write(firewallCsv(rules));
  else console.log(firewallText(rules));
  return 0;
}

async function knownAddresses(plan: Plan, file: string, options: FirewallOptions): Promise<KnownAddresses> {
  const given = options.outputs.map(outputsIn);
  const needed = plan.exposures.some(({ host }) => host === undefined);
  const exported = needed && options.stack !== undefined ? await exportedBy(options.stack, file) : [];
  const all = [...given, ...exported];
  return (exposure) =>
    all.map((each) => ownProperty(each.exposures, exposure) ?? ownProperty(each.dialled, exposure)).find(Boolean);
}

/** Of every stack that shares the topology. One that cannot be read, or was never updated, leaves its addresses unknown. */
async function exportedBy(stack: string, file: string): Promise<StackExports[]> {
  const stacks = new Set([...stacksOfTopology(file, process.cwd()), stack]);
  const read = [...stacks].map(async (name) => {
    try {
      return await exportsOf(name, process.cwd());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      console.error(`warning: ${error.message}`);
      return undefined;
    }
  });
  return (await Promise.all(read)).filter((each) => each !== undefined);
}

function outputsIn(file: string): StackExports {
  const parsed = stackExports.safeParse(parsedJson(file));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `--outputs ${file} is not the output \`topology\` of a stack; write it with \`pulumi stack output topology --json > outputs.json\``,
  );
}

function parsedJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--outputs ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface PolicyFolder {
  readonly folder: string;
  readonly topology: string;
  readonly only: string | undefined;
  readonly json: boolean | undefined;
}

function writePolicies(plan: Plan, { folder, topology, only, json }: PolicyFolder, known: KnownAddresses): number {
  const every = policyFiles(plan, topology, known);
  const inCluster = (path: string) => only === undefined || path.startsWith(`${only}/`);
  const states = compareFolder(folder, every, isPolicyFile).filter(({ path }) => inCluster(path));
  const foreign = states.filter(({ state }) => state === "foreign");
  if (foreign.length === 0) written(folder, () => writeFolder(folder, every, states));
  if (json)
    console.log(JSON.stringify({ version: 1, out: folder, written: foreign.length === 0, files: states }, null, 2));
  else if (foreign.length > 0) {
    const paths = foreign.map(({ path }) => `  ${path}`);
    console.log(
      [
        `${folder}: nothing was written, because these files are not from bigpeer; choose another folder:`,
        ...paths,
      ].join("\n"),
    );
  } else
    console.log([`${folder}: ${count(states.length, "file")}`, ...advice, applyLine(plan, folder, states)].join("\n"));
  return foreign.length === 0 ? 0 : 1;
}

const advice = [
  "A pod that a NetworkPolicy selects is closed to everything that no policy allows. These policies allow replication, DNS, the peer's own namespace,",
  "its webhooks, and clients on all other ports. The topology does not contain anything else that a Big Peer dials (an object store, or Kafka elsewhere):",
  "allow that with a policy of your own; policies add up.",
];

/** The command that applies what was written, cluster by cluster. */
function applyLine(plan: Plan, folder: string, files: readonly FileState[]): string {
  const written = [...plan.clusters.values()].filter(({ name }) =>
    files.some(({ path, state }) => state !== "stale" && path.startsWith(`${name}/`)),
  );
  const commands = written.map(
    (cluster) => `${kubectlOf(cluster)} apply --server-side -k ${shellWord(`${folder}/${cluster.name}`)}`,
  );
  return `next: ${commands.join(" && ")}`;
}

function written(folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(`${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
