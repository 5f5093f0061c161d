import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { contentTypes, type Format, formatFor } from "./exposition.ts";

/** Where a server listens. */
export interface Listening {
  /** Undefined: on every address of the machine, IPv4 and IPv6. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/** What a server shows. Nothing of it starts a probe: a scrape gets what the last round has seen. */
export interface Shown {
  readonly metrics: (format: Format) => string;
  /** False once rounds no longer end: the process should be started again. */
  readonly healthy: () => boolean;
  /** True once a first round has ended. */
  readonly ready: () => boolean;
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** More than any number of Prometheus servers that scrape one target. */
const maxConnections = 64;

/** `:9464`, `127.0.0.1:9464` or `[::1]:9464`; undefined: it is none of them. */
export function listeningAt(text: string): Listening | undefined {
  const [, bracketed, host, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  const name = bracketed ?? host;
  return { host: name === undefined || name === "" ? undefined : name, port };
}

/** Serves `/metrics`, `/-/healthy` and `/-/ready`.
 * @throws Error if it cannot listen there */
export async function serveMetrics({ host, port }: Listening, shown: Shown): Promise<MetricsServer> {
  const server = createServer((request, response) => answer(request, response, shown));
  server.maxConnections = maxConnections;
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer({ method, url, headers }: IncomingMessage, response: ServerResponse, shown: Shown): void {
  const say = (code: number, text: string, type = "text/plain; charset=utf-8") =>
    response.writeHead(code, { "content-type": type }).end(method === "HEAD" ? undefined : text);
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    say(405, "GET or HEAD\n");
    return;
  }
  switch (url?.split("?")[0]) {
    case "/metrics": {
      const format = formatFor(headers.accept);
      say(200, shown.metrics(format), contentTypes[format]);
      return;
    }
    case "/-/healthy":
      if (shown.healthy()) say(200, "healthy\n");
      else say(503, "rounds no longer end\n");
      return;
    case "/-/ready":
      if (shown.ready()) say(200, "ready\n");
      else say(503, "the first round has not ended yet\n");
      return;
    case "/":
      say(200, "bigpeer verify: /metrics, /-/healthy, /-/ready\n");
      return;
    default:
      say(404, "not found: /metrics, /-/healthy, /-/ready\n");
  }
}
