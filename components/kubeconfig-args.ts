import type { Input } from "@pulumi/pulumi";

/** How a cluster is reached. */
export interface KubeconfigArgs {
  /** Path or content of a kubeconfig. Default: KUBECONFIG, then `~/.kube/config`, as kubectl does. */
  readonly kubeconfig?: Input<string> | undefined;
  /** Context in it. Default: its current context. */
  readonly context?: Input<string> | undefined;
}
