import { z } from "zod";
import { contractCheck } from "../../program/contract-check.ts";
import { contractJudgement } from "../../program/contract-judgement.ts";
import { controllerCheck } from "../../program/controller-check.ts";
import { takeovers } from "../../program/takeovers.ts";
import { readWrittenKeys } from "../../program/written-keys.ts";
import type { Checked } from "../../topology/check.ts";
import { readSource } from "../../topology/file/source.ts";
import { withExcerpts } from "../../topology/findings/excerpt.ts";
import { Finding } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { live } from "../../topology/rules/live.ts";
import { observeTrust } from "../../trust/observed-trust.ts";
import { staleTrust } from "../../trust/stale-trust.ts";
import { planWithStacks } from "../stacks/plan-with-stacks.ts";
import { stackOutputs } from "../topology/stack-topology.ts";
import { deployedLosses } from "./deployed-losses.ts";
import { needKubeconfig } from "./need-kubeconfig.ts";
import { waysToPeers } from "./ways-to-peers.ts";

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
      const asked = await Promise.all([
        liveFindings(checked.plan, options, file),
        options.stack === undefined ? [] : deployedLosses(checked.plan, { file, stack: options.stack }, process.cwd()),
      ]);
      const located = asked.flat().map((each) => each.with({ location: source.locate(each.path) }));
      const findings = [...checked.findings, ...withExcerpts(source, located)];
      return { file, checked: { ...checked, findings } };
    }),
  );
}

const exports = z.object({
  objects: z.object({ value: z.string() }).optional(),
  topology: z.object({ value: z.object({ apps: z.record(z.string(), z.object({ id: z.string() })) }) }).optional(),
});

/** What a stack says that it has. */
async function exportedObjects(stack: string | undefined) {
  const outputs = stack === undefined ? {} : await stackOutputs(stack, process.cwd());
  const { objects, topology } = exports.safeParse(outputs).data ?? {};
  const ids = Object.entries(topology?.value.apps ?? {}).map(([app, { id }]) => [app, id] as const);
  return { written: readWrittenKeys({ objects: objects?.value }), ids: new Map(ids) };
}

async function liveFindings(
  plan: Plan,
  { kubeconfig: fallback, stack }: { readonly kubeconfig?: string | undefined; readonly stack?: string | undefined },
  file: string,
): Promise<Finding[]> {
  const sources = [...plan.clusters.values()].map(({ name, context, kubeconfig }) => ({
    cluster: name,
    context,
    kubeconfig: kubeconfig ?? fallback,
  }));
  const found = await Promise.all([
    contractCheck(plan, sources, (...cluster) => contractJudgement(plan, ...cluster)),
    controllerCheck(plan, sources, file),
    exportedObjects(stack).then(({ written, ids }) =>
      takeovers(plan, sources, { written, ids, former: new Map(), state: undefined }),
    ),
    trustFindings(planWithStacks(plan, file, process.cwd(), { stack, kubeconfig: fallback }), fallback),
  ]);
  return found.flat();
}

/** Finds which deployed Big Peers do not trust the current CA of another. */
async function trustFindings(plan: Plan, kubeconfig: string | undefined): Promise<Finding[]> {
  const seen = await observeTrust(plan, kubeconfig, await waysToPeers(plan, { kubeconfig }));
  return staleTrust(plan, seen).map(
    ({ truster, what, mend }) =>
      new Finding(live.staleTrust, { path: ["peers", truster], what: `${truster} ${what}`, fix: mend }),
  );
}
