import { existsSync } from "node:fs";
import { ApiException, CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { nearest } from "../topology/suggest.ts";
import type { CertificateLocation } from "./certificate-reader.ts";
import { PooledKubeConfig } from "./pooled-kube-config.ts";

/** Longer than cert-manager takes to issue a CA on a busy cluster. */
const patienceMs = 60_000;

/** Loads a kubeconfig from a path, from content, or from where kubectl would.
 * @throws Error if it cannot be read or has no such context; never with a line of it, which may be a key */
export function loadKubeConfig(source: { kubeconfig?: string | undefined; context?: string | undefined }): KubeConfig {
  const config = new PooledKubeConfig();
  try {
    load(config, source.kubeconfig);
  } catch (error) {
    // A YAML parser quotes what it could not read.
    if (!(error instanceof Error) || !("mark" in error)) throw error;
    throw new Error(`the kubeconfig is not valid YAML${lineOf(error.mark)}`);
  }
  if (source.context !== undefined) {
    const contexts = config.getContexts().map(({ name }) => name);
    if (!contexts.includes(source.context)) {
      throw new Error(
        `the kubeconfig has no context "${source.context}"; it has: ${contexts.join(", ") || "none"}. Set \`context\` of the cluster in the topology`,
      );
    }
    config.setCurrentContext(source.context);
  }
  return config;
}

function load(config: KubeConfig, pathOrContent: string | undefined): void {
  if (pathOrContent === undefined) config.loadFromDefault();
  else if (/[\n{]/.test(pathOrContent)) config.loadFromString(pathOrContent);
  else if (existsSync(pathOrContent)) config.loadFromFile(pathOrContent);
  else throw new Error(`there is no kubeconfig ${pathOrContent}`);
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
