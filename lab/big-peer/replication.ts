import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { ReplicationConfig, ReplicationStatus } from "./config.ts";
import { Dialler } from "./dialler.ts";
import type { Documents } from "./documents.ts";
import { Session, type SessionOptions } from "./session.ts";
import { Subscriptions } from "./subscriptions.ts";
import { distrust, distrustSocket, peerName, type Trust, tlsOptions } from "./trust.ts";

export interface ReplicationOptions {
  readonly resolve: (host: string) => Promise<string>;
  readonly trust: () => Trust;
  readonly documents: Documents;
  readonly onStatus: () => void;
  readonly log: (line: string) => void;
}

interface Connected {
  readonly session: Session;
  readonly certificate: X509Certificate | undefined;
  /** What was trusted when the connection was made. */
  readonly trusted: Trust["trusted"];
}

/** One side of one replication: whom it dials, who dials it, and what it subscribes to. */
export class Replication {
  readonly appId: string;
  readonly #options: ReplicationOptions;
  readonly #diallers = new Map<string, Dialler>();
  readonly #outbound = new Map<string, Connected>();
  readonly #inbound = new Set<Connected>();
  /** What was trusted when a handshake began, by where it comes from. */
  readonly #handshakes = new Map<string, Trust["trusted"]>();
  /** Those still in the handshake too: each holds its server open. */
  readonly #sockets = new Set<Socket>();
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
    for (const problem of new Subscriptions(config.queries).unreadable)
      this.#log(`this query covers nothing: ${problem}`);
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
    for (const { session, certificate, trusted } of this.#sessions()) {
      const problem = distrust(trust, certificate, trusted);
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
      onChange: () => {
        if (dialler.error !== undefined) this.#log(dialler.error);
        this.#options.onStatus();
      },
      onConnected: (socket, certificate) => {
        let opened = false;
        const session = this.#session(socket, certificate, {
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
        this.#outbound.set(address, { session, certificate, trusted: this.#options.trust().trusted });
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
    server.on("tlsClientError", (error) =>
      this.#refused(
        `TLS: a connection to ${this.#options.trust().name} ended before its certificate came: ${error.message}`,
      ),
    );
    server.on("connection", (socket) => {
      this.#hold(socket.on("error", () => {}));
      const from = comesFrom(socket);
      this.#handshakes.set(from, this.#options.trust().trusted);
      socket.once("close", () => this.#handshakes.delete(from));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(listen.port, listen.host, resolve);
    });
    server.on("error", (error) => this.#refused(`listening on ${key}: ${error.message}`));
    this.#server = { key, server };
  }

  async #close(): Promise<void> {
    const server = this.#server?.server;
    this.#server = undefined;
    if (!server) return;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #accept(socket: TLSSocket): void {
    this.#hold(socket);
    const trust = this.#options.trust();
    const certificate = socket.getPeerX509Certificate();
    const problem = distrustSocket(trust, socket, certificate, this.#handshakes.get(comesFrom(socket)));
    if (problem !== undefined) {
      this.#refused(`TLS: ${trust.name} refused ${peerName(certificate)}: ${problem}`);
      socket.on("error", () => {});
      socket.destroy();
      return;
    }
    let opened = false;
    const connected: Connected = {
      certificate,
      trusted: trust.trusted,
      session: this.#session(socket, certificate, {
        onOpen: () => {
          opened = true;
          this.#lastError = undefined;
          this.#options.onStatus();
        },
        onClose: (message) => {
          this.#inbound.delete(connected);
          if (message !== undefined) this.#refused(message);
          else if (!opened)
            this.#refused(
              `TLS: ${peerName(certificate)} refused the certificate of ${trust.name} (it does not trust its CA)`,
            );
          this.#options.onStatus();
        },
      }),
    };
    this.#inbound.add(connected);
  }

  #session(
    socket: TLSSocket,
    certificate: X509Certificate | undefined,
    on: Pick<SessionOptions, "onOpen" | "onClose">,
  ): Session {
    const { appId, name, queries } = this.#config;
    const { documents, trust } = this.#options;
    const [peer, otherPeer] = [trust().name, peerName(certificate)];
    return new Session({ socket, peer, otherPeer, replication: name, appId, documents, queries, ...on });
  }

  #log(line: string): void {
    this.#options.log(`replication ${this.#config.name}: ${line}`);
  }

  #refused(message: string): void {
    if (message === this.#lastError) return;
    this.#lastError = message;
    this.#log(message);
    this.#options.onStatus();
  }
}

function comesFrom({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
