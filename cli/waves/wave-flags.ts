import type { Plan, PlannedWave } from "../../topology/plan/plan.ts";
import { planWave } from "../../topology/plan/waves.ts";
import { selectionProblems, selectorOf } from "../../topology/selection/selection.ts";
import { UsageError } from "../usage-error.ts";

interface Flag {
  /** `key=value` pairs. */
  readonly labels: readonly string[];
  /** `3` or `10%`. */
  readonly size: string | undefined;
  readonly repeat: boolean;
}

/**
 * The waves that `--wave` names, in their order: labels, a number of stacks, a share, or labels and one of these behind a colon. A plus
 * behind it repeats the wave: `canary=true`, `3`, `10%`, `region=eu,tier=shop:10%+`.
 * @throws UsageError if one is none of these
 */
export function wavesOfFlags(flags: readonly string[]): PlannedWave[] {
  return flags.map((text) => {
    const { labels, size, repeat } = parsed(text);
    return planWave({
      labels: labels.length === 0 ? undefined : selectorOf(labels).selector,
      stacks: size === undefined || size.endsWith("%") ? size : Number(size),
      repeat: repeat || undefined,
    });
  });
}

/** @throws UsageError with a sentence for each label of `--wave` that nothing has: the wave would be skipped */
export function assertKnownLabels(plan: Plan, flags: readonly string[]): void {
  const problems = flags.flatMap((text) =>
    selectionProblems(plan, { label: parsed(text).labels }).map((problem) => `--wave ${text}: ${problem}`),
  );
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}

function parsed(text: string): Flag {
  const match = /^(?:(.*[^:]):)?([1-9]\d*%?)(\+?)$/.exec(text);
  const written = match ? match[1] : text;
  const size = match?.[2];
  const labels = written?.split(",") ?? [];
  const isShare = size?.endsWith("%") === true;
  if (selectorOf(labels).malformed.length > 0 || (isShare && Number(size?.slice(0, -1)) > 100))
    throw new UsageError(
      `--wave ${text}: write labels (canary=true, or region=eu,tier=shop), a number of stacks, a share such as 10%, or both as region=eu:10%; a + behind the number or share repeats it until no stack is left`,
    );
  return { labels, size, repeat: match?.[3] === "+" };
}
