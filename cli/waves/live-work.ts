import type { StackRun } from "../../engine/run-stack.ts";
import type { OwningStack } from "../../runners/stack-order.ts";
import type { Wave } from "../../runners/waves.ts";
import { planText } from "../../topology/check.ts";
import { formatFinding } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { Access } from "../../verify/access.ts";
import type { VerifyReport } from "../../verify/run.ts";
import { settledPart } from "../../verify/settled.ts";
import type { Progress } from "../progress/deploy-events.ts";
import type { Converged } from "../stacks/converge.ts";
import { type Limits, runStacks } from "../stacks/parallel-stacks.ts";
import { deployedTopology } from "../topology/stack-topology.ts";
import { UsageError } from "../usage-error.ts";
import type { Verified, WaveWork } from "./run-waves.ts";

export interface LiveWorkOptions {
  /** With the kubeconfigs by which clusters are asked. */
  readonly plan: Plan;
  /** As each stack plans it. */
  readonly declared: Plan;
  /** The topology's file. */
  readonly topology: string;
  /** The folder of the Pulumi project. */
  readonly directory: string;
  /** All stacks of the environment, also those that are in no wave. */
  readonly stacks: readonly OwningStack[];
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Runs stacks until nothing is pending. */
  readonly converge: (
    stacks: readonly string[],
    wave: Wave,
    others: { readonly before: ReadonlyMap<string, StackRun>; readonly later: ReadonlySet<string> },
  ) => Promise<Converged>;
  /** True: objects are refreshed, so no stack is known to need nothing. */
  readonly refresh: boolean;
  /** Look at the clusters before each wave. */
  readonly check: boolean;
  /** How the Big Peers are asked after each wave; undefined: nobody verifies. */
  readonly verify: VerifyAccess | undefined;
}

/** How the Big Peers are asked. */
export interface VerifyAccess {
  readonly access: Access;
  /** How long a document may take to arrive, in milliseconds. */
  readonly deadlineMs: number;
}

/** The work of waves on real stacks and clusters. */
export class LiveWork implements WaveWork {
  readonly #options: LiveWorkOptions;
  /** Plans by the text that stacks were deployed from: many have the same. */
  readonly #plans = new Map<string, Plan | undefined>();
  /** By stack: what it was deployed from before this run; a stack that runs in a later wave keeps it. */
  readonly #deployed = new Map<string, Plan | undefined>();

  constructor(options: LiveWorkOptions) {
    this.#options = options;
  }

  async current(stacks: readonly string[]): Promise<ReadonlyMap<string, StackRun>> {
    const { declared, directory, topology, stacks: all, refresh } = this.#options;
    if (refresh) return new Map();
    const { currentStacks } = await import("./current-stacks.ts");
    const names = all.map(({ name }) => name);
    const current = await currentStacks(declared, names, { directory, topology });
    return new Map([...current].filter(([stack]) => stacks.includes(stack)));
  }

  async check(wave: Wave, stacks: readonly string[]): Promise<string | undefined> {
    const { plan, topology: file, directory: project, limits, signal, progress } = this.#options;
    if (!this.#options.check) return undefined;
    const { StackChecks } = await import("../live/check-stack.ts");
    const checks = new StackChecks(plan, { file, project });
    const { results } = await runStacks(
      stacks,
      async (stack) => {
        const findings = await checks.findings({ name: stack, clusters: this.#clustersOf([stack]) });
        return { stack, findings, error: undefined };
      },
      { parallel: limits.parallel, keepGoing: true, signal },
    );
    const found = results.flatMap(({ stack, findings }) => findings.map((finding) => ({ stack, finding })));
    for (const { stack, finding } of found) {
      const { severity, rule } = finding;
      progress.on({ event: "finding", wave: wave.name, stack, severity, rule, text: formatFinding(finding) });
    }
    const errors = found.filter(({ finding }) => finding.severity === "error");
    if (errors.length === 0) return signal.aborted ? "interrupted" : undefined;
    return errors.map(({ stack, finding }) => `${stack}: ${finding.what}. Fix: ${finding.fix}`).join("\n");
  }

  update(
    wave: Wave,
    stacks: readonly string[],
    others: { readonly before: ReadonlyMap<string, StackRun>; readonly later: ReadonlySet<string> },
  ): Promise<Converged> {
    return this.#options.converge(stacks, wave, others);
  }

  get verify(): WaveWork["verify"] {
    const { verify } = this.#options;
    return verify && ((wave, stacks, settled) => this.#verify(wave, { stacks, settled }, verify));
  }

  async #verify(
    wave: Wave,
    { stacks, settled }: { readonly stacks: readonly string[]; readonly settled: ReadonlySet<string> },
    options: VerifyAccess,
  ): Promise<Verified> {
    const { plan, signal, progress } = this.#options;
    const [touched, done] = [this.#clustersOf(stacks), this.#clustersOf([...settled])];
    const deployed = await this.#deployedFrom(touched, done);
    const part = settledPart(plan, { touched, settled: done }, (cluster) => deployed.get(cluster));
    const counted = { event: "verify", wave: wave.name, probes: part.probes } as const;
    let [ended, failed] = [0, 0];
    progress.on({ ...counted, state: "started", ended, failed });
    const { verify } = await import("../../verify/run.ts");
    const report = await verify({
      ...{ plan: part.plan, only: part.only, signal },
      access: options.access,
      deadlineMs: options.deadlineMs,
      onResult: ({ passed }) => {
        ended += 1;
        if (!passed) failed += 1;
        progress.on({ ...counted, state: "running", ended, failed });
      },
    });
    progress.on({ ...counted, state: report.passed ? "passed" : "failed", ended, failed });
    return { probes: part.probes, ...(report.passed ? {} : { why: failuresOf(report) }) };
  }

  /** For each cluster around some that is not settled: the plan that it was last deployed from. */
  async #deployedFrom(
    touched: ReadonlySet<string>,
    settled: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, Plan | undefined>> {
    const { plan, stacks, directory, limits, signal } = this.#options;
    const inside = [...plan.peers.values()].filter(({ cluster }) => touched.has(cluster));
    const linked = inside.flatMap(({ trusts }) => trusts.map(({ peer }) => plan.peers.get(peer)?.cluster ?? ""));
    const around = new Set(linked.filter((cluster) => !settled.has(cluster)));
    const owners = stacks.filter(({ clusters }) => [...clusters].some((cluster) => around.has(cluster)));
    const look = async (stack: string) => {
      this.#deployed.set(stack, this.#planOf(await textOf(stack, directory)));
      return {};
    };
    const unread = owners.map(({ name }) => name).filter((name) => !this.#deployed.has(name));
    await runStacks(unread, look, { parallel: limits.parallel, keepGoing: true, signal });
    return new Map(
      owners.flatMap(({ name, clusters }) =>
        [...clusters].map((cluster) => [cluster, this.#deployed.get(name)] as const),
      ),
    );
  }

  #planOf(text: string | undefined): Plan | undefined {
    if (text === undefined) return undefined;
    if (!this.#plans.has(text)) this.#plans.set(text, planOrNone(text));
    return this.#plans.get(text);
  }

  #clustersOf(names: readonly string[]): ReadonlySet<string> {
    const wanted = new Set(names);
    return new Set(
      this.#options.stacks.filter(({ name }) => wanted.has(name)).flatMap(({ clusters }) => [...clusters]),
    );
  }
}

/** What a stack was deployed from; undefined where it never was, or where it cannot be read. */
async function textOf(stack: string, directory: string): Promise<string | undefined> {
  try {
    return await deployedTopology(stack, directory);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The plan of a text; undefined for one with errors, which an earlier release may have accepted. */
function planOrNone(text: string): Plan | undefined {
  try {
    return planText(text).plan;
  } catch {
    return undefined;
  }
}

const maxSaid = 10;

function failuresOf({ results, trust, leftovers }: VerifyReport): string {
  const failed = results.filter(({ passed }) => !passed);
  const alike = [...Map.groupBy(failed, ({ message }) => message).values()];
  const probes = alike.flatMap(([first, ...others]) => {
    if (!first) return [];
    const { probe, message, next } = first;
    const more = others.length > 0 ? ` (and ${others.length} more alike)` : "";
    const said = `${probe.replication}: ${probe.from} → ${probe.to}  ${probe.collection}  ${message}${more}`;
    return [next === undefined ? said : `${said}\n  next: ${next}`];
  });
  const rest = alike.length > maxSaid ? [`and ${alike.length - maxSaid} more`] : [];
  return [
    ...probes.slice(0, maxSaid),
    ...rest,
    ...trust.map(({ truster, what, mend }) => `${truster} ${what}\n  fix: ${mend}`),
    ...leftovers.map((each) => `left behind: ${each}`),
  ].join("\n");
}
