import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { markedProcesses } from "./marked-processes.ts";

/** A program of this project as a user starts it. */
export class UserCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = "";
  readonly #mark = randomUUID();

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string) {
    const own = { NO_COLOR: "1", ...env, BIGPEER_TEST_COMMAND: this.#mark };
    const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...own } });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    this.child = child;
    this.ended = once(child, "close").then(([code]) => code);
  }

  /** Ctrl-C as it comes to a program that npm has started: once from the terminal, and once from npm. */
  interrupt(): void {
    this.child.kill("SIGINT");
    this.child.kill("SIGINT");
  }

  /** The commands of all that it has started and that still runs, itself included. */
  running(): string[] {
    return markedProcesses(`BIGPEER_TEST_COMMAND=${this.#mark}`).map(({ command }) => command);
  }
}
