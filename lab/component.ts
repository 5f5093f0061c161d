/** One program that runs as part of a lab's cluster, its log file, and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileTail } from "./go-build.ts";
import { findProgram } from "./installed-tools.ts";
import { endProcess, identify, type ProcessIdentity } from "./process-identity.ts";

export interface Component {
  readonly identity: ProcessIdentity;
  /** Rejects, with the end of the log, when the program ends before it was asked to. Never resolves. */
  readonly failed: Promise<never>;
  /** Ends it: SIGTERM first, SIGKILL after so many milliseconds. */
  stop(graceMilliseconds: number): Promise<void>;
}

export interface ComponentSpec {
  /** For messages. */
  name: string;
  program: string;
  arguments: string[];
  environment?: Record<string, string>;
  logFile: string;
}

/**
 * A program of somebody else's build does not ask the kernel to end with its parent: util-linux' setpriv asks for it, where there is one.
 * Our own builds ask themselves (lab/go/control-plane/lifetime), and doing both is harmless.
 */
function tiedToParent(program: string, args: string[]): [string, string[]] {
  const setpriv = findProgram("setpriv", process.env.PATH);
  return setpriv ? [setpriv, ["--pdeathsig", "KILL", program, ...args]] : [program, args];
}

export async function startComponent(spec: ComponentSpec): Promise<Component> {
  const log = openSync(spec.logFile, "a", 0o600);
  let child: ChildProcess;
  try {
    const [program, args] = tiedToParent(spec.program, spec.arguments);
    child = spawn(program, args, {
      // The environment of whoever starts the lab must not configure the components: etcd reads ETCD_*.
      env: { PATH: process.env.PATH, BIGPEER_LAB_SUPERVISOR: String(process.pid), ...spec.environment },
      stdio: ["ignore", log, log],
    });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  } finally {
    closeSync(log);
  }
  let stopping = false;
  const ended = new Promise<string>((resolve) =>
    child.once("exit", (code, by) => resolve(by ? `was ended by ${by}` : `ended with exit code ${code}`)),
  );
  const failed = ended.then((how) => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error(`${spec.name} ${how}. The end of its log, ${spec.logFile}:\n${fileTail(spec.logFile, 12)}`);
  });
  // Whoever waits for it sees the rejection; nobody has to.
  failed.catch(() => {});
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (!identity) return failed;
  return {
    identity,
    failed,
    async stop(graceMilliseconds) {
      stopping = true;
      await endProcess(identity, graceMilliseconds);
      await ended;
    },
  };
}
