/** Builds what is missing of the lab's programs into the cache folder, each once however many runs need it. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { arch, availableParallelism, platform } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "../program/cache-folder.ts";
import { toolKey } from "./build-arguments.ts";
import { withLock } from "./exclusive-lock.ts";
import { type Builder, type BuildLimits, collectsNoGarbage, goBuild } from "./go-build.ts";
import type { ToolName, ToolSource } from "./tool-sources.ts";

export interface ToolEvent {
  /** The tools that are built together, such as `etcd v3.6.8, kube-apiserver v1.35.4`. */
  tools: string;
  state: "waiting" | "building" | "downloading" | "built" | "failed";
  /** Since this build (or wait) began. */
  seconds: number;
  /** About how long it takes altogether, in seconds, where that is known. */
  expectedSeconds?: number | undefined;
  /** The progress of a build, in Go packages. */
  packages?: { done: number; total: number } | undefined;
}

export interface BuildOptions {
  onProgress?: ((event: ToolEvent) => void) | undefined;
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv;
  build?: Builder;
  /** Free memory in bytes, as far as this process may use it. */
  availableMemory?: () => number;
  /** Builds that run at once and share the memory. @default 1 */
  builds?: number;
  /** Set for a build that uses only the processor time that other builds leave: how many processor seconds those builds need. */
  background?: { besideSeconds: number } | undefined;
}

/** A tool that is to be built, and where its program belongs. */
export interface PendingTool {
  source: ToolSource;
  program: string;
}

const mebibyte = 1024 ** 2;

/**
 * The limits of one build's compilers: all processors, and equal parts of the free memory. No compiler is known to need 4 GiB.
 * @param builds that run at once
 */
export function buildLimits(available: number, processors: number, builds = 1): BuildLimits {
  const share = Math.floor((available * 0.8) / processors / builds / mebibyte);
  return { parallelism: processors, memoryMiB: Math.min(4096, Math.max(512, share)) };
}

/**
 * True if there is memory for two builds at once. One build leaves a third of two processors idle, since its largest packages are
 * compiled one after another; a second one uses them.
 */
export function roomForTwoBuilds({ availableMemory = () => process.availableMemory() }: BuildOptions): boolean {
  return collectsNoGarbage(buildLimits(availableMemory(), availableParallelism(), 2));
}

/** The paths of the finished builds of all these tools. A program that exists there is complete, since a rename puts it there. */
export function cachedTools(
  sources: readonly ToolSource[],
  environment: NodeJS.ProcessEnv = process.env,
): ReadonlyMap<ToolName, string> {
  const folderOf = (group: ToolSource["group"]): string => {
    const keys = sources
      .filter((source) => source.group === group)
      .map((source) => toolKey(source, `${platform()}/${arch()}`));
    return join(
      cacheFolder(environment),
      `${group}-${createHash("sha256").update(keys.join()).digest("hex").slice(0, 16)}`,
    );
  };
  return new Map(sources.map(({ name, group }) => [name, join(folderOf(group), name)]));
}

/** The processor seconds that it takes to build those of these tools that are not cached yet. */
export function workLeft(sources: readonly ToolSource[], programs: ReadonlyMap<ToolName, string>): number {
  return workOf(sources.filter(({ name }) => !existsSync(programs.get(name) ?? "")));
}

function workOf(sources: readonly ToolSource[]): number {
  return sources.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0);
}

function toolNames(sources: readonly ToolSource[]): string {
  return sources.map(({ name, version }) => `${name} ${version}`).join(", ");
}

/** Calls `tell` with the seconds that have passed, now and every second until the returned function is called. */
export function tick(tell: (seconds: number) => void): () => void {
  const began = Date.now();
  const now = () => tell((Date.now() - began) / 1000);
  now();
  const timer = setInterval(now, 1_000);
  return () => clearInterval(timer);
}

async function buildModule(pending: readonly PendingTool[], options: BuildOptions): Promise<void> {
  const { signal, onProgress, build = goBuild, builds = 1, background } = options;
  const { availableMemory = () => process.availableMemory() } = options;
  const sources = pending.map(({ source }) => source);
  const [first] = pending;
  if (!first) return;
  signal?.throwIfAborted();
  const tools = toolNames(sources);
  const folder = dirname(first.program);
  const temporaryDirectory = join(folder, `${first.source.name}.tmp`);
  // This removes what an interrupted build left. Nobody else writes here, since this process holds the lock.
  await rm(temporaryDirectory, { recursive: true, force: true });
  const output = join(temporaryDirectory, "programs");
  await mkdir(output, { recursive: true });
  const limits = buildLimits(availableMemory(), availableParallelism(), builds);
  const work = workOf(sources) + (background?.besideSeconds ?? 0);
  let seconds = 0;
  let packages: ToolEvent["packages"];
  const stopTicking = tick((passed) => {
    seconds = passed;
    const expectedSeconds = work / limits.parallelism;
    onProgress?.({ tools, state: "building", seconds, expectedSeconds, packages });
  });
  const onPackages = (done: number, total: number) => {
    packages = { done, total };
  };
  const logFile = join(folder, `${first.source.name}.log`);
  try {
    await build({
      sources,
      output,
      logFile,
      temporaryDirectory,
      limits,
      background: background !== undefined,
      onPackages,
      signal,
    });
    for (const { source, program } of pending) {
      await mkdir(dirname(program), { recursive: true });
      await chmod(join(output, source.name), 0o755);
      await rename(join(output, source.name), program);
    }
    onProgress?.({ tools, state: "built", seconds });
  } catch (error) {
    onProgress?.({ tools, state: "failed", seconds });
    throw error;
  } finally {
    stopTicking();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

/** Runs an action under several locks, which everybody takes in the same order. */
function withLocks(
  [subject, ...others]: readonly string[],
  action: () => Promise<void>,
  options: Parameters<typeof withLock>[2],
): Promise<void> {
  if (subject === undefined) return action();
  return withLock(subject, () => withLocks(others, action, options), options);
}

/** Builds those of these tools that are not there yet, a module after the other in the order of the tools. */
export async function buildMissing(needed: readonly PendingTool[], options: BuildOptions): Promise<void> {
  const missing = () => needed.filter(({ program }) => !existsSync(program));
  const first = missing();
  if (first.length === 0) return;
  const tools = toolNames(first.map(({ source }) => source));
  let stopTicking = () => {};
  let waited = 0;
  // One lock for each group: two runs that build at once would take twice the memory that was reckoned with.
  const groups = new Set(first.map(({ source }) => source.group));
  const subjects = [...groups].sort().map((group) => `${cacheFolder(options.environment)} builds ${group}`);
  const onWait = () => {
    stopTicking = tick((seconds) => {
      waited = seconds;
      options.onProgress?.({ tools, state: "waiting", seconds });
    });
  };
  try {
    await withLocks(
      subjects,
      async () => {
        stopTicking();
        const left = missing();
        if (left.length === 0) options.onProgress?.({ tools, state: "built", seconds: waited });
        for (const module of Map.groupBy(left, ({ source }) => source.moduleDirectory).values())
          await buildModule(module, options);
      },
      { onWait, signal: options.signal },
    );
  } finally {
    stopTicking();
  }
}

/** Gives the path of one program, and builds it unless it is cached. */
export async function ensureTool(source: ToolSource, options: BuildOptions = {}): Promise<string> {
  return (await ensureGroup([source], options)).get(source.name) ?? "";
}

/** Gives the paths of the programs of one module, and builds together those that are not cached. */
export async function ensureGroup(
  sources: readonly ToolSource[],
  options: BuildOptions = {},
): Promise<ReadonlyMap<ToolName, string>> {
  const programs = cachedTools(sources, options.environment);
  const needed = sources.map((source) => ({ source, program: programs.get(source.name) ?? "" }));
  await buildMissing(needed, options);
  return programs;
}
