import type { Backend } from "../ingress/tcp-proxy.ts";
import { TcpProxy } from "../ingress/tcp-proxy.ts";

export interface OpenPort {
  readonly host: string;
  readonly port: number;
  /** Names what is served; connections are cut when it changes. */
  readonly key: string;
  readonly backend: Backend;
  /** True if a client is let in, by its address. */
  readonly admits?: (client: string) => boolean;
}

/** The listening ports of one stand-in. */
export class OpenPorts {
  readonly #open = new Map<string, { readonly proxy: TcpProxy; port: OpenPort }>();

  /** Opens and closes ports until these are open. Gives what went wrong by `host:port`; it is tried again with the next call. */
  async apply(wanted: readonly OpenPort[]): Promise<Map<string, string>> {
    const byPlace = new Map(wanted.map((each) => [`${each.host}:${each.port}`, each]));
    for (const [place, { proxy, port }] of this.#open) {
      if (byPlace.get(place)?.key === port.key) continue;
      this.#open.delete(place);
      await proxy.close();
    }
    const failures = new Map<string, string>();
    for (const [place, port] of byPlace) {
      const known = this.#open.get(place);
      if (known) known.port = port;
      else
        await this.#listen(place, port).catch((error: unknown) =>
          failures.set(place, error instanceof Error ? error.message : String(error)),
        );
    }
    return failures;
  }

  async close(): Promise<void> {
    await this.apply([]);
  }

  async #listen(place: string, port: OpenPort): Promise<void> {
    // Looked up at each connection: what is behind a port changes while it stays open.
    const current = () => this.#open.get(place)?.port;
    const proxy = await TcpProxy.listen(port.host, port.port, {
      backend: async () => current()?.backend(),
      admits: (client) => current()?.admits?.(client) ?? true,
    });
    this.#open.set(place, { proxy, port });
  }
}
