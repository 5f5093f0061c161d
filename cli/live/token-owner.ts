import type { TokenOwner } from "../../verify/management-token.ts";
import { UsageError } from "../usage-error.ts";

/** Whose token `--management-token` names: `user`, or a ServiceAccount as `<namespace>/<name>`. */
export function tokenOwner(option: string | undefined): TokenOwner | undefined {
  if (option === undefined || option === "user") return option;
  const [, namespace, serviceAccount] = /^([^/]+)\/([^/]+)$/.exec(option) ?? [];
  if (namespace === undefined || serviceAccount === undefined)
    throw new UsageError(`--management-token ${option}: write user, or a ServiceAccount as <namespace>/<name>`);
  return { namespace, serviceAccount };
}
