import type { DeployEvent, Progress } from "./deploy-events.ts";
import { lineOf } from "./plain-lines.ts";
import { StackTable } from "./stack-table.ts";

/** The part of a terminal that this needs. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** How often the times are counted on, in milliseconds. */
const tickMs = 1000;

/** What happens, on a terminal: what stays is printed, and below it a line for each stack of the wave is kept up to date. */
export class TerminalProgress implements Progress {
  readonly #terminal: Terminal;
  readonly #table: StackTable;
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;
  #shown = 0;

  constructor(terminal: Terminal, parallel: number, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#table = new StackTable(parallel);
    this.#now = now;
    this.#timer = setInterval(() => this.#draw(), tickMs);
    this.#timer.unref();
  }

  /** Shows stacks that run without waves. */
  begin(stacks: readonly string[]): void {
    this.#table.begin("", stacks);
    this.#draw();
  }

  on(event: DeployEvent): void {
    if (event.event === "wave") this.#table.begin(`wave ${event.wave}`, event.stacks ?? []);
    this.#table.on(event, this.#now());
    // The line of its stack says how far it is, and the title which wave it is.
    this.#draw(event.event === "resource" || event.event === "wave" ? undefined : lineOf(event));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#table.begin("", []);
    this.#draw();
  }

  #draw(line?: string): void {
    const lines = this.#table.lines(this.#terminal, this.#now());
    const back = this.#shown > 0 ? `\u001B[${this.#shown}A\u001B[J` : "";
    this.#shown = lines.length;
    const kept = line === undefined ? [] : [line];
    const text = [...kept, ...lines].map((each) => `${each}\n`).join("");
    if (back !== "" || text !== "") this.#terminal.write(`${back}${text}`);
  }
}
