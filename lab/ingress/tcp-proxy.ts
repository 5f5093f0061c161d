import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Looks up where a port leads, once for each connection; undefined if it leads nowhere. */
export type Backend = () => Promise<{ host: string; port: number } | undefined>;

export interface TcpProxyOptions {
  readonly backend: Backend;
  /** True if a client is let in, by its address. Default: everybody. */
  readonly admits?: (client: string) => boolean;
}

/** One listening port of a TCP proxy. Bytes pass through untouched, so TLS ends behind it. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor({ backend, admits = () => true }: TcpProxyOptions) {
    this.#server = createServer((client) => {
      this.#track(client);
      if (!admits(client.remoteAddress ?? "")) {
        client.destroy();
        return;
      }
      backend()
        .then((target) => {
          if (!target || client.destroyed) {
            client.destroy();
            return;
          }
          const upstream = connect(target.port, target.host);
          this.#track(upstream);
          client.pipe(upstream).pipe(client);
          client.once("close", () => upstream.destroy());
          upstream.once("close", () => client.destroy());
        })
        .catch(() => client.destroy());
    });
  }

  /** @throws Error with the code EADDRINUSE where somebody listens there already */
  static async listen(host: string, port: number, options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    proxy.#server.listen(port, host);
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Stops listening. What is connected stays so. */
  stopListening(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** The connections at this moment; a later one is not among them. */
  connected(): readonly Socket[] {
    return [...this.#sockets];
  }

  /** Stops listening and cuts what is connected, as a controller does that ends. */
  async close(): Promise<void> {
    const closed = this.#server.listening
      ? new Promise<void>((resolve) => this.#server.close(() => resolve()))
      : undefined;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
