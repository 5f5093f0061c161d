import type { DeployEvent, Progress } from "./deploy-events.ts";

/** Events for machines: one JSON object a line. */
export class JsonLines implements Progress {
  readonly #write: (line: string) => void;
  readonly #now: () => Date;

  constructor(write: (line: string) => void, now: () => Date = () => new Date()) {
    this.#write = write;
    this.#now = now;
  }

  on(event: DeployEvent): void {
    this.#line(event);
  }

  /** The last line. */
  end(report: { readonly done: boolean }): void {
    this.#line({ event: "end", ...report });
  }

  stop(): void {}

  #line(event: Readonly<Record<string, unknown>>): void {
    this.#write(JSON.stringify({ version: 1, time: this.#now().toISOString(), ...event }));
  }
}
