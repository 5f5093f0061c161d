import { count, names } from "../../report/words.ts";
import { colours as pc } from "../output/colours.ts";
import { secondsText } from "../progress/stack-table.ts";
import { pendingOf, runLines } from "../stacks/converge.ts";
import type { Part, WaveEnd } from "./run-waves.ts";

const parts: Readonly<Record<Part, string>> = {
  check: "the check of its clusters",
  update: "an update",
  verify: "its verification",
};

/** What was done and what was not, for people. */
export function wavesSummary(ends: readonly WaveEnd[], milliseconds: number): string {
  const lines = ends.flatMap((end, index) => {
    const { wave, state, failed, runs, notBegun } = end;
    const head = `${painted(state)}  wave ${index + 1} of ${ends.length}: ${wave.name}  ${stateText(end)}`;
    const why = failed ? [`    ${pc.red(`failed at ${parts[failed.at]}:`)}`, ...indented(failed.why)] : [];
    const left = state === "failed" ? notBegun.map((stack) => `    ${pc.yellow("not started")}  ${stack}`) : [];
    return [head, ...runs.flatMap(runLines).map((line) => `    ${line}`), ...left, ...why];
  });
  const stopped = ends.some(({ state }) => state === "failed" || state === "not started");
  const next = stopped ? ["Run the same command again to continue from there; what has been done is skipped."] : [];
  const updated = new Set(ends.flatMap(({ runs }) => runs.map(({ stack }) => stack))).size;
  return [
    "",
    ...lines,
    ...next,
    `${count(updated, "stack")} in ${count(ends.length, "wave")} took ${secondsText(milliseconds)}`,
  ].join("\n");
}

function stateText({ wave, state, runs, probes }: WaveEnd): string {
  const { length } = wave.stacks;
  if (length === 0) return "no stack was left for it";
  const proof =
    probes === undefined ? "" : probes === 0 ? ", nothing to verify yet" : `, verified by ${count(probes, "probe")}`;
  if (state === "not started") return `${count(length, "stack")}: ${names(wave.stacks)}`;
  if (state === "unchanged") return `${count(length, "stack")}, nothing to change${proof}`;
  if (state === "failed" && runs.length === 0) return count(length, "stack");
  const changes = runs.reduce((sum, run) => sum + run.changes, 0);
  return `${count(length, "stack")}, ${count(changes, "change")}${state === "failed" ? "" : proof}`;
}

function painted(state: WaveEnd["state"]): string {
  if (state === "failed") return pc.red(state);
  return state === "not started" ? pc.yellow(state) : pc.green(state);
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => `      ${line}`);
}

/** The same for machines. */
export function wavesReport(ends: readonly WaveEnd[], done: boolean) {
  return {
    done,
    waves: ends.map(({ wave, state, failed, probes, notBegun, runs }) => ({
      name: wave.name,
      state,
      stacks: wave.stacks,
      rest: wave.rest,
      ...(probes === undefined ? {} : { probes }),
      ...(failed ? { failed } : {}),
      notBegun,
      runs: runs.map((run) => ({
        stack: run.stack,
        changes: run.changes,
        milliseconds: Math.round(run.milliseconds),
        error: run.error,
        pending: pendingOf(run),
      })),
    })),
  };
}
