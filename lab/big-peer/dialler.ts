import type { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import { distrustSocket, peerName, type Trust, tlsOptions } from "./trust.ts";

export interface DiallerOptions {
  /** `host:port`, `[v6]:port`. */
  readonly address: string;
  readonly resolve: (host: string) => Promise<string>;
  readonly trust: () => Trust;
  /** A connection whose other side is trusted. */
  readonly onConnected: (socket: TLSSocket, certificate: X509Certificate | undefined) => void;
  readonly onChange: () => void;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;
const connectTimeoutMs = 10_000;

/** Keeps one connection to an address: dials, and dials again with growing pauses. */
export class Dialler {
  readonly #options: DiallerOptions;
  #error: string | undefined;
  /** While it is being connected, too. */
  #socket: TLSSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #dialling = false;
  #stopped = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
    void this.#dial();
  }

  /** The reason why there is no connection. */
  get error(): string | undefined {
    return this.#error;
  }

  /** The other side has greeted. */
  succeeded(): void {
    this.#pauseMs = firstPauseMs;
    this.#setError(undefined);
  }

  /** The connection is over. */
  failed(message: string | undefined): void {
    this.#socket = undefined;
    if (this.#stopped) return;
    this.#setError(
      message ??
        `TLS: ${this.#options.address} refused the certificate of ${this.#options.trust().name} (it does not trust its CA)`,
    );
    this.#again();
  }

  /** Something has changed that may make it succeed now. */
  hurry(): void {
    this.#pauseMs = firstPauseMs;
    if (this.#dialling || this.#socket || this.#stopped) return;
    clearTimeout(this.#timer);
    void this.#dial();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  async #dial(): Promise<void> {
    this.#dialling = true;
    try {
      const { socket, certificate } = await this.#connect();
      if (this.#stopped) socket.destroy();
      else this.#options.onConnected(socket, certificate);
    } catch (error) {
      this.#socket = undefined;
      if (this.#stopped) return;
      this.#setError(error instanceof Error ? error.message : String(error));
      this.#again();
    } finally {
      this.#dialling = false;
    }
  }

  async #connect(): Promise<{ socket: TLSSocket; certificate: X509Certificate | undefined }> {
    const { address, resolve, trust } = this.#options;
    const [, v6, name, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
    if (port === undefined) throw new Error(`${address} is not host:port`);
    const host = await resolve(v6 ?? name ?? "");
    if (this.#stopped) throw new Error(`${address} is no longer dialled`);
    const socket = connect({ ...tlsOptions(trust()), host, port: Number(port), timeout: connectTimeoutMs });
    this.#socket = socket;
    return new Promise((done, reject) => {
      const fail = (error: Error) => {
        socket.destroy();
        reject(error);
      };
      const timedOut = () => fail(new Error(`connect ETIMEDOUT ${host}:${port}`));
      const closed = () => reject(new Error(`TLS: ${address} hung up before it had shown a certificate`));
      socket.once("error", fail).once("timeout", timedOut).once("close", closed);
      socket.once("secureConnect", () => {
        // Read once and handed on: Node.js 24 gives undefined the second time.
        const certificate = socket.getPeerX509Certificate();
        const problem = distrustSocket(trust(), socket, certificate);
        if (problem !== undefined) {
          const peer = peerName(certificate);
          return fail(new Error(`TLS: ${peer} at ${address} is not trusted by ${trust().name}: ${problem}`));
        }
        socket.setTimeout(0);
        socket.off("error", fail).off("timeout", timedOut).off("close", closed);
        done({ socket, certificate });
      });
    });
  }

  #again(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#dial(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
  }

  #setError(message: string | undefined): void {
    if (message === this.#error) return;
    this.#error = message;
    this.#options.onChange();
  }
}
