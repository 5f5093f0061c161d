import { kubectlAt } from "../topology/objects/kubectl.ts";
import { reasonOf, remedyOf } from "./failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "./kubeconfig.ts";

/** A read that has failed, in the one sentence that says what was read, where, why not, and what to do. */
export class UnreadableError extends Error {
  /** The sentence without what to do. */
  readonly what: string;
  /** The remedy, in the imperative. */
  readonly remedy: string;

  constructor(what: string, remedy: string, cause?: unknown) {
    super(`${what}; ${remedy}`, { cause });
    this.what = what;
    this.remedy = remedy;
  }
}

/**
 * The error of a read that has failed, for a person.
 * @param what such as `Secret ditto/bp1-ca`
 * @param asked what the request was to do, such as `list customresourcedefinitions`. @default get what was to be read
 */
export function unreadable(
  what: string,
  error: unknown,
  source: KubeconfigSource,
  asked = `get ${what}`,
): UnreadableError {
  if (error instanceof UnreadableError) return error;
  const { cluster, place } = placeOf(source);
  const owner = cluster === undefined ? "" : ` of cluster "${cluster}"`;
  return new UnreadableError(
    `${what}${owner} cannot be read: ${reasonOf(error, asked)}${place}`,
    remedyOf(error, kubectlAt(source.context)),
    error,
  );
}

/** Says why a cluster could not be asked, with the context and the address at which it was asked. */
export function reasonAt(error: unknown, source: KubeconfigSource, asked: string): string {
  return `${reasonOf(error, asked)}${placeOf(source).place}`;
}

function placeOf(source: KubeconfigSource): { cluster: string | undefined; place: string } {
  const parts: string[] = [];
  let { cluster, context } = source;
  try {
    const config = loadKubeConfig(source);
    const current = config.getCurrentCluster();
    context ??= config.getCurrentContext();
    cluster ??= current?.name;
    if (current) parts.push(withoutCredentials(current.server));
  } catch {
    // The kubeconfig itself cannot be used, which is what the reason says then.
  }
  if (context !== undefined && context !== "") parts.unshift(`context "${context}"`);
  return { cluster, place: parts.length === 0 ? "" : ` (${parts.join(", ")})` };
}

/** An address as it may be printed: a user and a password in it, and what a gateway may want as a query, are secrets. */
function withoutCredentials(server: string): string {
  try {
    const { protocol, host, pathname } = new URL(server);
    return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
  } catch {
    return "an address that is no URL";
  }
}
