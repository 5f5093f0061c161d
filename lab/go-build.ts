/** One `go build` of the tools of a module, with its output kept in a log file and an error that says what to do. */
import { execFile, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { buildArguments } from "./build-arguments.ts";
import { LabError } from "./lab-error.ts";
import { childrenOf } from "./process-identity.ts";
import type { ToolSource } from "./tool-sources.ts";

export interface BuildLimits {
  /** Compilers that run at once. */
  parallelism: number;
  /** Soft limit of each compiler's heap, MiB. */
  memoryMiB: number;
}

export interface BuildRequest {
  /** Tools of one module, built together so that what they share is compiled once. */
  sources: readonly ToolSource[];
  /** Folder for the programs, each under the name of its tool. */
  output: string;
  logFile: string;
  /** Folder for the compiler's temporary files. */
  temporaryDirectory: string;
  limits: BuildLimits;
  /** True for a build that only takes the processor time that others leave. */
  background: boolean;
  /** Hears how many packages have been compiled, and how many there are to compile. */
  onPackages?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** True if these limits leave so much memory that a compiler, which is soon done, need not collect its garbage. */
export function collectsNoGarbage({ memoryMiB }: BuildLimits): boolean {
  return memoryMiB >= 2048;
}

/** Builds tools into `request.output`. */
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

/** The last lines of a build's log that say more than the name of a package, of which `go build -v` writes a line for each. */
function buildErrors(logFile: string, lines: number): string {
  const said = fileTail(logFile, 10_000).split("\n");
  const errors = said.filter((line) => /\s/.test(line.trim()));
  return (errors.length > 0 ? errors : said).slice(-lines).join("\n");
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
        "the programs: an official `pulumi` on PATH, and KUBEBUILDER_ASSETS=<folder with etcd and kube-apiserver> (setup-envtest fetches one). " +
        "kube-controller-manager and Pulumi's Kubernetes provider are looked for on PATH, too.",
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

/** Lets other processes go first. The compilers that `go` starts inherit it. */
function yieldProcessors(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or this system does not allow it: the build is only slower.
  }
}

/** Counts the packages that Go still has to compile. Undefined where Go does not say; the build then reports the failure. */
async function packagesToCompile(
  sources: readonly ToolSource[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const options = { cwd: sources[0]?.moduleDirectory, env: environment, maxBuffer: 64 * 1024 ** 2, signal };
  try {
    const { stdout } = await run("go", buildArguments(sources, "", 1, "list"), options);
    return stdout.split("\n").filter((stale) => stale === "true").length;
  } catch {
    return undefined;
  }
}

/** Builds tools with the Go toolchain on PATH. The module and build caches are Go's own, so an interrupted build goes on where it was. */
export const goBuild: Builder = async (request) => {
  const { sources, output, logFile, temporaryDirectory, limits, background, onPackages, signal } = request;
  const [first] = sources;
  if (!first) return;
  const environment = {
    ...process.env,
    CGO_ENABLED: "0",
    GOWORK: "off",
    GOTMPDIR: temporaryDirectory,
    GOMEMLIMIT: `${limits.memoryMiB}MiB`,
    // A fifth of a compiler's time is collecting garbage that there is memory enough for.
    ...(collectsNoGarbage(limits) ? { GOGC: "off" } : {}),
    PATH: process.env.PATH ?? ["/usr/local/go/bin", "/usr/bin", "/bin"].join(delimiter),
  };
  await checkGo(first.moduleDirectory, environment);
  const total = onPackages && (await packagesToCompile(sources, environment, signal));
  signal?.throwIfAborted();
  const log = createWriteStream(logFile, { mode: 0o600 });
  try {
    const build = spawn("go", buildArguments(sources, output, limits.parallelism), {
      cwd: first.moduleDirectory,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (background) yieldProcessors(build.pid);
    build.stdout.pipe(log, { end: false });
    build.stderr.pipe(log, { end: false });
    let compiled = 0;
    build.stderr.setEncoding("utf8").on("data", (text: string) => {
      // With -v, Go names each package in a line of its own.
      compiled += text.split("\n").length - 1;
      if (total) onPackages?.(Math.min(compiled, total), total);
    });
    const interrupt = () => interruptBuild(build.pid);
    signal?.addEventListener("abort", interrupt, { once: true });
    // It may have been called off while Go was looked for.
    if (signal?.aborted) interrupt();
    const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      build.once("error", reject);
      build.once("close", (...end) => resolve(end));
    }).finally(() => signal?.removeEventListener("abort", interrupt));
    await new Promise<void>((resolve) => log.end(resolve));
    signal?.throwIfAborted();
    if (code !== 0)
      throw new LabError(
        `building ${sources.map(({ name, version }) => `${name} ${version}`).join(", ")} failed (${by ?? `exit code ${code}`}). From ${logFile}:\n${indent(buildErrors(logFile, 15))}\n` +
          "After a network error, set GOPROXY to a module proxy that you can reach. After `signal: killed`, free some memory. Then run the command again; it continues where it stopped.",
      );
  } finally {
    log.destroy();
  }
};
