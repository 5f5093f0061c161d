/** Shows tool builds to a person: one line that is rewritten on a terminal, a line every 15 seconds elsewhere. */
import type { ToolEvent } from "./tools.ts";

const quietSeconds = 15;

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function sentence(event: ToolEvent): string {
  const what = `${event.tool} ${event.version}`;
  switch (event.state) {
    case "waiting":
      return `waiting for another run that builds ${what}, ${duration(event.seconds)}`;
    case "building":
      return `building ${what}, ${duration(event.seconds)}`;
    case "built":
      return `built ${what} in ${duration(event.seconds)}`;
    case "failed":
      return `building ${what} failed after ${duration(event.seconds)}`;
  }
}

export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** A listener for `ensureTools` that writes to a stream, by default standard error. */
export function toolProgress(stream: ProgressStream = process.stderr): (event: ToolEvent) => void {
  const running = new Map<string, ToolEvent>();
  const saidAt = new Map<string, number>();
  const clear = () => stream.isTTY && stream.write("\r\u001b[K");
  return (event) => {
    if (event.state === "built" || event.state === "failed") {
      running.delete(event.tool);
      clear();
      stream.write(`${sentence(event)}\n`);
    } else {
      running.set(event.tool, event);
    }
    if (stream.isTTY) {
      clear();
      stream.write(
        [...running.values()]
          .map(sentence)
          .join("; ")
          .slice(0, (stream.columns ?? 80) - 1),
      );
    } else if (running.has(event.tool)) {
      const last = saidAt.get(event.tool);
      if (last !== undefined && event.seconds - last < quietSeconds) return;
      saidAt.set(event.tool, event.seconds);
      stream.write(
        `${sentence(event)}${last === undefined && event.state === "building" ? " (once, a few minutes)" : ""}\n`,
      );
    }
  };
}
