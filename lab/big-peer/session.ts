import type { TLSSocket } from "node:tls";
import type { Change, Documents } from "./documents.ts";
import { type Frame, readFrames, sendFrame } from "./frames.ts";
import { type Queries, Subscriptions } from "./subscriptions.ts";

export interface SessionOptions {
  readonly socket: TLSSocket;
  /** The name of this side's peer. */
  readonly peer: string;
  /** The other side, as its certificate names it. */
  readonly otherPeer: string;
  readonly replication: string;
  readonly appId: string;
  readonly documents: Documents;
  readonly queries: Queries;
  /** The other side's hello has come and is right. */
  readonly onOpen: () => void;
  /** It is over; the message says why. There is none where the other side just hung up. */
  readonly onClose: (message: string | undefined) => void;
}

const pingMs = 5_000;
const silenceMs = 15_000;

/** One connection between two Big Peers: each sends what the other's queries cover, and nothing else. */
export class Session {
  readonly #options: SessionOptions;
  readonly #unlisten: () => void;
  readonly #ping: NodeJS.Timeout;
  #queries: Queries;
  #theirs = new Subscriptions({});
  #heard = Date.now();
  #problem: string | undefined;
  #open = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#queries = options.queries;
    const { socket, documents, appId, peer, replication } = options;
    socket.setNoDelay(true);
    readFrames(socket, (frame) => this.#receive(frame));
    socket.on("error", (error) => {
      // The other side has hung up while this one was sending.
      if ("code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE")) return;
      this.#problem ??= error.message;
    });
    socket.once("close", () => this.#closed());
    this.#unlisten = documents.listen({
      changed: (change) => this.#forward(change),
      evicted: (collection) => this.#askAgain(collection),
    });
    this.#ping = setInterval(() => this.#alive(), pingMs);
    sendFrame(socket, { type: "hello", protocol: 1, appId, peer, replication });
  }

  get open(): boolean {
    return this.#open;
  }

  /** Tells the other side what this side wants from now on. */
  subscribe(queries: Queries): void {
    this.#queries = queries;
    if (!this.#open) return;
    const plain = Object.fromEntries(Object.entries(queries).map(([collection, texts]) => [collection, [...texts]]));
    sendFrame(this.#options.socket, { type: "subscribe", queries: plain });
  }

  close(problem?: string): void {
    this.#problem ??= problem;
    this.#options.socket.destroy();
  }

  #receive(frame: Frame): void {
    this.#heard = Date.now();
    if (frame.type === "hello") this.#greeted(frame);
    else if (frame.type === "refusal") this.close(frame.message);
    else if (!this.#open) this.close("the other side spoke before its hello");
    else if (frame.type === "subscribe") this.#subscribed(frame.queries);
    else if (frame.type === "document") this.#options.documents.receive(frame.document, this);
  }

  #greeted({ appId, peer, replication }: Frame & { type: "hello" }): void {
    const own = this.#options;
    if (this.#open || peer !== own.otherPeer) {
      this.close(
        this.#open ? `${peer} greeted twice` : `TLS: the certificate of ${own.otherPeer} was shown by ${peer}`,
      );
      return;
    }
    if (appId !== own.appId) {
      const message = `app ID ${own.appId} of ${own.peer}/${own.replication} and ${appId} of ${peer}/${replication} differ: both ends of a replication need the same`;
      sendFrame(own.socket, { type: "refusal", message });
      own.socket.destroySoon();
      this.#problem ??= message;
      return;
    }
    this.#open = true;
    own.onOpen();
    this.subscribe(this.#queries);
  }

  #subscribed(queries: Queries): void {
    this.#theirs = new Subscriptions(queries);
    for (const document of this.#options.documents.all())
      if (this.#theirs.covers(document.collection, document.fields)) this.#send(document);
  }

  #forward({ document, before, origin }: Change): void {
    if (origin === this) return;
    const { collection, fields } = document;
    // A document that has just stopped to match is sent once more, or the other side would keep the old one.
    const covered = this.#theirs.covers(collection, fields) || (before && this.#theirs.covers(collection, before));
    if (covered) this.#send(document);
  }

  #send(document: Change["document"]): void {
    sendFrame(this.#options.socket, {
      type: "document",
      document: { ...document, version: { ...document.version }, fields: { ...document.fields } },
    });
  }

  /** Asks the other side for a collection again: evicted documents come back as long as this side subscribes to them (guide). */
  #askAgain(collection: string): void {
    if (Object.hasOwn(this.#queries, collection)) this.subscribe(this.#queries);
  }

  #alive(): void {
    if (Date.now() - this.#heard > silenceMs) this.close(`nothing was heard for ${silenceMs / 1000} s`);
    else sendFrame(this.#options.socket, { type: "ping" });
  }

  #closed(): void {
    clearInterval(this.#ping);
    this.#unlisten();
    this.#open = false;
    this.#options.onClose(this.#problem);
  }
}
