import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { readSource } from "../../topology/file/source.ts";
import { importTopology } from "../../topology/import/import-topology.ts";
import type { LeftOut } from "../../topology/import/left-out.ts";
import { defaultOperator, type OperatorContract, operatorSchema } from "../../topology/operator/contract.ts";
import { readContents } from "../live/cluster-contents.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { UsageError } from "../usage-error.ts";

interface ImportOptions {
  readonly context: readonly string[];
  readonly namespace?: string;
  readonly kubeconfig?: string;
  /** File whose `operator:` says how the operator differs from what is taken for granted. */
  readonly contract?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `bigpeer import`: the topology of what runs in some clusters.
 * @returns 1 if something was found that the topology does not say, else 0
 * @throws UsageError if a cluster cannot be read, or the file cannot be written */
export async function importCommand(options: ImportOptions): Promise<number> {
  if (options.context.length === 0)
    throw new UsageError("--context: name a context of your kubeconfig for each cluster (kubectl config get-contexts)");
  const clusters = options.context.map(clusterOf);
  const twice = clusters.find(({ cluster }, index) => clusters.findIndex((each) => each.cluster === cluster) < index);
  if (twice)
    throw new UsageError(`--context names the cluster ${twice.cluster} twice; write <cluster>=<context> for each`);
  const { kubeconfig, namespace } = options;
  const { contract, written } = contractOf(options.contract);
  const wanted = clusters.map(({ cluster: name, context }) => [name, { name, context, kubeconfig }] as const);
  await needKubeconfig({ clusters: new Map(wanted) }, kubeconfig);
  const contents = await Promise.all(
    clusters.map((each) => readContents({ ...each, kubeconfig }, { contract, namespace })),
  ).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
  const found = importTopology(contract, contents);
  const topology = { ...(written === undefined ? {} : { operator: written }), ...found.topology };
  const { leftOut } = found;
  const text = options.json
    ? `${JSON.stringify({ version: 1, topology, leftOut }, null, 2)}\n`
    : stringify(topology, { lineWidth: 0 });
  if (options.out === undefined) process.stdout.write(text);
  else writeNew(options.out, text);
  if (!options.json) for (const line of leftOut.map(leftOutText)) console.error(line);
  if (options.out !== undefined)
    console.error(
      `next: bigpeer check ${options.out}, then pulumi preview, which shows what it takes over and changes`,
    );
  return leftOut.length === 0 ? 0 : 1;
}

/** The contract that a file writes, and the block as it is written there.
 * @throws UsageError if the file cannot be read, or its block is none */
function contractOf(file: string | undefined): { readonly contract: OperatorContract; readonly written: unknown } {
  if (file === undefined) return { contract: defaultOperator, written: undefined };
  const source = readSource(file);
  const { value } = source;
  const written: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "operator") : undefined;
  const [finding] = source.findings;
  if (finding) throw new UsageError(`--contract ${file}: ${finding.what}; ${finding.fix}`);
  if (written === undefined)
    throw new UsageError(
      `--contract ${file}: it has no \`operator:\`; write what \`bigpeer contract --context <name>\` prints into it`,
    );
  const parsed = operatorSchema.safeParse(written);
  if (!parsed.success)
    throw new UsageError(
      `--contract ${file}: operator.${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
    );
  return { contract: parsed.data, written };
}

function clusterOf(argument: string): { readonly cluster: string; readonly context: string } {
  const [, cluster, context] = /^([^=]+)=(.+)$/.exec(argument) ?? [];
  return cluster === undefined || context === undefined
    ? { cluster: argument, context: argument }
    : { cluster, context };
}

function leftOutText({ cluster, object, reason, offer }: LeftOut): string {
  return `${cluster}: ${object}: ${reason}\n  fix: ${offer}`;
}

/** A topology that is there is somebody's work. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
