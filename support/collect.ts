import type { Checked } from "../topology/check.ts";
import type { Source } from "../topology/file/source.ts";
import { secretsOfSource } from "../topology/secrets/source.ts";
import type { ArchivedFile } from "./archive.ts";
import { type BundleFile, type Collected, joined, type Missing } from "./bundle.ts";
import { clusterFiles } from "./cluster-files.ts";
import type { LogLimits } from "./pod-logs.ts";
import { Redaction } from "./redaction.ts";
import { stackFiles } from "./stack-files.ts";
import { summaryText } from "./summary.ts";
import { topologyFiles } from "./topology-files.ts";
import { versionsFile } from "./versions.ts";

export interface BundleRequest {
  readonly source: Source;
  readonly checked: Checked;
  /** The folder of the Pulumi project. */
  readonly project: string;
  /** The stacks that have the topology. */
  readonly stacks: readonly string[];
  readonly kubeconfig: string | undefined;
  /** Clusters that are asked. */
  readonly clusters: (name: string) => boolean;
  readonly limits: LogLimits;
  /** Secrets beyond those that can be told by names and forms, such as a kubeconfig's credentials. */
  readonly secrets: readonly string[];
  /** This package's version. */
  readonly version: string;
  readonly now: Date;
}

export interface Bundle {
  /** Without secrets; the summary first. */
  readonly files: readonly ArchivedFile[];
  readonly missing: readonly Missing[];
}

/** More than that of logs is not mailed to anybody; a fleet has hundreds of clusters. */
const maxLogBytes = 64 * 1024 * 1024;

/** Collects a support bundle. What cannot be read never stops it. */
export async function collectBundle(request: BundleRequest): Promise<Bundle> {
  const { source, checked, project, stacks, kubeconfig, limits, version, now } = request;
  const { plan } = checked;
  const clusters = [...(plan?.clusters.values() ?? [])].filter(({ name }) => request.clusters(name));
  const noPlan: Missing[] = plan
    ? []
    : [{ cluster: undefined, reason: "the topology has errors, so it is not known which clusters to ask" }];
  const all = joined([
    { files: topologyFiles(source, checked), missing: noPlan },
    await versionsFile(version),
    await stackFiles(plan, project, stacks),
    ...(plan ? await Promise.all(clusters.map((each) => clusterFiles(plan, each, kubeconfig, limits))) : []),
  ]);
  const { files, missing } = withinBudget(all);
  const redaction = new Redaction();
  for (const secret of [...secretsOfSource(source).texts, ...request.secrets]) redaction.add(secret);
  for (const { content, clean } of files) if (!clean && typeof content !== "string") redaction.learn(content);
  const told = missing.map(({ cluster, reason }) => ({ cluster, reason: redaction.text(reason) }));
  const summary = summaryText({ topology: source.file, version, made: now, files, missing: told });
  return {
    files: [
      { path: "README.md", text: redaction.text(summary, true) },
      ...files.map(({ path, content, clean }) => ({ path, text: redaction.text(content, clean) })),
    ],
    missing: told,
  };
}

/** Leaves out the logs that would make the bundle too large, and says so. */
function withinBudget({ files, missing }: Collected): Collected {
  let left = maxLogBytes;
  const kept: BundleFile[] = [];
  const dropped: Missing[] = [];
  for (const file of files) {
    const isLog = file.path.endsWith(".log") && typeof file.content === "string";
    if (isLog) left -= Buffer.byteLength(String(file.content));
    if (!isLog || left >= 0) kept.push(file);
    else
      dropped.push({
        cluster: undefined,
        reason: `${file.path} was left out, since all logs together would be larger than ${maxLogBytes} bytes; use --cluster, or fewer --log-lines`,
      });
  }
  return { files: kept, missing: [...missing, ...dropped] };
}
