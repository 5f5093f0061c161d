/** The programs that a lab runs: found on this machine, downloaded by Pulumi, or built once from pinned Go modules into the cache folder. */
import { dirname } from "node:path";
import { installedControlPlane, installedProgram, installedPulumi } from "./installed-tools.ts";
import { downloadProviders, installedProvider } from "./provider-plugins.ts";
import { type BuildOptions, buildMissing, cachedTools, roomForTwoBuilds, workLeft } from "./tool-builds.ts";
import { type ToolName, type ToolSource, toolSources } from "./tool-sources.ts";

/** Absolute paths. `languageHostDir` and the folder of `pulumi` both belong on the PATH of whoever runs the engine. */
export interface Tools {
  pulumi: string;
  languageHostDir: string;
  etcd: string;
  kubeApiserver: string;
  kubeControllerManager: string;
  /** Pulumi's own Kubernetes provider. */
  kubernetesProvider: string;
  /** Pulumi's own random provider, where it can be had; undefined: the lab's stand-in is used. */
  randomProvider?: string | undefined;
}

export interface ToolOptions extends BuildOptions {
  sources?: readonly ToolSource[];
  /** Gets providers as `pulumi up` itself would. */
  download?: typeof downloadProviders;
}

/** Runs two builds at once. If one fails, the other is called off, and goes on from there the next time. */
async function together(options: BuildOptions, ...builds: ((how: BuildOptions) => Promise<void>)[]): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const failures: unknown[] = [];
  await Promise.all(
    builds.map((build) =>
      build({ ...options, signal, builds: builds.length }).catch((error: unknown) => {
        failures.push(error);
        failed.abort();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

/**
 * Gives the programs of a lab, building what can be had in no other way. Two processes that need the same one at the same time build it
 * once; a build that was interrupted goes on where it was.
 */
export async function ensureTools(options: ToolOptions = {}): Promise<Tools> {
  const environment = options.environment ?? process.env;
  const sources = options.sources ?? toolSources();
  const assets = installedControlPlane(environment);
  const engine = await installedPulumi(environment);
  const programs = cachedTools(sources, environment);
  const built = (name: ToolName): string => {
    const program = programs.get(name);
    if (program === undefined) throw new Error(`no source of ${name} was given`);
    return program;
  };
  const ensure = (names: readonly ToolName[], how: BuildOptions = options) => {
    const needed = sources.filter(({ name }) => names.includes(name));
    return buildMissing(
      needed.map((source) => ({ source, program: built(source.name) })),
      how,
    );
  };

  const pulumi = engine?.pulumi ?? built("pulumi");
  const engineTools = engine ? [] : (["pulumi", "pulumi-language-nodejs"] as const);
  const controllerManager = assets?.kubeControllerManager ?? installedProgram("kube-controller-manager", environment);
  const controlPlane: ToolName[] = [
    ...(assets ? [] : (["etcd", "kube-apiserver"] as const)),
    ...(controllerManager === undefined ? (["kube-controller-manager"] as const) : []),
  ];
  const download = options.download ?? downloadProviders;
  let provider = installedProvider("kubernetes", environment);
  // The engine comes first: it is what downloads providers.
  const engineAndDownload = async (how: BuildOptions) => {
    await ensure(engineTools, how);
    provider ??= await download(pulumi, built("pulumi-resource-kubernetes"), options);
    return provider === undefined ? (["pulumi-resource-kubernetes"] as const) : [];
  };
  const first: ToolName[] = [
    ...engineTools,
    ...(provider === undefined ? (["pulumi-resource-kubernetes"] as const) : []),
  ];
  const besideSeconds = workLeft(
    sources.filter(({ name }) => first.includes(name)),
    programs,
  );
  if (roomForTwoBuilds(options))
    await together(
      options,
      async (how) => ensure(await engineAndDownload(how), how),
      (how) => ensure(controlPlane, { ...how, background: { besideSeconds } }),
    );
  else await ensure([...(await engineAndDownload(options)), ...controlPlane]);
  return {
    pulumi,
    languageHostDir: engine?.languageHostDir ?? dirname(built("pulumi-language-nodejs")),
    etcd: assets?.etcd ?? built("etcd"),
    kubeApiserver: assets?.kubeApiserver ?? built("kube-apiserver"),
    kubeControllerManager: controllerManager ?? built("kube-controller-manager"),
    kubernetesProvider: provider ?? built("pulumi-resource-kubernetes"),
    randomProvider: installedProvider("random", environment),
  };
}
