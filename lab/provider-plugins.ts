/** Pulumi's own providers, where they can be had without building them: on PATH, in a plugin cache, or by Pulumi's own download. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import semver from "semver";
import { cacheFolder } from "../program/cache-folder.ts";
import { withLock } from "./exclusive-lock.ts";
import { findProgram, isProgram } from "./installed-tools.ts";
import { type BuildOptions, tick } from "./tool-builds.ts";
import { providerVersion } from "./tool-sources.ts";

type ProviderName = "kubernetes" | "random";

/** The lab's own home for Pulumi, so that nothing of a user's is written to. */
function ownHome(environment: NodeJS.ProcessEnv): string {
  return join(cacheFolder(environment), "pulumi");
}

/** A provider on PATH, in the user's plugin cache or in the lab's. In a cache it has the version that the program asks for, or a later one of the same major. */
export function installedProvider(name: ProviderName, environment: NodeJS.ProcessEnv): string | undefined {
  const homes = [environment.PULUMI_HOME || join(homedirOf(environment), ".pulumi"), ownHome(environment)];
  return (
    findProgram(`pulumi-resource-${name}`, environment.PATH) ??
    homes.map((home) => cachedProvider(name, join(home, "plugins"))).find((program) => program !== undefined)
  );
}

function homedirOf(environment: NodeJS.ProcessEnv): string {
  return environment.HOME || homedir();
}

function cachedProvider(name: ProviderName, folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const wanted = `^${providerVersion(name)}`;
  const versions = readdirSync(folder)
    .flatMap((entry) => new RegExp(`^resource-${name}-v(.+)$`).exec(entry)?.[1] ?? [])
    .filter((version) => semver.satisfies(version, wanted));
  const [newest] = semver.rsort(versions);
  const program = join(folder, `resource-${name}-v${newest}`, `pulumi-resource-${name}`);
  return newest !== undefined && isProgram(program) ? program : undefined;
}

/**
 * Has Pulumi download its Kubernetes and its random provider, as `pulumi up` does where it may. Does nothing if `built` is there: who
 * has built the provider could not download it then.
 * @param built where a build of the Kubernetes provider lies
 * @param options.silenceMilliseconds a download of which nothing has come for so long is given up, and the provider built. @default 20 s
 * @returns the Kubernetes provider; undefined where there is no download, which is no error
 */
export async function downloadProviders(
  pulumi: string,
  built: string,
  options: BuildOptions & { silenceMilliseconds?: number } = {},
): Promise<string | undefined> {
  const { environment = process.env, signal, onProgress, silenceMilliseconds = 20_000 } = options;
  if (existsSync(built)) return undefined;
  const home = ownHome(environment);
  await mkdir(home, { recursive: true });
  return withLock(
    `${home} plugins`,
    async () => {
      const before = installedProvider("kubernetes", environment);
      if (before !== undefined) return before;
      const tools = `Pulumi's providers kubernetes v${providerVersion("kubernetes")} and random v${providerVersion("random")}`;
      const stopTicking = tick((seconds) => onProgress?.({ tools, state: "downloading", seconds }));
      try {
        // Only the Kubernetes provider takes long to build, and for the other there is a stand-in: either may fail.
        await Promise.all(
          (["kubernetes", "random"] as const).map((name) =>
            install({ pulumi, name, home, environment, silenceMilliseconds, signal }),
          ),
        );
      } finally {
        stopTicking();
      }
      signal?.throwIfAborted();
      return installedProvider("kubernetes", environment);
    },
    { signal },
  );
}

/** Runs `pulumi plugin install`. It ends by itself, or when for a while nothing more has come. */
async function install({
  pulumi,
  name,
  home,
  environment,
  silenceMilliseconds,
  signal,
}: {
  pulumi: string;
  name: ProviderName;
  home: string;
  environment: NodeJS.ProcessEnv;
  silenceMilliseconds: number;
  signal: AbortSignal | undefined;
}): Promise<void> {
  const silent = new AbortController();
  const folder = join(home, "plugins");
  let size = -1;
  const watch = setInterval(() => {
    const now = bytesIn(folder);
    if (now === size) silent.abort();
    size = now;
  }, silenceMilliseconds);
  const server = environment.BIGPEER_PLUGIN_SERVER ? ["--server", environment.BIGPEER_PLUGIN_SERVER] : [];
  const args = ["plugin", "install", "resource", name, providerVersion(name), ...server, "--non-interactive"];
  const env = { ...environment, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const signals = signal ? [silent.signal, signal] : [silent.signal];
  try {
    await new Promise<void>((resolve) =>
      execFile(pulumi, args, { env, signal: AbortSignal.any(signals) }, () => resolve()),
    );
  } finally {
    clearInterval(watch);
  }
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
