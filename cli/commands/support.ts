import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type KubeconfigSource, loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { count } from "../../report/words.ts";
import { writeArchive } from "../../support/archive.ts";
import { collectBundle } from "../../support/collect.ts";
import { missingLines } from "../../support/summary.ts";
import { checkSource } from "../../topology/check.ts";
import { readSource } from "../../topology/file/source.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { projectVersions } from "../project/project-versions.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { assertCluster } from "../topology/assert-cluster.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface SupportOptions {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly cluster?: readonly string[];
  readonly output?: string;
  readonly logLines: string;
  readonly json?: boolean;
}

const maxLines = 100_000;
/** The end of each log that is kept, in bytes. */
const bytesOfLog = 512 * 1024;

/** `bigpeer support`: collects what somebody who helps needs to know, in one archive. @returns 0 */
export async function supportCommand(argument: string | undefined, options: SupportOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const lines = Number(options.logLines);
  if (!Number.isInteger(lines) || lines < 1 || lines > maxLines)
    throw new UsageError(`--log-lines ${options.logLines}: write a whole number from 1 to ${maxLines}`);
  const now = new Date();
  const folder = `bigpeer-support-${basename(file)
    .replace(/\.\w+$/, "")
    .replace(/[^\w.-]/g, "_")}-${now.toISOString().slice(0, 19).replace(/[-:]/g, "")}`;
  const output = resolve(options.output ?? `${folder}.tar.gz`);
  if (existsSync(output)) throw new UsageError(`--output ${output}: the file exists already, and is not overwritten`);
  const source = readSource(file);
  const checked = checkSource(source);
  const only = options.cluster ?? [];
  if (checked.plan) for (const name of only) assertCluster(name, checked.plan.clusters.keys());
  const sharing = stacksOfTopology(file, process.cwd());
  const stacks = sharing.length > 0 ? sharing : [options.stack ?? "dev"];
  const { files, missing } = await collectBundle({
    ...{ source, checked, stacks, now, project: process.cwd(), kubeconfig: options.kubeconfig },
    clusters: (name) => only.length === 0 || only.includes(name),
    limits: { lines, bytes: bytesOfLog },
    secrets: checked.plan ? credentials(checked.plan, options.kubeconfig) : [],
    version: projectVersions().own,
  });
  await writeArchive(output, folder, files).catch((error: unknown) => {
    throw new UsageError(`${output} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  });
  const paths = files.map(({ path }) => path);
  if (options.json) console.log(JSON.stringify({ version: 1, output, files: paths, missing }, null, 2));
  else
    console.log(
      [
        `${output}: ${count(files.length, "file")}; secrets are masked, and README.md lists the content`,
        ...(missing.length === 0 ? [] : ["This could not be read:", ...missingLines(missing)]),
        "next: look through it before you pass it on; it contains the names of clusters, hosts and collections, and queries",
      ].join("\n"),
    );
  return 0;
}

/** The credentials by which the clusters are reached: an error message or a log line may quote one. */
function credentials({ clusters }: Plan, kubeconfig: string | undefined): string[] {
  return [...clusters.values()].flatMap(({ context, kubeconfig: own }) => {
    const source: KubeconfigSource = { context, kubeconfig: own ?? kubeconfig };
    try {
      const user = loadKubeConfig(source).getCurrentUser();
      return [user?.token, user?.password, user?.keyData].filter((secret) => secret !== undefined);
    } catch {
      // The cluster's own entry says why its kubeconfig cannot be used.
      return [];
    }
  });
}
