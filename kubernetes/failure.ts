/** Says why a cluster did not do what it was asked. Loads no Kubernetes client, so whoever starts fast can have it. */
import { type RunbookPage, runbook } from "../topology/runbook.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

/** A cluster that does not answer must not hold a preview up for longer than this. */
export const patienceMs = 10_000;

/** The HTTP code of an answer that refuses; undefined: there was no answer. */
export function httpCode(error: unknown): number | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  // A DOMException, such as that of a timeout, has a number of its own there.
  return typeof code === "number" && code >= 100 ? code : undefined;
}

/**
 * Says in a few words why a cluster could not be asked, or has refused.
 * @param asked what the request was to do, such as `list customresourcedefinitions`; with it the words are a sentence about the cluster
 */
export function reasonOf(error: unknown, asked?: string): string {
  const root = rootOf(error);
  if (root instanceof KubeconfigError) return root.reason;
  const code = httpCode(error) ?? httpCode(rootOf(error));
  if (code !== undefined) return asked === undefined ? `HTTP ${code}` : refusal(code, asked);
  if (isTimeout(error)) return `it does not answer within ${patienceMs / 1000} s`;
  const text = textOf(rootOf(error));
  const said = asked === undefined ? undefined : connectionFailure(error)?.reason;
  return said === undefined ? text : `${said} (${text})`;
}

/** Says in the imperative what a person can do about a cluster that could not be asked, or has refused, and which page tells more.
 * @param kubectl with the flags that reach the cluster */
export function remedyOf(error: unknown, kubectl = "kubectl"): string {
  return `${adviceOn(error, kubectl)} (${runbook(pageOf(error))})`;
}

function pageOf(error: unknown): RunbookPage {
  const code = httpCode(error) ?? httpCode(rootOf(error));
  if (code === 401 || code === 403) return "credential-refused";
  return code === 404 ? "operator-missing" : "cluster-unreachable";
}

function adviceOn(error: unknown, kubectl: string): string {
  const root = rootOf(error);
  if (root instanceof KubeconfigError) return root.remedy;
  const code = httpCode(error) ?? httpCode(rootOf(error));
  if (code === 401) return "sign in again, or get a kubeconfig with a credential that is still valid";
  if (code === 403) return "grant the right to this user; `bigpeer rbac` prints all that are needed";
  if (code === 404) return "install what serves this API there, or correct `operator.group` and `operator.version`";
  if (code !== undefined) return "run it again once the API server is healthy";
  if (isTimeout(error)) return networkRemedy;
  return (
    connectionFailure(error)?.remedy ??
    `check \`context\` and \`kubeconfig\` of the cluster, and whether \`${kubectl} get namespaces\` works`
  );
}

const networkRemedy = "check the VPN, the firewall and the route from this machine to that address";

/** The failures that keep a connection from being opened, recognized by Node's code or by the words of the error. */
const connectionFailures: readonly { readonly when: RegExp; readonly reason: string; readonly remedy: string }[] = [
  {
    when: /\bproxy (response|connection|authentication|server)|\btunnel(l?ing)?\b/i,
    reason: "the proxy refuses the connection",
    remedy: "correct `proxy-url` in the kubeconfig, or HTTPS_PROXY and NO_PROXY of this machine",
  },
  {
    when: /\b(ECONNREFUSED)\b/,
    reason: "nothing listens at its address",
    remedy: "check that the API server runs and that `server` in the kubeconfig is its address",
  },
  {
    when: /\b(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b/,
    reason: "its address cannot be reached",
    remedy: networkRemedy,
  },
  {
    when: /\b(ENOTFOUND|EAI_AGAIN)\b/,
    reason: "the name of its server cannot be resolved",
    remedy: "check `server` in the kubeconfig, and the DNS and VPN of this machine",
  },
  {
    when: /\b(CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|UNABLE_TO_(VERIFY|GET_ISSUER)\w*)\b/,
    reason: "its certificate is not trusted",
    remedy:
      "get a new kubeconfig for the cluster: `certificate-authority-data` or `server` in this one does not match the cluster",
  },
];

function connectionFailure(error: unknown) {
  const root = rootOf(error);
  const words = `${nodeCode(root)} ${textOf(root)}`;
  return connectionFailures.find(({ when }) => when.test(words));
}

/** "fetch failed" says nothing; what it was caused by does. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.cause instanceof Error) return rootOf(error.cause);
  // A name with several addresses fails once for each, and the error of all of them says nothing itself.
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  return error;
}

function isTimeout(error: unknown): boolean {
  const root = rootOf(error);
  if (!(root instanceof Error) || connectionFailure(root)) return false;
  return root.name === "AbortError" || root.name === "TimeoutError" || nodeCode(root) === "UND_ERR_CONNECT_TIMEOUT";
}

function nodeCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

function textOf(error: unknown): string {
  // A web socket's failure is an event, which is no Error.
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  return typeof message === "string" ? message : String(error);
}

function refusal(code: number, asked: string): string {
  if (code === 401) return "it does not accept the kubeconfig's user (HTTP 401)";
  if (code === 403) return `the kubeconfig's user may not ${asked} (HTTP 403)`;
  if (code === 404) return "it does not serve this API (HTTP 404)";
  return `it answers HTTP ${code}`;
}
