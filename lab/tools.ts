/** The programs that a lab runs: found on this machine, or built once from pinned Go modules into the cache folder. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { arch, availableParallelism, platform } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "../program/cache-folder.ts";
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

/** Where the finished builds of all these tools lie. A program that is there is whole: it comes there by a rename. */
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

/** A tool that is to be built, and where its program belongs. */
interface PendingTool {
  source: ToolSource;
  program: string;
}

async function buildOne({ source, program }: PendingTool, limits: BuildLimits, options: ToolOptions): Promise<void> {
  const { name, version } = source;
  const { signal, onProgress, build = goBuild } = options;
  const folder = dirname(program);
  const temporaryDirectory = join(folder, `${name}.tmp`);
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
    await build({ source, output, logFile: join(folder, `${name}.log`), temporaryDirectory, limits, signal });
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

async function buildAll(pending: PendingTool[], options: ToolOptions): Promise<void> {
  const available = (options.availableMemory ?? (() => process.availableMemory()))();
  const limits = buildLimits(pending.length, available, availableParallelism());
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = pending.shift(); next && failures.length === 0; next = pending.shift())
      await buildOne(next, limits, options).catch((error) => failures.push(error));
  };
  await Promise.all(Array.from({ length: limits.builds }, worker));
  if (failures.length > 0) throw failures[0];
}

async function buildMissing(needed: readonly PendingTool[], options: ToolOptions): Promise<void> {
  const missing = () => needed.filter(({ program }) => !existsSync(program));
  const first = missing()[0]?.source;
  if (!first) return;
  let stopTicking = () => {};
  let waited = 0;
  // One lock for all of them: two runs that build different tools at once would take twice the memory that was reckoned with.
  const subject = `${cacheFolder(options.environment)} builds`;
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
        if (!left.some(({ source }) => source === first))
          options.onProgress?.({ tool: first.name, version: first.version, state: "built", seconds: waited });
        await buildAll(left, options);
      },
      { onWait, signal: options.signal },
    );
  } finally {
    stopTicking();
  }
}

/** Gives the path of one program, and builds it unless it is cached. */
export async function ensureTool(source: ToolSource, options: ToolOptions = {}): Promise<string> {
  const program = cachedTools([source], options.environment).get(source.name) ?? "";
  await buildMissing([{ source, program }], options);
  return program;
}

/**
 * Gives the four programs of a lab, building what is neither installed nor cached. Two processes that need the same one at the same time build it
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
  const programs = cachedTools(sources, environment);
  const built = (name: ToolName): string => {
    const program = programs.get(name);
    if (program === undefined) throw new Error(`no source of ${name} was given`);
    return program;
  };
  const needed = sources
    .filter(({ name }) => !given.has(name))
    .map((source) => ({ source, program: built(source.name) }));
  await buildMissing(needed, options);
  return {
    pulumi: engine?.pulumi ?? built("pulumi"),
    languageHostDir: engine?.languageHostDir ?? dirname(built("pulumi-language-nodejs")),
    etcd: controlPlane?.etcd ?? built("etcd"),
    kubeApiserver: controlPlane?.kubeApiserver ?? built("kube-apiserver"),
  };
}
