import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { planText } from "../../../topology/check.ts";
import { Session } from "../../../verify/session.ts";

const { plan } = planText(`
clusters: { dev: {} }
peers: { bp1: { cluster: dev, version: 1.63.2 }, bp2: { cluster: dev, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications: { blue: { app: cars, between: [bp1, bp2], queries: { cars: "color = 'blue'" } } }
`);

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A session with a server in place of the API server, the management API and the Big Peer. */
async function sessionWith(answer: RequestListener): Promise<Session> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "dev", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "dev", user: { token: "t" } }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "dev" } }],
  });
  return new Session(plan, {
    kubeconfig: `${kubeconfig}\n`,
    reach: "cluster-ip",
    apis: { bp1: url },
    managementApis: { dev: url },
  });
}

test("a key that comes after the run has failed is deleted all the same", async () => {
  const keys = new Set<string>();
  const session = await sessionWith(async ({ method, url = "" }, response) => {
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
  await expect(session.documents("cars", "bp1")).rejects.toThrow(
    /BigPeerApp ditto\/cars-bp1 does not exist in cluster "dev"; run pulumi up/,
  );
  expect(await session.close()).toEqual([]);
  await delay(300);
  expect([...keys]).toEqual([]);
});

describe("an app that the operator has not made on its Big Peer yet", () => {
  let asked = 0;
  const early = (times: number) => {
    asked = 0;
    return sessionWith(({ method, url = "" }, response) => {
      response.setHeader("content-type", "application/json");
      if (url.endsWith("/v1alpha1"))
        response.end(JSON.stringify({ resources: [{ name: "bigpeerapps", kind: "BigPeerApp", namespaced: true }] }));
      else if (!url.includes("/apiKey")) response.end(JSON.stringify({ spec: { appId: plan.apps.get("cars")?.id } }));
      else if (method === "POST" && ++asked <= times) response.writeHead(404).end("{}");
      else response.end(JSON.stringify("secret"));
    });
  };

  test("is waited for", async () => {
    const session = await early(2);
    await session.documents("cars", "bp1");
    expect(await session.close()).toEqual([]);
  });

  test("is not waited for when the run is given up", async () => {
    const session = await early(1000);
    const documents = expect(session.documents("cars", "bp1")).rejects.toThrow(/HTTP 404/);
    await delay(100);
    await session.close();
    await documents;
    // It would have asked sixty times until it gave up by itself.
    expect(asked).toBeLessThan(30);
  });
});
