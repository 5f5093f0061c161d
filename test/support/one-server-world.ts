import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { z } from "zod";

const request = z.object({
  name: z.string().optional(),
  statement: z.string().default(""),
  args: z.object({ id: z.string().optional(), document: z.object({ _id: z.string() }).optional() }).default({}),
});

const kinds = { bigpeers: "BigPeer", bigpeerapps: "BigPeerApp", bigpeerreplications: "BigPeerReplication" };
const resources = Object.entries(kinds).map(([name, kind]) => ({ name, kind, namespaced: true }));

/**
 * One server in place of all API servers, management APIs and Big Peers of a topology made by `manyLinks`: what is written on a spoke is on the hub at
 * once. Thousands of links that cost nothing, so that what is seen is what `verify` itself does.
 */
export class OneServerWorld {
  /** ID -> the peer on which it was written. */
  readonly documents = new Map<string, string>();
  readonly keys = new Set<string>();
  /** The most connections that were open at a time. */
  mostConnections = 0;
  requests = 0;
  /** False: documents get lost on their way. */
  arrive = true;
  readonly #server: Server;
  readonly #appId: string;
  #open = 0;

  /** @param appId what every app has */
  constructor(appId: string) {
    this.#appId = appId;
    this.#server = createServer((incoming, response) => {
      let body = "";
      incoming.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      incoming.once("end", () => {
        const answer = this.#answer(incoming.method ?? "", incoming.url ?? "", body);
        response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer ?? {}));
      });
    });
    this.#server.on("connection", (socket) => {
      this.mostConnections = Math.max(this.mostConnections, ++this.#open);
      socket.once("close", () => this.#open--);
    });
  }

  /** @returns its URL */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(method: string, url: string, body: string): unknown {
    this.requests++;
    if (url.endsWith("/v1alpha1")) return { resources };
    if (url.includes("/bigpeerapps/")) return { spec: { appId: this.#appId } };
    const { name, statement, args } = request.parse(body === "" ? {} : JSON.parse(body));
    if (url.endsWith("/apiKey") && method === "POST") {
      this.keys.add(`${url}/${name}`);
      return "secret";
    }
    if (url.includes("/apiKey/")) return this.keys.delete(url) ? {} : undefined;
    if (!url.endsWith("/store/execute")) return undefined;
    const id = args.id ?? args.document?._id ?? "";
    const [, peer = ""] = url.split("/");
    if (statement.startsWith("INSERT")) this.documents.set(id, peer);
    if (statement.startsWith("DELETE")) this.documents.delete(id);
    const at = this.documents.get(id);
    const found = at !== undefined && statement.startsWith("SELECT") && this.arrive && (at === peer || peer === "hub");
    return { items: found ? [{ _id: id }] : [] };
  }
}

/** A kubeconfig by which every cluster is that server. */
export function worldKubeconfig(url: string, contexts: readonly string[]): string {
  return `${JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "world", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "world", user: { token: "t" } }],
    contexts: contexts.map((name) => ({ name, context: { cluster: "world", user: "world" } })),
  })}\n`;
}

/** A hub in one cluster with spokes in another, and as many apps and replications between them. */
export function manyLinks(spokes: number, apps: number, id: string): string {
  const names = Array.from({ length: spokes }, (_, index) => `spoke-${index}`);
  const all = Array.from({ length: apps }, (_, index) => `app-${index}`);
  return `environment: development
clusters:
  hub: { ingress: { host: hub.example.com } }
  spokes: { inbound: none }
peers:
  hub: { cluster: hub, version: 1.63.2 }
${names.map((name) => `  ${name}: { cluster: spokes, version: 1.63.2 }`).join("\n")}
apps:
${all.map((app) => `  ${app}: { id: ${id}, peers: [hub, ${names.join(", ")}] }`).join("\n")}
replications:
${all.map((app) => `  ${app}: { app: ${app}, hub: hub, spokes: [${names.join(", ")}], up: { orders: "paid = true" } }`).join("\n")}
`;
}
