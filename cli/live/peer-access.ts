import type { Access } from "../../verify/access.ts";
import type { ApiVersion } from "../../verify/document-api.ts";
import { UsageError } from "../usage-error.ts";
import { tokenOwner } from "./token-owner.ts";

/** The options by which a command reaches Big Peers: those of `withPeerAccess`, and `--kubeconfig`. */
export interface PeerAccessOptions {
  readonly kubeconfig?: string;
  readonly reach: string;
  readonly api: Record<string, string>;
  readonly managementApi: Record<string, string>;
  readonly managementToken?: string;
  readonly apiVersion?: ApiVersion;
}

/** The access to Big Peers that a command line asks for.
 * @throws UsageError for a way or an owner of a token that does not exist */
export function peerAccess(options: PeerAccessOptions): Access {
  const { reach, kubeconfig, api: apis, managementApi: managementApis, apiVersion } = options;
  if (reach !== "port-forward" && reach !== "cluster-ip")
    throw new UsageError(`--reach ${reach}: write port-forward or cluster-ip`);
  return { kubeconfig, reach, apis, managementApis, managementToken: tokenOwner(options.managementToken), apiVersion };
}

/** The value of `--deadline`, in milliseconds.
 * @throws UsageError for anything but a number of seconds above 0 */
export function deadlineOf(deadline: string): number {
  const seconds = Number(deadline);
  if (!(seconds > 0)) throw new UsageError(`--deadline ${deadline}: write a number of seconds`);
  return seconds * 1000;
}
