/** The programs that a lab runs: found on this machine, or built once from pinned Go modules into the cache folder. */
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { arch, availableParallelism, platform } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { withLock } from "./exclusive-lock.ts";
import { type Builder, type BuildLimits, goBuild } from "./go-build.ts";
import { installedControlPlane, installedPulumi } from "./installed-tools.ts";
import { type ToolName, type ToolSource, toolKey, toolSources } from "./tool-sources.ts";

/** Absolute paths. `languageHostDir` and the folder of `pulumi` both belong on the PATH of whoever runs the engine. */
export interface Tools {
  pulumi: string;
  languageHostDir: string;
  etcd: string;
  kubeApiserver: string;
}

export interface ToolEvent {
  tool: string;
  version: string;
  state: "waiting" | "building" | "built" | "failed";
  /** Since this build (or wait) began. */
  seconds: number;
}

export interface ToolOptions {
  onProgress?: ((event: ToolEvent) => void) | undefined;
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv;
  sources?: readonly ToolSource[];
  build?: Builder;
  /** Free memory in bytes, as far as this process may use it. */
  availableMemory?: () => number;
}

const gibibyte = 1024 ** 3;

/** How many builds run at once, and what each may take. Two need 6 GiB: linking the API server alone takes about 2. */
export function buildLimits(missing: number, available: number, processors: number): BuildLimits & { builds: number } {
  const builds = missing > 1 && available >= 6 * gibibyte ? 2 : 1;
  return {
    builds,
    parallelism: Math.max(1, Math.ceil(processors / builds)),
    memoryMiB: Math.max(512, Math.floor(available / builds / processors / 1024 ** 2)),
  };
}

/** Where a finished build of a tool lies. A program that is there is whole: it comes there by a rename. */
export function cachedTool(source: ToolSource, environment: NodeJS.ProcessEnv = process.env): string {
  const key = toolKey(source, `${platform()}/${arch()}`);
  return join(cacheFolder(environment), `${source.name}-${source.version}-${key}`, source.name);
}

async function buildOne(source: ToolSource, program: string, limits: BuildLimits, options: ToolOptions): Promise<void> {
  const { name, version } = source;
  const { signal, onProgress, build = goBuild } = options;
  const folder = dirname(program);
  const temporaryDirectory = join(folder, "tmp");
  // What an interrupted build left. Nobody else writes here: the lock is ours.
  await rm(temporaryDirectory, { recursive: true, force: true });
  await mkdir(temporaryDirectory, { recursive: true });
  let seconds = 0;
  const stopTicking = tick((passed) => {
    seconds = passed;
    onProgress?.({ tool: name, version, state: "building", seconds });
  });
  try {
    const output = join(temporaryDirectory, name);
    await build({ source, output, logFile: join(folder, "build.log"), temporaryDirectory, limits, signal });
    await chmod(output, 0o755);
    await rename(output, program);
    onProgress?.({ tool: name, version, state: "built", seconds });
  } catch (error) {
    onProgress?.({ tool: name, version, state: "failed", seconds });
    throw error;
  } finally {
    stopTicking();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

/** Calls `tell` with the seconds that have passed, now and every second until the returned function is called. */
function tick(tell: (seconds: number) => void): () => void {
  const began = Date.now();
  const now = () => tell((Date.now() - began) / 1000);
  now();
  const timer = setInterval(now, 1_000);
  return () => clearInterval(timer);
}

async function buildAll(pending: ToolSource[], options: ToolOptions, environment: NodeJS.ProcessEnv): Promise<void> {
  const available = (options.availableMemory ?? (() => process.availableMemory()))();
  const limits = buildLimits(pending.length, available, availableParallelism());
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = pending.shift(); next && failures.length === 0; next = pending.shift())
      await buildOne(next, cachedTool(next, environment), limits, options).catch((error) => failures.push(error));
  };
  await Promise.all(Array.from({ length: limits.builds }, worker));
  if (failures.length > 0) throw failures[0];
}

async function buildMissing(sources: readonly ToolSource[], options: ToolOptions): Promise<void> {
  const environment = options.environment ?? process.env;
  const missing = () => sources.filter((source) => !existsSync(cachedTool(source, environment)));
  const first = missing()[0];
  if (!first) return;
  let stopTicking = () => {};
  let waited = 0;
  // One lock for all of them: two runs that build different tools at once would take twice the memory that was reckoned with.
  const subject = `${cacheFolder(environment)} builds`;
  const onWait = () => {
    stopTicking = tick((seconds) => {
      waited = seconds;
      options.onProgress?.({ tool: first.name, version: first.version, state: "waiting", seconds });
    });
  };
  try {
    await withLock(
      subject,
      async () => {
        stopTicking();
        const left = missing();
        if (!left.includes(first))
          options.onProgress?.({ tool: first.name, version: first.version, state: "built", seconds: waited });
        await buildAll(left, options, environment);
      },
      onWait,
    );
  } finally {
    stopTicking();
  }
}

/**
 * Gives the four programs, building what is neither installed nor cached. Two processes that need the same one at the same time build it
 * once; a build that was interrupted goes on where it was.
 */
export async function ensureTools(options: ToolOptions = {}): Promise<Tools> {
  const environment = options.environment ?? process.env;
  const sources = options.sources ?? toolSources();
  const controlPlane = installedControlPlane(environment);
  const pinned = sources.find((source) => source.name === "pulumi")?.version ?? "";
  const engine = await installedPulumi(pinned, environment);
  const given = new Set<ToolName>([
    ...(controlPlane ? (["etcd", "kube-apiserver"] as const) : []),
    ...(engine ? (["pulumi", "pulumi-language-nodejs"] as const) : []),
  ]);
  const needed = sources.filter((source) => !given.has(source.name));
  await buildMissing(needed, options);
  const built = (name: ToolName): string => {
    const source = sources.find((candidate) => candidate.name === name);
    if (!source) throw new Error(`no source of ${name} was given`);
    return cachedTool(source, environment);
  };
  return {
    pulumi: engine?.pulumi ?? built("pulumi"),
    languageHostDir: engine?.languageHostDir ?? dirname(built("pulumi-language-nodejs")),
    etcd: controlPlane?.etcd ?? built("etcd"),
    kubeApiserver: controlPlane?.kubeApiserver ?? built("kube-apiserver"),
  };
}
