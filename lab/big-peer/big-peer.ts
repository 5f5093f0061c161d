/** A stand-in of a Ditto Big Peer: documents in memory, the HTTP API, and replication over mutual TLS by a protocol of the lab's own. */
import type { BigPeerConfig, BigPeerOptions, ReplicationStatus } from "./config.ts";
import { Documents } from "./documents.ts";
import { serveHttpApi } from "./http-api.ts";
import { Replication } from "./replication.ts";
import { certificatesOf, type Trust } from "./trust.ts";

export type { BigPeerConfig, BigPeerOptions, KeyConfig, ReplicationConfig, ReplicationStatus } from "./config.ts";

const nothing: BigPeerConfig = {
  identity: { certificate: "", privateKey: "" },
  trusted: [],
  api: undefined,
  apps: [],
  replications: [],
  keys: [],
};

export class BigPeer {
  readonly #options: BigPeerOptions;
  readonly #apps = new Map<string, Documents>();
  readonly #replications = new Map<string, Replication>();
  #config = nothing;
  #api: { readonly key: string; stop(): Promise<void> } | undefined;
  #stopped = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: BigPeerOptions) {
    this.#options = options;
  }

  /** Makes a configuration so; called with the same again it does nothing, and what has not changed goes on undisturbed.
   * A part that fails does not keep the others from being configured; the next call tries it again.
   * @throws Error naming all that failed */
  configure(config: BigPeerConfig): Promise<void> {
    const done = this.#turn.then(() => this.#configure(config));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #configure(given: BigPeerConfig): Promise<void> {
    if (this.#stopped) return;
    const before = this.#config;
    const config = { ...given, trusted: given.trusted.filter((each) => this.#readable(each)) };
    this.#config = config;
    const served = new Set(config.apps.map(({ appId }) => appId));
    for (const appId of this.#apps.keys()) if (!served.has(appId)) this.#apps.delete(appId);
    for (const appId of served) if (!this.#apps.has(appId)) this.#apps.set(appId, new Documents());
    const trust = ({ identity, trusted }: BigPeerConfig) => JSON.stringify([identity, trusted]);
    if (trust(before) !== trust(config))
      for (const replication of this.#replications.values()) replication.trustChanged();
    const failures = [await failureOf(this.#configureApi()), ...(await this.#configureReplications())];
    const messages = failures.filter((message) => message !== undefined);
    if (messages.length > 0) throw new Error(messages.join("; "));
  }

  /** A Secret that cannot be read trusts nobody. */
  #readable({ secret, pem }: BigPeerConfig["trusted"][number]): boolean {
    try {
      if (certificatesOf(pem).length > 0) return true;
    } catch {}
    this.#options.log(`the trusted CA Secret ${secret} holds no certificate that can be read`);
    return false;
  }

  status(replication: string): ReplicationStatus {
    return this.#replications.get(replication)?.status ?? { connections: [], inbound: 0, lastError: undefined };
  }

  /** Closes everything, until it is configured again. Documents stay. */
  suspend(): Promise<void> {
    const done = this.#turn.then(() => this.#configure({ ...this.#config, api: undefined, replications: [] }));
    this.#turn = done.catch(() => {});
    return done;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
    await Promise.all([
      this.#api?.stop(),
      ...[...this.#replications.values()].map((replication) => replication.stop()),
    ]);
    this.#replications.clear();
  }

  async #configureApi(): Promise<void> {
    const { api } = this.#config;
    const key = api && `${api.host} ${api.port}`;
    if (key === this.#api?.key) return;
    await this.#api?.stop();
    this.#api = undefined;
    if (!api || key === undefined) return;
    const keys = () => this.#config.keys;
    const documents = (appId: string) => this.#apps.get(appId);
    this.#api = { key, ...(await serveHttpApi({ ...api, keys, documents })) };
  }

  async #configureReplications(): Promise<(string | undefined)[]> {
    const wanted = new Map(this.#config.replications.map((each) => [each.name, each]));
    for (const [name, replication] of this.#replications) {
      if (wanted.get(name)?.appId === replication.appId && this.#apps.has(replication.appId)) continue;
      this.#replications.delete(name);
      await replication.stop();
    }
    const failures: (string | undefined)[] = [];
    for (const [name, config] of wanted) {
      const documents = this.#apps.get(config.appId);
      if (!documents) continue;
      const replication = this.#replications.get(name) ?? this.#make(documents, config);
      this.#replications.set(name, replication);
      failures.push(await failureOf(replication.configure(config)));
    }
    return failures;
  }

  #make(documents: Documents, config: BigPeerConfig["replications"][number]): Replication {
    const { name, resolve, onStatus, log } = this.#options;
    const trust = (): Trust => ({ name, identity: this.#config.identity, trusted: this.#config.trusted });
    return new Replication({ resolve, trust, documents, onStatus, log }, config);
  }
}

function failureOf(action: Promise<void>): Promise<string | undefined> {
  return action.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
