import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requestJson } from "../../../verify/http.ts";
import { portForwardReach } from "../../../verify/port-forward.ts";

interface Tunnel {
  readonly url: string;
  /** Sends bytes of a stream, as an API server does: stream 0 is the connection, 1 what is wrong with it. */
  send(stream: 0 | 1, bytes: string): void;
  close(): void;
}

/** An API server with one Service, whose pods it forwards to by its WebSocket protocol. */
class ApiServer {
  readonly tunnels: Tunnel[] = [];
  readonly server: Server = createServer((request, response) => this.#answer(request, response));
  targetPort: number | string = 9090;
  pods: unknown[] = [
    pod("old", { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    pod("starting", {}, "False"),
    pod("up"),
  ];
  /** What it does with the first bytes that a client sends through a tunnel. */
  onRequest: (tunnel: Tunnel) => void = answer("pong");

  async start(): Promise<KubeConfig> {
    this.server.on("upgrade", (request, socket: Socket) => this.#upgrade(request, socket));
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const { port } = this.server.address() as AddressInfo;
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: "u", token: "t" },
    );
    return config;
  }

  #answer({ url = "" }: IncomingMessage, response: ServerResponse): void {
    response.setHeader("content-type", "application/json");
    const service = { spec: { selector: { app: "api" }, ports: [{ port: 8080, targetPort: this.targetPort }] } };
    response.end(JSON.stringify(url.includes("/services/") ? service : { items: this.pods }));
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: v4.channel.k8s.io\r\n\r\n`,
    );
    const frame = (payload: Buffer) => socket.write(Buffer.concat([Buffer.from([0x82, payload.length]), payload]));
    const tunnel: Tunnel = {
      url: request.url ?? "",
      send: (stream, bytes) => frame(Buffer.concat([Buffer.from([stream]), Buffer.from(bytes)])),
      close: () => socket.end(Buffer.from([0x88, 0x00])),
    };
    this.tunnels.push(tunnel);
    for (const stream of [0, 1]) frame(Buffer.from([stream, 0, 80]));
    socket.once("data", () => this.onRequest(tunnel));
    socket.on("error", () => socket.destroy());
  }
}

function pod(name: string, metadata = {}, ready = "True"): unknown {
  const status = { phase: "Running", conditions: [{ type: "Ready", status: ready }] };
  const containers = [{ name: "main", ports: [{ name: "http", containerPort: 7070 }] }];
  return { metadata: { namespace: "ditto", name, ...metadata }, spec: { containers }, status };
}

const answer = (body: string) => (tunnel: Tunnel) =>
  tunnel.send(0, `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);

let apiServer: ApiServer;
let config: KubeConfig;
beforeEach(async () => {
  apiServer = new ApiServer();
  config = await apiServer.start();
});
afterEach(() => {
  apiServer.server.closeAllConnections();
  apiServer.server.close();
});
const service = { namespace: "ditto", name: "ditto-bp1-api", port: 8080 };

describe("a way by port-forward", () => {
  test("leads to a ready pod of the Service, at the port that the Service leads to", async () => {
    const way = await portForwardReach(config).service(service);
    expect(await requestJson(way.url, { method: "GET" })).toBe("pong");
    expect(apiServer.tunnels.map(({ url }) => url)).toEqual([
      "/api/v1/namespaces/ditto/pods/up/portforward?ports=9090",
    ]);
    await way.close();
    await expect(requestJson(way.url, { method: "GET" })).rejects.toThrow();
  });

  test("finds the number of a port that the Service names", async () => {
    apiServer.targetPort = "http";
    const way = await portForwardReach(config).service(service);
    await requestJson(way.url, { method: "GET" });
    expect(apiServer.tunnels[0]?.url).toMatch(/ports=7070$/);
    await way.close();
  });

  test("is opened anew for the next request when the pod has ended the connection", async () => {
    const way = await portForwardReach(config).service(service);
    await requestJson(way.url, { method: "GET" });
    apiServer.tunnels[0]?.close();
    await expect.poll(() => requestJson(way.url, { method: "GET" }).catch(() => undefined)).toBe("pong");
    expect(apiServer.tunnels.length).toBeGreaterThan(1);
    await way.close();
  });

  test("gives the cluster's reason where nothing listens in the pod", async () => {
    apiServer.onRequest = (tunnel) => tunnel.send(1, "error forwarding port 9090: connection refused");
    const way = await portForwardReach(config).service(service);
    await expect(requestJson(way.url, { method: "GET" })).rejects.toThrow(
      /HTTP 502 error forwarding port 9090: connection refused/,
    );
    await way.close();
  });

  test("says which pods there are where none runs", async () => {
    apiServer.pods = [{ metadata: { name: "api-0" }, status: { phase: "Pending" } }];
    await expect(portForwardReach(config).service(service)).rejects.toThrow(
      /Service ditto\/ditto-bp1-api has no running pod \(1 in all\).*kubectl (?:--context \S+ )?-n ditto get pods -l app=api \(docs\/runbook\/peer-not-ready\.md\)/,
    );
  });
});
