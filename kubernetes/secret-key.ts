import { CoreV1Api } from "@kubernetes/client-node";
import { nearest } from "../topology/findings/suggest.ts";
import type { CertificateLocation } from "./certificates.ts";
import { httpCode } from "./failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "./kubeconfig.ts";
import { unreadable } from "./unreadable.ts";

/** Longer than cert-manager takes to issue a CA on a busy cluster. */
const patienceMs = 60_000;

/** A client for the Secrets of a cluster, which serves any number of reads. */
export interface SecretsApi {
  readonly api: CoreV1Api;
  readonly source: KubeconfigSource;
}

/** @throws Error if the kubeconfig cannot be used */
export function secretsApi(source: KubeconfigSource): SecretsApi {
  return { api: loadKubeConfig(source).makeApiClient(CoreV1Api), source };
}

/** One value of a Secret, as text. Waits for the Secret to come if asked to; the operator may be about to make it.
 * @throws Error if it is not there, with what is there instead and the setting to change */
export async function readSecretKey(
  secrets: SecretsApi,
  { namespace, secret, key, keySetting = "operator.caSecret.certificateKey" }: CertificateLocation,
  { wait }: { wait: boolean },
): Promise<string> {
  const deadline = Date.now() + (wait ? patienceMs : 0);
  for (;;) {
    const found = await readOrUndefined(secrets, namespace, secret);
    const value = found?.data?.[key];
    if (value !== undefined) return Buffer.from(value, "base64").toString("utf8");
    if (Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    if (found) {
      const keys = Object.keys(found.data ?? {});
      throw new Error(
        `Secret ${namespace}/${secret} has no key ${key}; it has: ${keys.join(", ") || "none"}. Set ${keySetting}`,
      );
    }
    throw new Error(
      `Secret ${namespace}/${secret} is not there${await likelyInstead(secrets, namespace, secret)}. Set operator.caSecret.name to how your operator names a Big Peer's CA`,
    );
  }
}

async function readOrUndefined({ api, source }: SecretsApi, namespace: string, name: string) {
  try {
    return await api.readNamespacedSecret({ namespace, name });
  } catch (error) {
    if (httpCode(error) === 404) return undefined;
    throw unreadable(`Secret ${namespace}/${name}`, error, source);
  }
}

async function likelyInstead({ api }: SecretsApi, namespace: string, name: string): Promise<string> {
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
