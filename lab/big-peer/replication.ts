import type { X509Certificate } from "node:crypto";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { ReplicationConfig, ReplicationStatus } from "./config.ts";
import { Dialler } from "./dialler.ts";
import type { Documents } from "./documents.ts";
import { Session } from "./session.ts";
import { distrust, distrustSocket, peerName, type Trust, tlsOptions } from "./trust.ts";

export interface ReplicationOptions {
  readonly resolve: (host: string) => Promise<string>;
  readonly trust: () => Trust;
  readonly documents: Documents;
  readonly onStatus: () => void;
}

interface Connected {
  readonly session: Session;
  readonly certificate: X509Certificate | undefined;
}

/** One side of one replication: whom it dials, who dials it, and what it subscribes to. */
export class Replication {
  readonly appId: string;
  readonly #options: ReplicationOptions;
  readonly #diallers = new Map<string, Dialler>();
  readonly #outbound = new Map<string, Connected>();
  readonly #inbound = new Set<Connected>();
  readonly #sockets = new Set<TLSSocket>();
  #config: ReplicationConfig;
  #server: { readonly key: string; readonly server: Server } | undefined;
  #lastError: string | undefined;

  constructor(options: ReplicationOptions, config: ReplicationConfig) {
    this.#options = options;
    this.#config = config;
    this.appId = config.appId;
  }

  /** Makes a configuration so. What has not changed stays connected. */
  async configure(config: ReplicationConfig): Promise<void> {
    const before = this.#config;
    this.#config = config;
    if (JSON.stringify(before.queries) !== JSON.stringify(config.queries))
      for (const { session } of this.#sessions()) session.subscribe(config.queries);
    for (const [address, dialler] of this.#diallers) {
      if (config.connections.includes(address)) continue;
      this.#diallers.delete(address);
      dialler.stop();
    }
    for (const address of config.connections) if (!this.#diallers.has(address)) this.#dial(address);
    await this.#listen();
  }

  /** Identity or trust has changed: what is not trusted any more is cut off, and what was refused is tried again. */
  trustChanged(): void {
    const trust = this.#options.trust();
    this.#server?.server.setSecureContext(tlsOptions(trust));
    for (const { session, certificate } of this.#sessions()) {
      const problem = distrust(trust, certificate);
      if (problem !== undefined) session.close(`TLS: not trusted any more by ${trust.name}: ${problem}`);
    }
    for (const dialler of this.#diallers.values()) dialler.hurry();
  }

  get status(): ReplicationStatus {
    const connections = [...this.#diallers].map(([address, dialler]) => {
      const connected = this.#outbound.get(address)?.session.open ?? false;
      return { address, connected, error: connected ? undefined : dialler.error };
    });
    const inbound = [...this.#inbound].filter(({ session }) => session.open).length;
    return { connections, inbound, lastError: this.#lastError };
  }

  async stop(): Promise<void> {
    for (const dialler of this.#diallers.values()) dialler.stop();
    for (const { session } of this.#sessions()) session.close();
    await this.#close();
  }

  #sessions(): Connected[] {
    return [...this.#outbound.values(), ...this.#inbound];
  }

  #dial(address: string): void {
    const dialler = new Dialler({
      address,
      resolve: this.#options.resolve,
      trust: this.#options.trust,
      onChange: this.#options.onStatus,
      onConnected: (socket, certificate) => {
        let opened = false;
        const session = this.#session(socket, {
          onOpen: () => {
            opened = true;
            dialler.succeeded();
            this.#options.onStatus();
          },
          onClose: (message) => {
            this.#outbound.delete(address);
            dialler.failed(message ?? (opened ? `${address} closed the connection` : undefined));
            this.#options.onStatus();
          },
        });
        this.#outbound.set(address, { session, certificate });
      },
    });
    this.#diallers.set(address, dialler);
  }

  async #listen(): Promise<void> {
    const { listen } = this.#config;
    const key = listen && `${listen.host} ${listen.port}`;
    if (key === this.#server?.key) return;
    await this.#close();
    if (!listen || key === undefined) return;
    const server = createServer({ ...tlsOptions(this.#options.trust()), requestCert: true });
    server.on("secureConnection", (socket) => this.#accept(socket));
    server.on("tlsClientError", (error) => this.#refused(`TLS: ${error.message}`));
    server.on("connection", (socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(listen.port, listen.host, resolve);
    });
    this.#server = { key, server };
  }

  async #close(): Promise<void> {
    const server = this.#server?.server;
    this.#server = undefined;
    if (!server) return;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    const trust = this.#options.trust();
    const certificate = socket.getPeerX509Certificate();
    const problem = distrustSocket(trust, socket, certificate);
    if (problem !== undefined) {
      this.#refused(`TLS: ${trust.name} refused ${peerName(certificate)}: ${problem}`);
      socket.on("error", () => {});
      socket.destroy();
      return;
    }
    const connected: Connected = {
      certificate,
      session: this.#session(socket, {
        onOpen: () => {
          this.#lastError = undefined;
          this.#options.onStatus();
        },
        onClose: (message) => {
          this.#inbound.delete(connected);
          if (message !== undefined) this.#refused(message);
          this.#options.onStatus();
        },
      }),
    };
    this.#inbound.add(connected);
  }

  #session(socket: TLSSocket, on: { onOpen: () => void; onClose: (message: string | undefined) => void }): Session {
    const { appId, name, queries } = this.#config;
    const { documents, trust } = this.#options;
    return new Session({ socket, peer: trust().name, replication: name, appId, documents, queries, ...on });
  }

  #refused(message: string): void {
    if (message === this.#lastError) return;
    this.#lastError = message;
    this.#options.onStatus();
  }
}
