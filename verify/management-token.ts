import type { RequestOptions } from "node:https";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { httpCode, reasonOf } from "../kubernetes/failure.ts";
import { kubectlAt } from "../topology/objects/kubectl.ts";

/** The owner of the token for a management API that asks for one: the kubeconfig's user, or a ServiceAccount. */
export type TokenOwner = "user" | { readonly namespace: string; readonly serviceAccount: string };

/** The shortest that an API server issues is ten minutes; this is as long as the keys live that it is good for. */
const lifeSeconds = 15 * 60;

/** For messages. */
export function nameOfOwner(owner: TokenOwner): string {
  return owner === "user" ? "the kubeconfig's user" : `ServiceAccount ${owner.namespace}/${owner.serviceAccount}`;
}

/**
 * A Kubernetes token, such as the operator's `authMode: k8s-token` has the API server review. A user's token is read again each time,
 * since a credential plugin may renew it; a ServiceAccount's is issued once, for a quarter of an hour.
 * @throws Error, when it is asked for, if there is none, with what to do
 */
export function kubernetesToken(config: KubeConfig, owner: TokenOwner): () => Promise<string> {
  if (owner === "user") return () => userToken(config);
  let issued: Promise<string> | undefined;
  return () => {
    issued ??= issuedToken(config, owner);
    return issued;
  };
}

async function userToken(config: KubeConfig): Promise<string> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const header = new Map(Object.entries({ ...options.headers })).get("Authorization");
  const [, token] = /^Bearer (.+)$/i.exec(String(header ?? "")) ?? [];
  if (token !== undefined) return token;
  throw new Error(
    `the management API asks for a Kubernetes token, and the kubeconfig's user of context ${config.getCurrentContext()} has none, since it signs in with a certificate or a password: name a ServiceAccount with --management-token <namespace>/<name>`,
  );
}

async function issuedToken(config: KubeConfig, owner: Exclude<TokenOwner, "user">): Promise<string> {
  const { namespace, serviceAccount: name } = owner;
  // No audience: the token is for the API server, which is whom a review without one asks about.
  const body = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: lifeSeconds },
  };
  const api = config.makeApiClient(CoreV1Api);
  const { status } = await api
    .createNamespacedServiceAccountToken({ namespace, name, body: { ...body, spec: { ...body.spec, audiences: [] } } })
    .catch((error: unknown) => {
      throw new Error(
        `a token of ${nameOfOwner(owner)} could not be issued: ${whyNoToken(error, owner, kubectlAt(config.getCurrentContext()))}`,
      );
    });
  if (status?.token === undefined) throw new Error(`the API server issued no token of ${nameOfOwner(owner)}`);
  return status.token;
}

function whyNoToken(
  error: unknown,
  { namespace, serviceAccount }: Exclude<TokenOwner, "user">,
  kubectl: string,
): string {
  const code = httpCode(error);
  if (code === 404)
    return `there is none; create it with \`${kubectl} -n ${namespace} create serviceaccount ${serviceAccount}\``;
  if (code === 403)
    return `the kubeconfig's user may not create serviceaccounts/token ${serviceAccount} in ${namespace}; \`npx bigpeer rbac --for verify --management-token ${namespace}/${serviceAccount}\` prints the right`;
  return reasonOf(error);
}

/**
 * Keeps a user's token from a management API that would get it in plain text.
 * @throws Error with what to do
 */
export function needPrivateUrl(url: string, owner: TokenOwner): void {
  const { protocol, hostname } = new URL(url);
  const isPlain = protocol !== "https:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (owner === "user" && isPlain)
    throw new Error(
      `${url} would get the token of the kubeconfig's user in plain text: give an https URL, leave --management-api out to use a port-forward, or name a ServiceAccount with --management-token <namespace>/<name>`,
    );
}
