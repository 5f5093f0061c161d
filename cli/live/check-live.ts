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
import type { Selection } from "../../topology/selection/selection.ts";
import { surroundingsOf } from "../../topology/selection/surroundings.ts";
import { observeTrust } from "../../trust/observed-trust.ts";
import { staleTrust } from "../../trust/stale-trust.ts";
import { selectedOrThrow } from "../topology/selected.ts";
import { stackOutputs } from "../topology/stack-topology.ts";
import { deployedLosses } from "./deployed-losses.ts";
import { needKubeconfig } from "./need-kubeconfig.ts";
import { waysToPeers } from "./ways-to-peers.ts";

interface Judged {
  readonly file: string;
  readonly checked: Checked;
}

interface LiveOptions extends Selection {
  readonly kubeconfig?: string | undefined;
  readonly stack?: string | undefined;
}

/** What was found in files, and after it what their clusters lack and what the stack would lose. Without a plan nobody knows what to ask a cluster.
 * @throws UsageError if none of a file's clusters can be asked, or the stack cannot be read */
export async function withLiveFindings(judged: readonly Judged[], options: LiveOptions): Promise<Judged[]> {
  return Promise.all(
    judged.map(async ({ file, checked }) => {
      if (!checked.plan) return { file, checked };
      const { plan } = checked;
      const { narrowed, clusters } = selectedOrThrow(plan, options);
      const selected = narrowed ? clusters : new Set(plan.clusters.keys());
      await needKubeconfig(surroundingsOf(plan, selected), options.kubeconfig);
      const source = readSource(file);
      const asked = await Promise.all([
        liveFindings(plan, { ...options, clusters: selected, project: process.cwd() }, file),
        trustFindings(plan, selected, options.kubeconfig),
        options.stack === undefined ? [] : deployedLosses(plan, { file, stack: options.stack }, process.cwd()),
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
async function exportedObjects(stack: string | undefined, project: string) {
  const outputs = stack === undefined ? {} : await stackOutputs(stack, project);
  const { objects, topology } = exports.safeParse(outputs).data ?? {};
  const ids = Object.entries(topology?.value.apps ?? {}).map(([app, { id }]) => [app, id] as const);
  return { written: readWrittenKeys({ objects: objects?.value }), ids: new Map(ids) };
}

/** What clusters lack of what would be written to them, and what there would be taken over from somebody else.
 * @throws UsageError if the stack cannot be read */
export async function liveFindings(
  plan: Plan,
  {
    kubeconfig: fallback,
    stack,
    clusters,
    project,
  }: {
    readonly kubeconfig?: string | undefined;
    /** The one whose objects are not taken over; undefined: nobody has any. */
    readonly stack?: string | undefined;
    readonly clusters: ReadonlySet<string>;
    /** The folder of the Pulumi project. */
    readonly project: string;
  },
  file: string,
): Promise<Finding[]> {
  const asked = [...plan.clusters.values()].filter(({ name }) => clusters.has(name));
  const sources = asked.map(({ name, context, kubeconfig }) => ({
    cluster: name,
    context,
    kubeconfig: kubeconfig ?? fallback,
  }));
  const found = await Promise.all([
    contractCheck(plan, sources, (...cluster) => contractJudgement(plan, ...cluster)),
    controllerCheck(plan, sources, file),
    exportedObjects(stack, project).then(({ written, ids }) =>
      takeovers(plan, sources, { written, ids, former: new Map(), state: undefined }),
    ),
  ]);
  return found.flat();
}

/** Finds which deployed Big Peers of some clusters do not trust the current CA of another, or are not trusted. */
async function trustFindings(
  plan: Plan,
  clusters: ReadonlySet<string>,
  kubeconfig: string | undefined,
): Promise<Finding[]> {
  const asked = surroundingsOf(plan, clusters);
  const seen = await observeTrust(asked, kubeconfig, await waysToPeers(asked, { kubeconfig }));
  return staleTrust(asked, seen).map(
    ({ truster, what, mend }) =>
      new Finding(live.staleTrust, { path: ["peers", truster], what: `${truster} ${what}`, fix: mend }),
  );
}
