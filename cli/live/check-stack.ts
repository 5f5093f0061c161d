import { readSource, type Source } from "../../topology/file/source.ts";
import type { Finding } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";
import { liveFindings } from "./check-live.ts";
import { deployedLosses } from "./deployed-losses.ts";

export interface StackToCheck {
  readonly name: string;
  /** The clusters that it owns. */
  readonly clusters: ReadonlySet<string>;
}

/**
 * What `check --live -s <stack>` finds in the clusters of a stack and in what it would lose. The trust in its peers is left out: what is
 * stale there is what the update renews.
 */
export class StackChecks {
  readonly #plan: Plan;
  readonly #file: string;
  readonly #project: string;
  #source: Source | undefined;

  constructor(plan: Plan, where: { readonly file: string; readonly project: string }) {
    this.#plan = plan;
    this.#file = where.file;
    this.#project = where.project;
  }

  /** @throws UsageError if the stack is there and cannot be read */
  async findings({ name, clusters }: StackToCheck): Promise<Finding[]> {
    const [file, project] = [this.#file, this.#project];
    const asked = { clusters, project };
    const found = await Promise.all([
      liveFindings(this.#plan, { ...asked, stack: name }, file),
      deployedLosses(this.#plan, { file, stack: name }, project),
    ]).catch((error: unknown) => {
      // One that is not there yet has nothing, and loses nothing.
      if (!(error instanceof UsageError) || !error.message.includes(`the backend has no stack "${name}"`)) throw error;
      return Promise.all([liveFindings(this.#plan, asked, file)]);
    });
    this.#source ??= readSource(file);
    const source = this.#source;
    return found.flat().map((each) => each.with({ location: source.locate(each.path) }));
  }
}
