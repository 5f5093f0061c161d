import type { ApiVersion } from "./document-api.ts";
import type { TokenOwner } from "./management-token.ts";

/** The access to the running Big Peers. */
export interface Access {
  /** Path or content of the kubeconfig for clusters that name none. @default as kubectl finds it */
  readonly kubeconfig?: string | undefined;
  /** The way into a cluster's network, where no URL is given. */
  readonly reach: "port-forward" | "cluster-ip";
  /** For each peer: base URL of its HTTP API. Goes before the topology's. */
  readonly apis: Readonly<Record<string, string>>;
  /** For each cluster: base URL of the operator's management API. */
  readonly managementApis: Readonly<Record<string, string>>;
  /** The owner of the token for a management API, where the contract says that it asks for one. @default "user" */
  readonly managementToken?: TokenOwner | undefined;
  /** Version of the Big Peers' HTTP API. @default the contract's */
  readonly apiVersion?: ApiVersion | undefined;
}
