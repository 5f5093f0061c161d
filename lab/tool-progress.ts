/** Shows how the lab's tools come to be to a person: one line that is rewritten on a terminal, a line every 15 seconds elsewhere. */
import type { ToolEvent } from "./tool-builds.ts";

const quietSeconds = 15;

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Such as `building pulumi v3.274.1: 312 of 1,730 packages, 1 min 2 s of about 3 min`. */
function sentence({ tools, state, seconds, expectedSeconds, packages }: ToolEvent): string {
  switch (state) {
    case "waiting":
      return `waiting for another run that builds ${tools}, ${duration(seconds)}`;
    case "downloading":
      return `downloading ${tools}, ${duration(seconds)}`;
    case "building": {
      const far = packages
        ? `${packages.done.toLocaleString("en")} of ${packages.total.toLocaleString("en")} packages, `
        : "";
      return `building ${tools}: ${far}${duration(seconds)}${expected(seconds, expectedSeconds)}`;
    }
    case "built":
      return `built ${tools} in ${duration(seconds)}`;
    case "failed":
      return `building ${tools} failed after ${duration(seconds)}`;
  }
}

function expected(seconds: number, expectedSeconds: number | undefined): string {
  if (expectedSeconds === undefined) return "";
  const about = `about ${minutes(expectedSeconds)}`;
  return seconds < expectedSeconds ? ` of ${about}` : ` (usually ${about})`;
}

function minutes(seconds: number): string {
  return seconds < 60 ? "1 min" : `${Math.round(seconds / 60)} min`;
}

export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** A listener for `ensureTools` that writes to a stream, by default standard error. */
export function toolProgress(stream: ProgressStream = process.stderr): (event: ToolEvent) => void {
  const said = new Map<string, { state: ToolEvent["state"]; seconds: number }>();
  // Two builds may run at once: on a terminal they share the line.
  const current = new Map<string, string>();
  const clear = () => stream.isTTY && stream.write("\r\u001b[K");
  return (event) => {
    const { tools, state, seconds } = event;
    if (state === "built" || state === "failed") {
      current.delete(tools);
      clear();
      stream.write(`${sentence(event)}\n`);
      return;
    }
    if (stream.isTTY) {
      current.set(tools, sentence(event));
      clear();
      const room = Math.floor(((stream.columns ?? 80) - 1) / current.size) - 1;
      stream.write([...current.values()].map((each) => each.slice(0, room)).join("  "));
      return;
    }
    const before = said.get(tools);
    if (before?.state === state && seconds - before.seconds < quietSeconds) return;
    said.set(tools, { state, seconds });
    stream.write(`${sentence(event)}\n`);
  };
}
