/** The kubeconfig of a whole lab: one context a cluster, readable by its owner alone. */
import { writeFile } from "node:fs/promises";
import { stringify } from "yaml";

export interface KubeconfigEntry {
  context: string;
  server: string;
  /** PEM. */
  authority: string;
  token: string;
  /** The context's default namespace. */
  namespace?: string | undefined;
}

/** Text of a kubeconfig; the first entry's context is the current one. */
export function kubeconfigText(entries: readonly KubeconfigEntry[]): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": entries[0]?.context ?? "",
    clusters: entries.map(({ context, server, authority }) => ({
      name: context,
      cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") },
    })),
    users: entries.map(({ context, token }) => ({ name: context, user: { token } })),
    contexts: entries.map(({ context, namespace }) => ({
      name: context,
      context: { cluster: context, user: context, ...(namespace === undefined ? {} : { namespace }) },
    })),
  });
}

export async function writeKubeconfig(file: string, entries: readonly KubeconfigEntry[]): Promise<void> {
  await writeFile(file, kubeconfigText(entries), { mode: 0o600 });
}
