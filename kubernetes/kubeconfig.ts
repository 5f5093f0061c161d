import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeconfigError } from "./kubeconfig-error.ts";
import { PooledKubeConfig } from "./pooled-kube-config.ts";

/** A kubeconfig and a context in it, which together name a cluster. */
export interface KubeconfigSource {
  /** Path or content; undefined: as kubectl finds it. */
  readonly kubeconfig?: string | undefined;
  /** Undefined: the kubeconfig's current one. */
  readonly context?: string | undefined;
  /** The cluster's name in the topology, for messages. @default the name that the kubeconfig gives it */
  readonly cluster?: string | undefined;
}

/** The kubeconfigs by source and context: all readers of a cluster share their connections and its credential. */
const loaded = new Map<string, PooledKubeConfig>();

/** Loads a kubeconfig from a path, from content, or from where kubectl would. The same object again, as long as its files stay the same;
 * nobody may choose another context in it.
 * @throws KubeconfigError if it cannot be read or has no such context; never with a line of it, which may be a key */
export function loadKubeConfig(source: KubeconfigSource): PooledKubeConfig {
  const files = filesOf(source.kubeconfig);
  const key = JSON.stringify([source.kubeconfig, source.context, files.map(versionOf)]);
  const config = loaded.get(key) ?? load(source, files);
  loaded.set(key, config);
  return config;
}

/** The files that a kubeconfig is read from; of content there are none. */
function filesOf(pathOrContent: string | undefined): string[] {
  if (pathOrContent === undefined) {
    const named = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
    return named.length > 0 ? named : [join(homedir(), ".kube", "config")];
  }
  return /[\n{]/.test(pathOrContent) ? [] : [pathOrContent];
}

function versionOf(file: string): readonly unknown[] {
  const { mtimeMs, size, ino } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return [file, mtimeMs, size, ino];
}

function load({ kubeconfig, context }: KubeconfigSource, files: readonly string[]): PooledKubeConfig {
  const config = new PooledKubeConfig();
  try {
    read(config, kubeconfig, files);
  } catch (error) {
    if (error instanceof KubeconfigError) throw error;
    // An empty kubeconfig has no line to name; and the client fails in its own way if a field that it expects is missing.
    const line = error instanceof Error && "mark" in error ? lineOf(error.mark) : undefined;
    if (line === "" || error instanceof TypeError)
      throw new KubeconfigError("the kubeconfig is empty, or does not have the form of one", howToGetOne);
    // A YAML parser quotes what it could not read.
    if (line !== undefined)
      throw new KubeconfigError(`the kubeconfig is not valid YAML${line}`, "correct it there, or get a new one");
    const said = error instanceof Error ? error.message : String(error);
    throw new KubeconfigError(/kubeconfig/i.test(said) ? said : `the kubeconfig cannot be used: ${said}`, howToGetOne);
  }
  if (context !== undefined) {
    const contexts = config.getContexts().map(({ name }) => name);
    if (!contexts.includes(context)) {
      throw new KubeconfigError(
        `the kubeconfig has no context "${context}"; it has: ${contexts.join(", ") || "none"}`,
        "set `context` of the cluster in the topology (on the command line: `--context`) to the one that reaches it",
      );
    }
    config.setCurrentContext(context);
  }
  return config;
}

/** Advice for those who have no kubeconfig. */
const howToGetOne =
  "get one from the cluster's cloud (`aws eks update-kubeconfig`, `gcloud container clusters get-credentials`, `az aks get-credentials`) " +
  "or from its administrator, and name it with KUBECONFIG, with --kubeconfig, or, for a stack, with `pulumi config set --secret bigpeer:kubeconfig`";

function read(config: PooledKubeConfig, pathOrContent: string | undefined, files: readonly string[]): void {
  if (pathOrContent !== undefined && files.length === 0) {
    config.loadFromString(pathOrContent);
    return;
  }
  // kubectl, too, passes over those of KUBECONFIG that are not there.
  const [first, ...others] = files.filter((file) => existsSync(file));
  if (first !== undefined) {
    config.loadFromFile(first);
    for (const file of others) {
      const other = new PooledKubeConfig();
      other.loadFromFile(file);
      config.mergeConfig(other, Boolean(config.currentContext));
    }
    return;
  }
  if (pathOrContent !== undefined) throw new KubeconfigError(`there is no kubeconfig ${pathOrContent}`, howToGetOne);
  if (process.env.KUBECONFIG)
    throw new KubeconfigError(
      `there is no kubeconfig, since KUBECONFIG names ${files.join(", ")}, which does not exist`,
      howToGetOne,
    );
  // In a pod, that of its service account; on Windows, that of WSL; else one that leads nowhere.
  config.loadFromDefault();
  if (config.getCurrentContext() === "loaded-context")
    throw new KubeconfigError(
      `there is no kubeconfig, since KUBECONFIG is not set and ${files.join()} does not exist`,
      howToGetOne,
    );
}

function lineOf(mark: unknown): string {
  const line = typeof mark === "object" && mark !== null && "line" in mark ? Number(mark.line) : Number.NaN;
  return Number.isNaN(line) ? "" : ` (line ${line + 1})`;
}
