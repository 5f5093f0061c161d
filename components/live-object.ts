import type { KubernetesObjectApi } from "@kubernetes/client-node";
import { type Input, type Output, output, RunError } from "@pulumi/pulumi";
import type { KubeconfigArgs } from "./certificate-reader.ts";

/** Which object of a cluster. */
export interface ObjectReference {
  /** Group and version: `ditto.live/v1alpha1`. */
  readonly apiVersion: string;
  /** Its kind: `BigPeer`. */
  readonly kind: string;
  /** Namespace that it is in. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
}

/**
 * Makes a function that gives an object of one cluster as it is, also in a preview; undefined where it is not there.
 * What it gives is rejected with a RunError where the cluster cannot be reached or refuses.
 */
export function liveObjectReader(args: KubeconfigArgs): (reference: Input<ObjectReference>) => Output<unknown> {
  let api: KubernetesObjectApi | undefined;
  return (reference) => {
    return output([output(reference), output(args.kubeconfig), output(args.context)] as const).apply(
      async ([{ apiVersion, kind, namespace, name }, kubeconfig, context]): Promise<unknown> => {
        const [{ KubernetesObjectApi }, { loadKubeConfig }] = await Promise.all([
          import("@kubernetes/client-node"),
          import("../kubernetes/kubeconfig.ts"),
        ]);
        try {
          api ??= KubernetesObjectApi.makeApiClient(loadKubeConfig({ kubeconfig, context }));
          return await api.read({ apiVersion, kind, metadata: { namespace, name } });
        } catch (error) {
          const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
          if (code === 404) return undefined;
          const reason = typeof code === "number" ? `HTTP ${code}` : reasonOf(error);
          throw new RunError(`${kind} ${namespace}/${name} cannot be read: ${reason}`);
        }
      },
    );
  };
}

/** "fetch failed" says nothing; what it was caused by does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
