import { loadPlan } from "../../topology/check.ts";
import type { ApiVersion } from "../../verify/document-api.ts";
import { type ProbeResult, type VerifyReport, verify } from "../../verify/run.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { tokenOwner } from "../live/token-owner.ts";
import { colours as pc } from "../output/colours.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface VerifyCommandOptions {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly reach: string;
  readonly api: Record<string, string>;
  readonly managementApi: Record<string, string>;
  readonly managementToken?: string;
  readonly apiVersion?: ApiVersion;
  readonly deadline: string;
  readonly json?: boolean;
}

/** Probes a deployed topology. @returns 1 if a probe failed, else 0 */
export async function verifyCommand(argument: string | undefined, options: VerifyCommandOptions): Promise<number> {
  const { plan } = loadPlan(topologyFile(argument, options.stack));
  const { reach } = options;
  if (reach !== "port-forward" && reach !== "cluster-ip")
    throw new UsageError(`--reach ${reach}: write port-forward or cluster-ip`);
  const seconds = Number(options.deadline);
  if (!(seconds > 0)) throw new UsageError(`--deadline ${options.deadline}: write a number of seconds`);
  // Without replications there is nothing to ask a cluster.
  if (plan.replications.size > 0) await needKubeconfig(plan, options.kubeconfig);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error("interrupted"));
  // Not once: the terminal and npm each send one, and the second would end it before it has cleaned up.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  const report = await verify({
    plan,
    access: {
      kubeconfig: options.kubeconfig,
      reach,
      apis: options.api,
      managementApis: options.managementApi,
      managementToken: tokenOwner(options.managementToken),
      apiVersion: options.apiVersion,
    },
    deadlineMs: seconds * 1000,
    signal: interrupted.signal,
    onResult: options.json ? undefined : (result) => console.log(formatResult(result)),
  });
  console.log(options.json ? JSON.stringify(report, null, 2) : formatSummary(report));
  return report.passed ? 0 : 1;
}

/** One line: what was asked, what was seen, how long it took. */
export function formatResult({ probe, passed, milliseconds, message }: ProbeResult): string {
  const arrow = probe.expected === "arrives" ? "→" : "⇥";
  const sign = passed ? pc.green("✓") : pc.red("✗");
  return `${sign} ${probe.replication}: ${probe.from} ${arrow} ${probe.to}  ${probe.collection}  ${message}  ${pc.dim(`${milliseconds} ms`)}`;
}

/** The closing line, and what could not be taken away again. */
export function formatSummary({ results, leftovers, trust, notCompared }: VerifyReport): string {
  const failed = results.filter(({ passed }) => !passed).length;
  const lines = [
    ...trust.flatMap(({ truster, what, mend }) => [`${pc.red("✗")} ${truster} ${what}`, `  ${pc.dim("fix:")} ${mend}`]),
    ...notCompared.map((each) => pc.dim(`not compared with the trust in it: ${each}`)),
    ...leftovers.map((each) => `left behind: ${each}`),
  ];
  if (results.length === 0) return [...lines, "nothing to verify: the topology has no replications"].join("\n");
  return [
    ...lines,
    `${results.length - failed} of ${results.length} probes passed${failed > 0 ? `, ${failed} failed` : ""}${trust.length > 0 ? `; ${trust.length} without trust in each other` : ""}`,
  ].join("\n");
}
