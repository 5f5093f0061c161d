/** The programs that a lab runs: found on this machine, downloaded by Pulumi, or built once from pinned Go modules into the cache folder. */
import { dirname } from "node:path";
import { installedControlPlane, installedProgram, installedPulumi } from "./installed-tools.ts";
import { downloadProviders, installedProvider } from "./provider-plugins.ts";
import { type BuildOptions, buildMissing, cachedTools } from "./tool-builds.ts";
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
  const ensure = (...names: ToolName[]) => {
    const needed = sources.filter(({ name }) => names.includes(name));
    return buildMissing(
      needed.map((source) => ({ source, program: built(source.name) })),
      options,
    );
  };

  // The engine first: it is what downloads providers.
  if (!engine) await ensure("pulumi", "pulumi-language-nodejs");
  const pulumi = engine?.pulumi ?? built("pulumi");
  const download = options.download ?? downloadProviders;
  const found = installedProvider("kubernetes", environment);
  const provider = found ?? (await download(pulumi, built("pulumi-resource-kubernetes"), options));
  const controllerManager = assets?.kubeControllerManager ?? installedProgram("kube-controller-manager", environment);
  await ensure(
    ...(assets ? [] : (["etcd", "kube-apiserver"] as const)),
    ...(controllerManager === undefined ? (["kube-controller-manager"] as const) : []),
    ...(provider === undefined ? (["pulumi-resource-kubernetes"] as const) : []),
  );
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
