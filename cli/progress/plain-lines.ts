import { count } from "../../report/words.ts";
import type { Wave } from "../../runners/waves.ts";
import { colours as pc } from "../output/colours.ts";
import type { DeployEvent, Progress } from "./deploy-events.ts";

/** A line for each thing that happens, for a log. */
export class PlainLines implements Progress {
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  on(event: DeployEvent): void {
    const line = lineOf(event);
    if (line !== undefined) this.#print(line);
  }

  stop(): void {}
}

/** Undefined: what is of no use in a log. */
export function lineOf(event: DeployEvent): string | undefined {
  switch (event.event) {
    case "waves":
      return wavesText(event.waves);
    case "wave":
      return event.state === "started" ? pc.bold(`wave ${event.wave}`) : undefined;
    case "finding":
      return `${pc.cyan(event.stack)}  ${event.text}`;
    case "resource":
    case "warning":
      return `${pc.cyan(event.stack)}  ${event.text}`;
    case "verify":
      return verifyText(event);
    case "stack":
    case "waiting":
      return undefined;
  }
}

const maxNamed = 8;

/** The waves with their stacks, before anything begins. */
export function wavesText(waves: readonly Wave[]): string {
  const lines = waves.map(({ name, stacks, rest }, index) => {
    const named = stacks.length > maxNamed ? `${stacks.slice(0, maxNamed).join(", ")}, …` : stacks.join(", ");
    const what = stacks.length === 0 ? "no stack is left for it" : `${count(stacks.length, "stack")}: ${named}`;
    return `  ${index + 1}. ${name}  ${what}${rest ? pc.dim("  (no wave of the topology selects them)") : ""}`;
  });
  return [`${count(waves.length, "wave")}:`, ...lines].join("\n");
}

function verifyText({ wave, state, probes, failed }: Extract<DeployEvent, { event: "verify" }>): string | undefined {
  if (state === "running") return undefined;
  if (state === "started") return pc.dim(`verify of wave ${wave}: ${count(probes, "probe")}`);
  if (probes === 0) return undefined;
  return state === "passed"
    ? `verify of wave ${wave}: ${count(probes, "probe")} passed`
    : `verify of wave ${wave} failed: ${failed} of ${count(probes, "probe")}`;
}
