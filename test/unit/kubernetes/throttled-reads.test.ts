import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { readSecretKey, secretsApi } from "../../../kubernetes/secret-key.ts";

const place = { namespace: "ditto", secret: "ditto-bp1-ca", key: "tls.crt" };
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "ditto-bp1-ca" }, data: { "tls.crt": "cGVt" } };
let server: Server | undefined;
afterEach(() => server?.close());

/** The kubeconfig of an API server that refuses the first requests. */
async function refusing(times: number, status: number, retryAfter: string) {
  const asked: number[] = [];
  server = createServer((_, response) => {
    asked.push(Date.now());
    const refused = asked.length <= times;
    response.writeHead(refused ? status : 200, { "content-type": "application/json", "retry-after": retryAfter });
    response.end(JSON.stringify(refused ? { kind: "Status", code: status } : secret));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  });
  return { asked, read: () => readSecretKey(secretsApi({ kubeconfig }), place, { wait: false }) };
}

test("a read that is throttled comes again when the API server says", async () => {
  const { asked, read } = await refusing(1, 429, "1");
  expect(await read()).toBe("pem");
  const [first = 0, second = 0] = asked;
  expect(second - first).toBeGreaterThanOrEqual(990);
});

test("a read that is refused again and again is given up, with the reason", async () => {
  const { asked, read } = await refusing(1000, 429, "0");
  await expect(read()).rejects.toThrow('Secret ditto/ditto-bp1-ca of cluster "c" cannot be read: it answers HTTP 429');
  expect(asked.length).toBeLessThan(20);
});

test("a read that is forbidden is not tried again", async () => {
  const { asked, read } = await refusing(1000, 403, "0");
  await expect(read()).rejects.toThrow("HTTP 403");
  expect(asked).toHaveLength(1);
});
