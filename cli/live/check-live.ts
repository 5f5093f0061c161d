import { contractCheck } from "../../program/contract-check.ts";
import { contractJudgement } from "../../program/contract-judgement.ts";
import { controllerCheck } from "../../program/controller-check.ts";
import type { Checked } from "../../topology/check.ts";
import { readSource } from "../../topology/file/source.ts";
import { withExcerpts } from "../../topology/findings/excerpt.ts";
import type { Finding } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { deployedLosses } from "./deployed-losses.ts";
import { needKubeconfig } from "./need-kubeconfig.ts";

interface Judged {
  readonly file: string;
  readonly checked: Checked;
}

/** What was found in files, and after it what their clusters lack and what the stack would lose. Without a plan nobody knows what to ask a cluster.
 * @throws UsageError if none of a file's clusters can be asked, or the stack cannot be read */
export async function withLiveFindings(
  judged: readonly Judged[],
  options: { readonly kubeconfig?: string | undefined; readonly stack?: string | undefined },
): Promise<Judged[]> {
  return Promise.all(
    judged.map(async ({ file, checked }) => {
      if (!checked.plan) return { file, checked };
      await needKubeconfig(checked.plan, options.kubeconfig);
      const source = readSource(file);
      const live = await Promise.all([
        liveFindings(checked.plan, options.kubeconfig),
        options.stack === undefined ? [] : deployedLosses(checked.plan, options.stack, process.cwd()),
      ]);
      const located = live.flat().map((each) => each.with({ location: source.locate(each.path) }));
      const findings = [...checked.findings, ...withExcerpts(source, located)];
      return { file, checked: { ...checked, findings } };
    }),
  );
}

async function liveFindings(plan: Plan, fallback: string | undefined): Promise<Finding[]> {
  const sources = [...plan.clusters.values()].map(({ name, context, kubeconfig }) => ({
    cluster: name,
    context,
    kubeconfig: kubeconfig ?? fallback,
  }));
  const found = await Promise.all([
    contractCheck(plan, sources, (...cluster) => contractJudgement(plan, ...cluster)),
    controllerCheck(plan, sources),
  ]);
  return found.flat();
}
