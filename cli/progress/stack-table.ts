import { stripVTControlCharacters } from "node:util";
import { count } from "../../report/words.ts";
import { colours as pc } from "../output/colours.ts";
import type { DeployEvent } from "./deploy-events.ts";

type State = "waits" | "running" | "done" | "pending" | "failed";

interface Row {
  readonly stack: string;
  state: State;
  /** When its run began, in milliseconds. */
  began: number;
  /** What the engine works on, or what is left to say of a run that has ended. */
  text: string;
}

const signs: Readonly<Record<State, string>> = { waits: "·", running: "●", done: "✓", pending: "…", failed: "✗" };
/** What matters most stands first where there is no room for all. */
const ranks: readonly State[] = ["failed", "running", "pending", "waits", "done"];

/** What a terminal shows of a run while it lasts: a line for each stack of the wave, with its state and what it waits for. */
export class StackTable {
  readonly #parallel: number;
  #rows: Row[] = [];
  #title = "";
  #verifying = "";
  readonly #durations: number[] = [];

  /** @param parallel how many stacks run at once */
  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  /** Shows stacks that are about to run. */
  begin(title: string, stacks: readonly string[]): void {
    this.#title = title;
    this.#verifying = "";
    this.#rows = stacks.map((stack) => ({ stack, state: "waits", began: 0, text: "" }));
  }

  /** @param now in milliseconds */
  on(event: DeployEvent, now: number): void {
    if (event.event === "waiting") {
      const row = this.#rows.find(({ stack }) => stack === event.stack);
      if (row?.state === "running") row.text = stepsText(event.steps);
    } else if (event.event === "stack") this.#run(event, now);
    else if (event.event === "verify") {
      const { state, probes, ended, failed } = event;
      const text = `verify: ${ended} of ${count(probes, "probe")} ended${failed > 0 ? `, ${failed} failed` : ""}`;
      this.#verifying = state === "started" || state === "running" ? text : "";
    }
  }

  #run(event: Extract<DeployEvent, { event: "stack" }>, now: number): void {
    const { stack, state, milliseconds, changes = 0, error, pending = [] } = event;
    if (state === "not started") return;
    let row = this.#rows.find((each) => each.stack === stack);
    if (!row) {
      // One of an earlier wave, which is run again.
      row = { stack, state: "waits", began: now, text: "" };
      this.#rows.push(row);
    }
    row.state = state;
    if (state === "running") {
      row.began = now;
      row.text = "";
      return;
    }
    if (milliseconds !== undefined) this.#durations.push(milliseconds);
    const said = state === "failed" ? (error?.split("\n")[0] ?? "") : (pending[0] ?? count(changes, "change"));
    row.text = `${said}${milliseconds === undefined ? "" : `  ${secondsText(milliseconds)}`}`;
  }

  /** The lines, no wider and no more than there is room for.
   * @param now in milliseconds */
  lines({ columns, rows: height }: { readonly columns: number; readonly rows: number }, now: number): string[] {
    if (this.#rows.length === 0)
      return this.#verifying === "" ? [] : [cut(`${this.#title}  ${this.#verifying}`, columns)];
    const head = [this.#title, ...this.#counts(), this.#verifying || this.#estimate(now)].filter((each) => each !== "");
    const room = Math.max(1, height - 3);
    const sorted = this.#rows.length <= room ? this.#rows : [...this.#rows].sort((a, b) => rankOf(a) - rankOf(b));
    const shown = sorted.slice(0, this.#rows.length <= room ? room : room - 1);
    const width = Math.max(...shown.map(({ stack }) => stack.length));
    const hidden = sorted.slice(shown.length);
    const more = hidden.length === 0 ? [] : [pc.dim(`  and ${hidden.length} more`)];
    const lines = shown.map((row) => `  ${painted(row.state)} ${row.stack.padEnd(width)}  ${textOf(row, now)}`);
    return [pc.bold(head.join("  ")), ...lines, ...more].map((line) => cut(line, columns));
  }

  #counts(): string[] {
    const of = (...states: State[]) => this.#rows.filter(({ state }) => states.includes(state)).length;
    const failed = of("failed");
    return [
      `${of("done", "pending")} of ${count(this.#rows.length, "stack")} done${failed > 0 ? `, ${failed} failed` : ""}`,
    ];
  }

  /** About how long the rest of these stacks takes, once one has shown how long one takes. */
  #estimate(now: number): string {
    const [first] = this.#durations;
    if (first === undefined) return "";
    const usual = this.#durations.reduce((sum, each) => sum + each, 0) / this.#durations.length;
    const waiting = this.#rows.filter(({ state }) => state === "waits").length;
    const running = this.#rows.filter(({ state }) => state === "running");
    if (waiting + running.length === 0) return "";
    const ending = Math.max(0, ...running.map(({ began }) => usual - (now - began)));
    return `about ${secondsText(ending + Math.ceil(waiting / this.#parallel) * usual)} left`;
  }
}

function rankOf({ state }: Row): number {
  return ranks.indexOf(state);
}

function textOf({ state, began, text }: Row, now: number): string {
  if (state === "waits") return pc.dim("waits for its turn");
  return state === "running" ? `${secondsText(now - began)}  ${text || "started"}` : text;
}

function stepsText(steps: readonly string[]): string {
  const [first, ...others] = steps;
  if (first === undefined) return "";
  return `waits for: ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;
}

function painted(state: State): string {
  const sign = signs[state];
  if (state === "failed") return pc.red(sign);
  return state === "done" ? pc.green(sign) : state === "waits" ? pc.dim(sign) : pc.yellow(sign);
}

/** `12 s`, `3 min 5 s`. */
export function secondsText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A line that is too long would go over two, and the cursor would come back to the wrong one. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, Math.max(0, columns - 1))}…`;
}
