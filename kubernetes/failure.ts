/** Says why a cluster did not do what it was asked. Loads no Kubernetes client, so whoever starts fast can have it. */
import type { KubeconfigSource } from "./kubeconfig.ts";

/** A cluster that does not answer must not hold a preview up for longer than this. */
export const patienceMs = 10_000;

/** The HTTP code of an answer that refuses; undefined: there was no answer. */
export function httpCode(error: unknown): number | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  // A DOMException, such as that of a timeout, has a number of its own there.
  return typeof code === "number" && code >= 100 ? code : undefined;
}

/**
 * Why a cluster could not be asked, or has refused, in a few words.
 * @param asked what the request was to do, such as `list customresourcedefinitions`; with it the words are a sentence about the cluster
 */
export function reasonOf(error: unknown, asked?: string): string {
  const code = httpCode(error);
  if (code !== undefined) return asked === undefined ? `HTTP ${code}` : refusal(code, asked);
  if (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError"))
    return `it does not answer within ${patienceMs / 1000} s`;
  // "fetch failed" says nothing; what it was caused by does.
  if (error instanceof Error && error.cause instanceof Error) return reasonOf(error.cause, asked);
  // A web socket's failure is an event, which is no Error.
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  return typeof message === "string" ? message : String(error);
}

function refusal(code: number, asked: string): string {
  if (code === 401) return "it does not accept the kubeconfig's user (HTTP 401)";
  if (code === 403) return `the kubeconfig's user may not ${asked} (HTTP 403)`;
  return `it answers HTTP ${code}`;
}

/** The error of a read that has failed, for a person: what could not be read, in which context, and why.
 * @param what such as `Secret ditto/bp1-ca` */
export function unreadable(what: string, error: unknown, { context }: Pick<KubeconfigSource, "context"> = {}): Error {
  return new Error(
    `${what}${context === undefined ? "" : ` of context ${context}`} cannot be read: ${reasonOf(error)}`,
  );
}
