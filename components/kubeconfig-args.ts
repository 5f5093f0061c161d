import type { Input } from "@pulumi/pulumi";

/** The way to reach a cluster. */
export interface KubeconfigArgs {
  /** Path or content of a kubeconfig. Default: KUBECONFIG, then `~/.kube/config`, as kubectl does. */
  readonly kubeconfig?: Input<string> | undefined;
  /** Context in the kubeconfig. Default: its current context. */
  readonly context?: Input<string> | undefined;
}
