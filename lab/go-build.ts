/** One `go build`, with its output kept in a log file and an error that says what to do. */
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { LabError } from "./lab-error.ts";
import { childrenOf } from "./process-identity.ts";
import { buildArguments, type ToolSource } from "./tool-sources.ts";

export interface BuildLimits {
  /** Compilers that run at once. */
  parallelism: number;
  /** Soft limit of each compiler's heap, MiB. */
  memoryMiB: number;
}

export interface BuildRequest {
  source: ToolSource;
  output: string;
  logFile: string;
  /** Folder for the compiler's temporary files. */
  temporaryDirectory: string;
  limits: BuildLimits;
  signal?: AbortSignal | undefined;
}

/** Builds one tool to `request.output`. */
export type Builder = (request: BuildRequest) => Promise<void>;

const run = promisify(execFile);

/** The last lines of a file, or an empty text if there is none. */
export function fileTail(file: string, lines: number): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

function errorText(error: unknown): string {
  if (error instanceof Error && "stderr" in error && typeof error.stderr === "string" && error.stderr.trim() !== "")
    return error.stderr.trim();
  return error instanceof Error ? error.message : String(error);
}

/** Throws unless there is a Go that can build the module. */
async function checkGo(moduleDirectory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    // In the module's folder: Go compares itself with the `go` line of go.mod there, and may fetch a newer toolchain if GOTOOLCHAIN lets it.
    await run("go", ["env", "GOVERSION"], { cwd: moduleDirectory, env: environment });
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const wanted = /^go (\S+)/m.exec(readFileSync(`${moduleDirectory}/go.mod`, "utf8"))?.[1] ?? "";
    throw new LabError(
      `${missing ? "Go is not on PATH" : `this Go cannot build ${moduleDirectory}: ${errorText(error)}`}\n` +
        `The lab builds its tools from source. Install Go ${wanted} or newer (https://go.dev/dl/) and run the command again; or give it ` +
        "the programs: an official `pulumi` on PATH, and KUBEBUILDER_ASSETS=<folder with etcd and kube-apiserver> (setup-envtest fetches one).",
    );
  }
}

/** Ends `go` and its compilers, which would go on for a while without it. */
function interruptBuild(pid: number | undefined): void {
  if (pid === undefined) return;
  for (const each of [...childrenOf(pid), pid]) {
    try {
      process.kill(each, "SIGINT");
    } catch {
      // It has just ended by itself.
    }
  }
}

/** Builds a tool with the Go toolchain on PATH. The module and build caches are Go's own, so an interrupted build goes on where it was. */
export const goBuild: Builder = async ({ source, output, logFile, temporaryDirectory, limits, signal }) => {
  const environment = {
    ...process.env,
    CGO_ENABLED: "0",
    GOWORK: "off",
    GOTMPDIR: temporaryDirectory,
    GOMEMLIMIT: `${limits.memoryMiB}MiB`,
    PATH: process.env.PATH ?? ["/usr/local/go/bin", "/usr/bin", "/bin"].join(delimiter),
  };
  await checkGo(source.moduleDirectory, environment);
  const log = openSync(logFile, "w", 0o600);
  try {
    const build = spawn("go", buildArguments(source, output, limits.parallelism), {
      cwd: source.moduleDirectory,
      env: environment,
      stdio: ["ignore", log, log],
    });
    const interrupt = () => interruptBuild(build.pid);
    signal?.addEventListener("abort", interrupt, { once: true });
    // It may have been called off while Go was looked for.
    if (signal?.aborted) interrupt();
    const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      build.once("error", reject);
      build.once("close", (...end) => resolve(end));
    }).finally(() => signal?.removeEventListener("abort", interrupt));
    signal?.throwIfAborted();
    if (code !== 0)
      throw new LabError(
        `building ${source.name} ${source.version} failed (${by ?? `exit code ${code}`}). The end of ${logFile}:\n${indent(fileTail(logFile, 15))}\n` +
          "A network error: set GOPROXY to a module proxy that you can reach. `signal: killed`: free some memory. Then run the command again, it goes on where it was.",
      );
  } finally {
    closeSync(log);
  }
};
