import { AuthenticationV1Api, type KubeConfig } from "@kubernetes/client-node";

/** Tells whose token it is; undefined if it is not one of the cluster's. */
export type ReviewToken = (token: string) => Promise<{ readonly user: string } | undefined>;

/** Asks the API server, as `authMode: k8s-token` has the operator do. */
export function tokenReview(kubeConfig: KubeConfig): ReviewToken {
  const api = kubeConfig.makeApiClient(AuthenticationV1Api);
  return async (token) => {
    const { status } = await api.createTokenReview({ body: { spec: { token } } });
    return status?.authenticated === true ? { user: status.user?.username ?? "" } : undefined;
  };
}
