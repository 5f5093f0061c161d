import { operatorSchema } from "../../topology/operator/contract.ts";
import { planProbes } from "../../verify/probes.ts";
import { verify } from "../../verify/run.ts";
import { allHabits, Deployment } from "../support/deployment.ts";
import { sourceOf } from "../support/files-in-memory.ts";
import { createIssuer } from "../support/lab-issuer.ts";
import { type Edit, editedText, editsOf, filesOf, first, soakIssuer } from "./edits.ts";
import { LiveState } from "./live-state.ts";

export interface SoakOptions {
  readonly seed: number;
  readonly edits: number;
  /** Edits that are made without a look at the clusters between them: where a run that was ended goes on. */
  readonly skip?: number;
  /** When it ends early, as `performance.now()` tells time. */
  readonly until?: number | undefined;
  /** Interrupts it. */
  readonly signal?: AbortSignal;
  readonly print?: (line: string) => void;
}

/** Peers are probed by replication, so many of them after each edit. */
const sample = 2;
const deadlineMs = 20_000;

/** Deploys a topology, edits it again and again, and after each edit sees that the clusters are what the plan says, and nothing else.
 * @returns how many edits have been made, the skipped ones included
 * @throws Error at the first edit after which they are not, with what replays it */
export async function soak({ seed, edits, skip = 0, until, signal, print = () => {} }: SoakOptions): Promise<number> {
  const all = [...editsOf(seed, edits)];
  const start = (skip === 0 ? undefined : all[skip - 1]?.files) ?? filesOf(first);
  // While peers move to an issuer and back, a Secret holds the CA before and the one after.
  const reading = operatorSchema.parse({ trustSecret: { bundle: true } });
  const deployment = await Deployment.start(sourceOf(start).asOneFile(), undefined, reading, allHabits);
  const write = ({ "topology.yaml": topology = "", ...beside }: Readonly<Record<string, string>>) =>
    deployment.write(topology, beside);
  write(start);
  const interrupt = () => void deployment.engine.interrupt();
  signal?.addEventListener("abort", interrupt);
  const live = new LiveState((context) => deployment.kubeConfig(context));
  let files = start;
  let done = skip;
  try {
    const clusters = deployment.lab.description.clusters.map(({ name }) => deployment.kubeConfig(name));
    await createIssuer(clusters, soakIssuer);
    await deployment.up();
    for (const [index, edit] of all.entries()) {
      if (index < skip) continue;
      signal?.throwIfAborted();
      const began = performance.now();
      try {
        write(edit.files);
        await deployment.up();
        if (edit.movesTrust) {
          await live.casAsPlanned(edit.plan, deadlineMs);
          await deployment.up();
        }
        const updated = performance.now();
        await mustBeEmpty(() => live.differences(edit.plan));
        const probes = await probe(deployment, edit);
        const seconds = [updated - began, performance.now() - updated].map((each) => (each / 1000).toFixed(1));
        print(`${index + 1}  ${edit.what}  up ${seconds[0]} s, checked in ${seconds[1]} s with ${probes} probes`);
      } catch (error) {
        signal?.throwIfAborted();
        throw new Error(failure(seed, index, edit, editedText(files), error));
      }
      files = edit.files;
      done = index + 1;
      if (until !== undefined && performance.now() > until) break;
    }
    const last = all[done - 1];
    if (last) await atTheEnd(deployment, live, last);
    return done;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    await deployment.stop();
  }
}

/** Nothing more changes, and a destroy leaves nothing. */
async function atTheEnd(deployment: Deployment, live: LiveState, { plan }: Edit): Promise<void> {
  // A CA that is new is trusted beside the one before for one pass.
  await deployment.up();
  await deployment.up("dev", ["--expect-no-changes"]);
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "destroy");
  if (exitCode !== 0) throw new Error(`pulumi destroy:\n${stdout}${stderr}`);
  await mustBeEmpty(() => live.leftovers(plan));
}

async function mustBeEmpty(look: () => Promise<string[]>): Promise<void> {
  const found = await look();
  if (found.length > 0) throw new Error(found.join("\n"));
}

async function probe(deployment: Deployment, { plan, pick }: Edit): Promise<number> {
  const names = [...plan.replications.keys()];
  const chosen = new Set(
    Array.from({ length: sample }, (_, index) => names[pick(5 + index) % Math.max(1, names.length)]),
  );
  const only = ({ replication }: { replication: string }) => chosen.has(replication);
  const report = await verify({
    plan,
    access: { kubeconfig: deployment.lab.kubeconfig, reach: "cluster-ip", apis: {}, managementApis: {} },
    deadlineMs,
    only,
  });
  const failed = report.results.filter(({ passed }) => !passed);
  const lines = failed.map(
    ({ probe: { replication, from, to, collection }, message }) =>
      `${replication}: ${from} -> ${to} ${collection}: ${message}`,
  );
  const wrong = [...lines, ...report.leftovers.map((each) => `left behind by verify: ${each}`)];
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return planProbes(plan).filter(only).length;
}

function failure(seed: number, index: number, edit: Edit, before: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return [
    `edit ${index + 1} of seed ${seed} (${edit.what}): ${message}`,
    `the topology before:\n${before}`,
    `the topology after:\n${editedText(edit.files)}`,
    `again, from the beginning: npm run soak -- --seed ${seed} --edits ${index + 1}`,
    `again, this edit alone:    npm run soak -- --seed ${seed} --edits ${index + 1} --skip ${index}`,
  ].join("\n");
}
