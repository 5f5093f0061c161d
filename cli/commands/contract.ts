import { existsSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { readOperatorFacts } from "../../kubernetes/read-operator-facts.ts";
import { unreadable } from "../../kubernetes/unreadable.ts";
import { checkFile } from "../../topology/check.ts";
import { readSource, type Source } from "../../topology/file/source.ts";
import { formatFindings, visible } from "../../topology/findings/finding.ts";
import { suggestion } from "../../topology/findings/suggest.ts";
import { defaultOperator, type OperatorContract, operatorSchema } from "../../topology/operator/contract.ts";
import type { ObservedPeer, OperatorFacts } from "../../topology/operator/discovery/facts.ts";
import { isSure, type Judged, operatorBlock, settleContract } from "../../topology/operator/discovery/settle.ts";
import { withContract } from "../../topology/operator/discovery/written.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { colours as pc } from "../output/colours.ts";
import { configuredTopology } from "../stacks/environment-stacks.ts";
import { noSuchCluster } from "../topology/assert-cluster.ts";
import { assertWritable, topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface ContractOptions {
  readonly stack?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
  readonly peer?: string;
  readonly write?: boolean;
  readonly json?: boolean;
}

/** What of a topology file is needed; there may be none yet. */
interface Topology {
  readonly source: Source | undefined;
  readonly plan: Plan | undefined;
  readonly contract: OperatorContract;
}

/** `bigpeer contract`: what a cluster says of its operator, and the `operator:` block that fits.
 * @returns 0 if the contract fits, or does so now; 1 if it differs, or something could not be settled */
export async function contractCommand(argument: string | undefined, options: ContractOptions): Promise<number> {
  const topology = topologyOf(argument, options.stack);
  if (options.write && topology.source) assertWritable(topology.source.file, "--write");
  if (options.write && !topology.source)
    throw new UsageError(
      "--write needs a topology file, and there is none yet; name one as the argument, or a stack by --stack",
    );
  const place = placeOf(topology.plan, options);
  const facts = await readOperatorFacts(place, topology.contract, {
    namespaces: namespacesOf(topology.plan, place.cluster),
    peer: options.peer,
  }).catch((error: unknown) => {
    throw new UsageError(unreadable("the operator's objects", error, place, "list the operator's objects").message);
  });
  const names = facts.peers.map(({ name }) => name);
  if (options.peer !== undefined && !names.includes(options.peer))
    throw new UsageError(
      `--peer ${options.peer}: the cluster does not have this Big Peer; ${suggestion(options.peer, names, "peer")}`,
    );
  const judged = settleContract(topology.contract, facts);
  const written = options.write && topology.source ? write(topology.source, judged) : [];
  if (options.json) console.log(JSON.stringify(reportOf(judged, facts, written.length > 0), null, 2));
  else console.log(formatContract(judged, facts, written, topology.source?.file));
  const open = judged.some((each) => !isSure(each) || (each.differs && !written.includes(each)));
  return open ? 1 : 0;
}

function topologyOf(argument: string | undefined, stack: string | undefined): Topology {
  const isNamed = argument !== undefined || stack !== undefined;
  if (!isNamed && !existsSync(configuredTopology("dev", process.cwd())))
    return { source: undefined, plan: undefined, contract: defaultOperator };
  const file = topologyFile(argument, stack);
  const source = readSource(file);
  const { plan, findings } = checkFile(file);
  // With errors elsewhere the contract may still be one.
  const given = operatorSchema.safeParse(memberOf(source.value, "operator"));
  const contract = plan?.operator ?? (given.success ? given.data : undefined);
  if (!contract || source.findings.length > 0) throw new UsageError(formatFindings(findings, undefined, ""));
  return { source, plan, contract };
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

/** The cluster that is looked at: by its name in the topology, or by a context of the kubeconfig. */
function placeOf(plan: Plan | undefined, { cluster: name, context, kubeconfig }: ContractOptions) {
  const clusters = [...(plan?.clusters.values() ?? [])];
  const named = (each: (typeof clusters)[number]) => ({
    cluster: each.name,
    context: each.context,
    kubeconfig: each.kubeconfig ?? kubeconfig,
  });
  if (name !== undefined) {
    const found = clusters.find((each) => each.name === name);
    if (!found)
      throw noSuchCluster(
        name,
        clusters.map((each) => each.name),
      );
    return named(found);
  }
  if (context !== undefined) {
    const found = clusters.find((each) => each.context === context);
    return found ? named(found) : { cluster: undefined, context, kubeconfig };
  }
  const [only, another] = clusters;
  if (only && another)
    throw new UsageError(
      `the topology has ${clusters.length} clusters; name one: --context ${clusters.map((each) => each.context).join(" or --context ")}`,
    );
  return only ? named(only) : { cluster: undefined, context: undefined, kubeconfig };
}

function namespacesOf(plan: Plan | undefined, cluster: string | undefined): string[] {
  const peers = [...(plan?.peers.values() ?? [])].filter((peer) => cluster === undefined || peer.cluster === cluster);
  const namespaces = [plan?.clusters.get(cluster ?? "")?.namespace ?? "ditto", ...peers.map((each) => each.namespace)];
  return [...new Set(namespaces)];
}

function write(source: Source, judged: readonly Judged[]): readonly Judged[] {
  const { text, file, changed, refused } = withContract(source, judged);
  if (refused.length > 0)
    throw new UsageError(
      `${file} is unchanged, because what was found would not be valid there:\n${formatFindings(refused, undefined, "")}`,
    );
  if (changed.length > 0) writeFileSync(file, text);
  return changed;
}

function reportOf(judged: readonly Judged[], facts: OperatorFacts, written: boolean) {
  const [peer] = facts.peers;
  return {
    version: 1,
    peer: peer && { namespace: peer.namespace, name: peer.name },
    settings: judged.map(({ setting, value = null, current = null, confidence, differs, evidence }) => ({
      ...{ setting, value, current, confidence, differs, evidence },
    })),
    operator: operatorBlock(judged),
    written,
  };
}

/** Each setting with its value, how sure that is, and what was found where; then the block. */
export function formatContract(
  judged: readonly Judged[],
  facts: OperatorFacts,
  written: readonly Judged[],
  file: string | undefined,
): string {
  const block = operatorBlock(judged);
  const lines = [lookedAt(facts), ...judged.flatMap(formatSetting), ""];
  if (Object.keys(block).length === 0)
    lines.push(pc.dim("# everything that is certain equals the defaults of this release"));
  else lines.push(stringify({ operator: block }, { lineWidth: 0 }).trimEnd());
  const open = judged.filter((each) => !isSure(each));
  const differing = judged.filter((each) => each.differs && isSure(each));
  if (open.length > 0)
    lines.push(
      "",
      `${open.length} left for you to decide and not written: ${open.map(({ setting }) => setting).join(", ")}`,
    );
  if (written.length > 0) lines.push("", `written into ${file}: ${written.map(({ setting }) => setting).join(", ")}`);
  else if (differing.length === 0) lines.push("", "nothing that is certain differs from the contract");
  else if (file !== undefined) lines.push("", `--write puts it into ${file}`);
  return lines.join("\n");
}

function lookedAt({ peers, certificates, secrets }: OperatorFacts): string {
  const [peer] = peers;
  if (!peer) return pc.dim("read: the definitions; there is no Big Peer yet");
  const seen = (what: string, all: readonly unknown[] | undefined) =>
    all === undefined ? `no ${what} (there are none, or listing them is not allowed)` : `${all.length} ${what}`;
  return pc.dim(
    `read: the definitions, BigPeer ${nameOf(peer)}, ${seen("Certificates", certificates)}, the metadata of ${seen("Secrets", secrets)}`,
  );
}

function nameOf({ namespace, name }: ObservedPeer): string {
  return `${namespace}/${name}`;
}

function formatSetting({ setting, value, current, confidence, differs, evidence }: Judged): string[] {
  const paint = { certain: pc.green, likely: pc.cyan, guess: pc.yellow, unknown: pc.red }[confidence];
  const told = value === undefined ? "" : `  ${inOneLine(value)}`;
  return [
    "",
    `${pc.bold(setting)}${told}  ${paint(confidence)}${differs ? `, instead of ${inOneLine(current)}` : ""}`,
    ...evidence.map((each) => pc.dim(`  ${visible(each)}`)),
  ];
}

function inOneLine(value: unknown): string {
  return visible(typeof value === "string" ? value : JSON.stringify(value));
}
