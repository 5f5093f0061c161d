import type { ClientRequest } from "node:http";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createAuthority } from "../../lab/certificates.ts";

/** What happens to requests on their way to an API server. */
export interface Weather {
  /** Milliseconds before each request goes on. */
  delayMs: number;
  /** Every so many requests one is refused with 429 and Retry-After; 0: none. */
  throttleEvery: number;
}

/** A request that an API server has answered. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A proxy before an API server that makes a bad network of a good one, and remembers what was asked. */
export class BadNetwork {
  readonly weather: Weather = { delayMs: 0, throttleEvery: 0 };
  readonly seen: SeenRequest[] = [];
  refused = 0;
  passed = 0;
  readonly #server: Server;

  private constructor(target: string, { certificate: cert, key }: { certificate: string; key: string }) {
    const { hostname, port } = new URL(target);
    // By TLS, since Kubernetes' own clients show nobody a token without it.
    this.#server = createServer({ cert, key }, (incoming, outgoing) => {
      const { delayMs, throttleEvery } = this.weather;
      this.passed += 1;
      if (throttleEvery > 0 && this.passed % throttleEvery === 0) {
        this.refused += 1;
        outgoing.writeHead(429, { "retry-after": "1", "content-type": "application/json" });
        outgoing.end(JSON.stringify({ kind: "Status", status: "Failure", code: 429, message: "too many requests" }));
        return;
      }
      const forward = (): ClientRequest =>
        request(
          {
            hostname,
            port,
            path: incoming.url,
            method: incoming.method,
            headers: incoming.headers,
            rejectUnauthorized: false,
          },
          (answer) => {
            const { method = "", url: path = "" } = incoming;
            this.seen.push({ method, path, status: answer.statusCode ?? 0 });
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
      setTimeout(() => {
        const onward = forward();
        onward.on("error", () => outgoing.destroy());
        outgoing.on("close", () => onward.destroy());
        incoming.pipe(onward);
      }, delayMs);
    });
  }

  static async before(target: string): Promise<BadNetwork> {
    const authority = await createAuthority();
    const network = new BadNetwork(target, await authority.issue("bad-network", ["127.0.0.1"]));
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get url(): string {
    const address = this.#server.address();
    return `https://127.0.0.1:${isAddress(address) ? address.port : 0}`;
  }

  /** A kubeconfig in which the API server is reached through this proxy. */
  through(kubeconfig: string, target: string): string {
    const clusters = kubeconfig.split(/(?=^ {2}- name: )/m);
    return clusters
      .map((cluster) =>
        cluster.includes(`server: ${target}\n`)
          ? cluster.replace(target, this.url).replace(/certificate-authority-data:.*/, "insecure-skip-tls-verify: true")
          : cluster,
      )
      .join("");
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
