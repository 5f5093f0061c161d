import { expect, test } from "vitest";
import { UnreadableError, unreadable } from "../../../kubernetes/unreadable.ts";

const source = {
  cluster: "east",
  context: "gke-east",
  kubeconfig: JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "gke", cluster: { server: "https://admin:hunter2@10.0.0.1:6443/?token=s3cret" } }],
    users: [{ name: "u", user: { token: "s3cret" } }],
    contexts: [{ name: "gke-east", context: { cluster: "gke", user: "u" } }],
  }),
};

/** As undici wraps what keeps a connection from being opened. */
function fetchFailed(message: string, code: string, name = "Error"): Error {
  const cause = Object.assign(new Error(message), { code, name });
  return new TypeError("fetch failed", { cause });
}

const answered = (code: number) => Object.assign(new Error("HTTP-Code: …\nBody: …"), { code });

test.each([
  [
    "a refused connection",
    fetchFailed("connect ECONNREFUSED 10.0.0.1:6443", "ECONNREFUSED"),
    "nothing listens at its address (connect ECONNREFUSED 10.0.0.1:6443)",
    "check that the API server runs and that `server` in the kubeconfig is its address (docs/runbook/cluster-unreachable.md)",
  ],
  [
    "a name without an address",
    fetchFailed("getaddrinfo ENOTFOUND k8s.example.com", "ENOTFOUND"),
    "the name of its server cannot be resolved (getaddrinfo ENOTFOUND k8s.example.com)",
    "check `server` in the kubeconfig, and the DNS and VPN of this machine (docs/runbook/cluster-unreachable.md)",
  ],
  [
    "a certificate of an unknown authority",
    fetchFailed("unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    "its certificate is not trusted (unable to verify the first certificate)",
    "get a new kubeconfig for the cluster: `certificate-authority-data` or `server` in this one does not match the cluster (docs/runbook/cluster-unreachable.md)",
  ],
  [
    "HTTP 401",
    answered(401),
    "it does not accept the kubeconfig's user (HTTP 401)",
    "sign in again, or get a kubeconfig with a credential that is still valid (docs/runbook/credential-refused.md)",
  ],
  [
    "HTTP 403",
    answered(403),
    "the kubeconfig's user may not get BigPeer ditto/bp1 (HTTP 403)",
    "grant the right to this user; `bigpeer rbac` prints all that are needed (docs/runbook/credential-refused.md)",
  ],
  [
    "HTTP 404 for the API group",
    answered(404),
    "it does not serve this API (HTTP 404)",
    "install what serves this API there, or correct `operator.group` and `operator.version` (docs/runbook/operator-missing.md)",
  ],
  [
    "no answer in time",
    new DOMException("The operation was aborted due to timeout", "TimeoutError"),
    "it does not answer within 10 s",
    "check the VPN, the firewall and the route from this machine to that address (docs/runbook/cluster-unreachable.md)",
  ],
  [
    "a proxy that refuses",
    fetchFailed("Proxy response (407) !== 200 when HTTP Tunneling", "UND_ERR_ABORTED", "AbortError"),
    "the proxy refuses the connection (Proxy response (407) !== 200 when HTTP Tunneling)",
    "correct `proxy-url` in the kubeconfig, or HTTPS_PROXY and NO_PROXY of this machine (docs/runbook/cluster-unreachable.md)",
  ],
])("a read that fails by %s says what, where, why and what to do", (_, error, reason, remedy) => {
  expect(unreadable("BigPeer ditto/bp1", error, source).message).toBe(
    `BigPeer ditto/bp1 of cluster "east" cannot be read: ${reason} (context "gke-east", https://10.0.0.1:6443); ${remedy}`,
  );
});

test("a name with several addresses is told by the failure of the first", () => {
  const refused = (address: string) =>
    Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: "ECONNREFUSED" });
  const all = Object.assign(new AggregateError([refused("::1:6443"), refused("127.0.0.1:6443")]), {
    code: "ECONNREFUSED",
  });
  const { what } = unreadable("Secret ditto/ca", new TypeError("fetch failed", { cause: all }), source);
  expect(what).toContain("nothing listens at its address (connect ECONNREFUSED ::1:6443)");
});

test("a cluster that the topology does not name has the name that the kubeconfig gives it", () => {
  const { cluster: _, ...unnamed } = source;
  expect(unreadable("Secret ditto/ca", answered(401), unnamed).what).toMatch(
    /^Secret ditto\/ca of cluster "gke" cannot/,
  );
});

test("a kubeconfig without the context says which it has, and no address", () => {
  const error = new Error('the kubeconfig has no context "other"; it has: gke-east');
  const { what } = unreadable("Secret ditto/ca", error, { ...source, context: "other" });
  expect(what).toBe(
    'Secret ditto/ca of cluster "east" cannot be read: the kubeconfig has no context "other"; it has: gke-east (context "other")',
  );
});

test("the sentence is made once, by whoever knows what was read", () => {
  const inner = unreadable("the custom resource definitions", answered(403), source, "list customresourcedefinitions");
  expect(unreadable("the operator's objects", inner, source)).toBe(inner);
  expect(inner).toBeInstanceOf(UnreadableError);
});
