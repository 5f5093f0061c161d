import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { requestJson } from "../../../verify/http.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function silent(): Promise<string> {
  server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/documents`;
}

test("says how long a server that does not answer was waited for", async () => {
  const url = await silent();
  await expect(requestJson(url, { method: "GET", timeoutMs: 50 })).rejects.toThrow(
    `GET ${url}: no answer within 0.05 s`,
  );
});

test("says nothing of a time limit where the caller has given up", async () => {
  const url = await silent();
  const signal = AbortSignal.abort();
  await expect(requestJson(url, { method: "GET", signal })).rejects.toThrow(/aborted/);
});
