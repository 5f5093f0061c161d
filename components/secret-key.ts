import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import { nearest } from "../topology/findings/suggest.ts";
import type { CertificateLocation } from "./certificate-reader.ts";
import { PooledKubeConfig } from "./pooled-kube-config.ts";

/** Longer than cert-manager takes to issue a CA on a busy cluster. */
const patienceMs = 60_000;

/** The kubeconfigs by source and context: all readers of a cluster share their connections and its credential. */
const loaded = new Map<string, PooledKubeConfig>();

/** Loads a kubeconfig from a path, from content, or from where kubectl would. The same object again, as long as its files stay the same;
 * nobody may choose another context in it.
 * @throws Error if it cannot be read or has no such context; never with a line of it, which may be a key */
export function loadKubeConfig(source: {
  kubeconfig?: string | undefined;
  context?: string | undefined;
}): PooledKubeConfig {
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

function load(
  { kubeconfig, context }: { kubeconfig?: string | undefined; context?: string | undefined },
  files: readonly string[],
): PooledKubeConfig {
  const config = new PooledKubeConfig();
  try {
    read(config, kubeconfig, files);
  } catch (error) {
    // Where it is empty there is no line to name, or the client misses what it takes for granted.
    const line = error instanceof Error && "mark" in error ? lineOf(error.mark) : undefined;
    if (line === "" || error instanceof TypeError)
      throw new Error("the kubeconfig is empty, or does not have the form of one");
    // A YAML parser quotes what it could not read.
    if (line !== undefined) throw new Error(`the kubeconfig is not valid YAML${line}`);
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(/kubeconfig/i.test(said) ? said : `the kubeconfig cannot be used: ${said}`);
  }
  if (context !== undefined) {
    const contexts = config.getContexts().map(({ name }) => name);
    if (!contexts.includes(context)) {
      throw new Error(
        `the kubeconfig has no context "${context}"; it has: ${contexts.join(", ") || "none"}. Set \`context\` of the cluster in the topology`,
      );
    }
    config.setCurrentContext(context);
  }
  return config;
}

/** Advice for those who have no kubeconfig. */
const howToGetOne =
  "Get one from the cluster's cloud (`aws eks update-kubeconfig`, `gcloud container clusters get-credentials`, `az aks get-credentials`) " +
  "or from its administrator, and name it by KUBECONFIG, by --kubeconfig, or for a stack by `pulumi config set --secret bigpeer:kubeconfig`";

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
  if (pathOrContent !== undefined) throw new Error(`there is no kubeconfig ${pathOrContent}. ${howToGetOne}`);
  if (process.env.KUBECONFIG)
    throw new Error(
      `there is no kubeconfig: KUBECONFIG names ${files.join(", ")}, which does not exist. ${howToGetOne}`,
    );
  // In a pod, that of its service account; on Windows, that of WSL; else one that leads nowhere.
  config.loadFromDefault();
  if (config.getCurrentContext() === "loaded-context")
    throw new Error(
      `there is no kubeconfig: KUBECONFIG is not set, and ${files.join()} does not exist. ${howToGetOne}`,
    );
}

function lineOf(mark: unknown): string {
  const line = typeof mark === "object" && mark !== null && "line" in mark ? Number(mark.line) : Number.NaN;
  return Number.isNaN(line) ? "" : ` (line ${line + 1})`;
}

/** What reads Secrets of a cluster. One serves any number of reads. */
export function secretsApi(source: { kubeconfig?: string | undefined; context?: string | undefined }): CoreV1Api {
  return loadKubeConfig(source).makeApiClient(CoreV1Api);
}

/** One value of a Secret, as text. Waits for the Secret to come if asked to; the operator may be about to make it.
 * @throws Error if it is not there, with what is there instead and the setting to change */
export async function readSecretKey(
  api: CoreV1Api,
  { namespace, secret, key }: CertificateLocation,
  { wait }: { wait: boolean },
): Promise<string> {
  const deadline = Date.now() + (wait ? patienceMs : 0);
  for (;;) {
    const found = await readOrUndefined(api, namespace, secret);
    const value = found?.data?.[key];
    if (value !== undefined) return Buffer.from(value, "base64").toString("utf8");
    if (Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    if (found) {
      const keys = Object.keys(found.data ?? {});
      throw new Error(
        `Secret ${namespace}/${secret} has no key ${key}; it has: ${keys.join(", ") || "none"}. Set operator.caSecret.certificateKey`,
      );
    }
    throw new Error(
      `Secret ${namespace}/${secret} is not there${await likelyInstead(api, namespace, secret)}. Set operator.caSecret.name to how your operator names a Big Peer's CA`,
    );
  }
}

async function readOrUndefined(api: CoreV1Api, namespace: string, name: string) {
  try {
    return await api.readNamespacedSecret({ namespace, name });
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw new Error(`Secret ${namespace}/${name} cannot be read: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ApiException) return `HTTP ${error.code}`;
  // "fetch failed" says nothing; what it was caused by does.
  if (error instanceof Error && error.cause instanceof Error) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

async function likelyInstead(api: CoreV1Api, namespace: string, name: string): Promise<string> {
  try {
    const names = (await api.listNamespacedSecret({ namespace })).items.flatMap((item) => item.metadata?.name ?? []);
    const near = nearest(name, names);
    return near === undefined
      ? `; the namespace has: ${names.slice(0, 10).join(", ") || "none"}`
      : `; did you mean ${near}?`;
  } catch {
    // Listing Secrets is more than this program needs, so it may not be allowed; the message does without.
    return "";
  }
}
