/** The supervisor as whoever started it sees it: a process that takes commands and reports. */
import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { supervisorLog } from "./lab-folder.ts";
import { type Command, type LabComponent, type Report, reportSchema } from "./supervisor-messages.ts";

export class SupervisorProcess {
  readonly process: ChildProcess;
  readonly exited: Promise<void>;
  readonly #listeners = new Set<(report: Report) => void>();
  #calls = 0;

  constructor(directory: string, log: (line: string) => void) {
    const output = openSync(supervisorLog(directory), "a", 0o600);
    this.process = fork(fileURLToPath(new URL("supervisor.ts", import.meta.url)), ["--directory", directory], {
      // A session of its own: Ctrl-C reaches whoever started the lab, who ends it when done with it.
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
      execArgv: [],
    });
    closeSync(output);
    this.exited = new Promise((resolve) => this.process.once("exit", () => resolve()));
    this.process.on("message", (message) => {
      const report = reportSchema.parse(message);
      if (report.type === "log") log(report.line);
      for (const listener of this.#listeners) listener(report);
    });
  }

  send(command: Command): void {
    if (this.process.connected) this.process.send(command);
  }

  /** The first report that `choose` gives a value for. Rejects if the supervisor ends before. */
  async report<T>(choose: (report: Report) => T | undefined, ended: () => string): Promise<T> {
    let listener: (report: Report) => void = () => {};
    const found = new Promise<T>((resolve, reject) => {
      listener = (report) => {
        try {
          const value = choose(report);
          if (value !== undefined) resolve(value);
        } catch (error) {
          reject(error);
        }
      };
      this.#listeners.add(listener);
    });
    const gone = this.exited.then(() => {
      throw new Error(ended());
    });
    return Promise.race([found, gone]).finally(() => this.#listeners.delete(listener));
  }

  async component(cluster: string, component: LabComponent, action: "kill" | "start"): Promise<void> {
    const id = ++this.#calls;
    const done = this.report(
      (report) => (report.type === "done" && report.id === id ? report : undefined),
      () => "the lab has ended",
    );
    this.send({ type: "component", id, cluster, component, action });
    const { error } = await done;
    if (error !== undefined) throw new Error(error);
  }
}
