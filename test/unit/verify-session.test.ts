import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { planText } from "../../topology/check.ts";
import { Session } from "../../verify/session.ts";

const { plan } = planText(`
clusters: { dev: {} }
peers: { bp1: { cluster: dev, version: 1.63.2 }, bp2: { cluster: dev, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications: { blue: { app: cars, between: [bp1, bp2], queries: { cars: "color = 'blue'" } } }
`);

test("a key that comes after the run has failed is deleted all the same", async () => {
  const keys = new Set<string>();
  const server = createServer(async ({ method, url = "" }, response) => {
    // The API server answers at once that the app is not there; the management API takes its time with a key.
    if (!url.includes("/apiKey")) {
      response.writeHead(404).end("{}");
      return;
    }
    if (method === "DELETE") keys.delete("a key");
    else {
      await delay(200);
      keys.add("a key");
    }
    response.end(JSON.stringify("secret"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "dev", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "dev", user: { token: "t" } }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "dev" } }],
  });
  const session = new Session(plan, {
    kubeconfig: `${kubeconfig}\n`,
    reach: "cluster-ip",
    apis: { bp1: url },
    managementApis: { dev: url },
  });
  await expect(session.documents("cars", "bp1")).rejects.toThrow(/BigPeerApp ditto\/cars-bp1 .* cannot be read/);
  expect(await session.close()).toEqual([]);
  await delay(300);
  expect([...keys]).toEqual([]);
  server.closeAllConnections();
  server.close();
});
