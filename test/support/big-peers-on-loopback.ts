/** Stand-in Big Peers on loopback, for the tests of what they do. They are stopped after each test. */
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { afterEach, expect } from "vitest";
import { z } from "zod";
import { BigPeer, type BigPeerConfig, type KeyConfig, type ReplicationConfig } from "../../lab/big-peer/big-peer.ts";
import { createCa, issueLeaf, type KeyPair } from "../../lab/operator/authority.ts";

export const appId = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const everything = { read: { everything: true }, write: { everything: true }, remoteQuery: false };
export const all = { cars: ["true"] };
const started: Peer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map(({ bigPeer }) => bigPeer.stop()));
});

export interface Authority extends KeyPair {
  readonly name: string;
}

export async function authority(name: string): Promise<Authority> {
  return { name, ...(await createCa(name)) };
}

export const trusting = (...authorities: Authority[]) =>
  authorities.map(({ name, certificate }) => ({ secret: `trusts-${name}`, pem: certificate }));

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const answerSchema = z.object({
  items: z.array(z.record(z.string(), z.unknown())).default([]),
  message: z.string().default(""),
});

/** One Big Peer, and the configuration that it is to have. */
export class Peer {
  readonly name: string;
  readonly ca: Authority;
  readonly bigPeer: BigPeer;
  readonly key: string = randomUUID();
  config: BigPeerConfig;
  statusChanges = 0;

  constructor(name: string, ca: Authority, config: BigPeerConfig) {
    this.name = name;
    this.ca = ca;
    this.config = { ...config, keys: [this.keyConfig()] };
    this.bigPeer = new BigPeer({
      name,
      resolve: async (host) => host,
      log: () => {},
      onStatus: () => {
        this.statusChanges++;
      },
    });
  }

  keyConfig(given: Partial<KeyConfig> & { key?: string } = {}): KeyConfig {
    const { key = this.key, ...rest } = given;
    const hash = createHash("sha256").update(key).digest("hex");
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    return { appId, name: "test", hash, expiresAt, permissions: everything, ...rest };
  }

  async configure(change: Partial<BigPeerConfig>): Promise<void> {
    this.config = { ...this.config, ...change };
    await this.bigPeer.configure(structuredClone(this.config));
  }

  async send(statement: string, args = {}, key = this.key, app = appId) {
    const { host, port } = this.config.api ?? { host: "", port: 0 };
    const response = await fetch(`http://${host}:${port}/${app}/api/v4/store/execute`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ statement, args }),
    });
    return { status: response.status, ...answerSchema.parse(await response.json()) };
  }

  async execute(statement: string, args = {}) {
    const answer = await this.send(statement, args);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.message}`);
    return answer.items;
  }

  insert(...documents: object[]) {
    return Promise.all(
      documents.map((document) => this.execute("INSERT INTO cars DOCUMENTS (:document)", { document })),
    );
  }

  async ids(): Promise<unknown[]> {
    return (await this.execute("SELECT * FROM cars")).map(({ _id }) => _id).sort();
  }

  /** Of its first replication. */
  get status() {
    return this.bigPeer.status(this.config.replications[0]?.name ?? "");
  }

  get connected() {
    return this.status.connections.map(({ connected }) => connected);
  }
}

export async function peer(name: string, change: Partial<BigPeerConfig> = {}): Promise<Peer> {
  const ca = await authority(`ca-of-${name}`);
  const made = new Peer(name, ca, {
    identity: await issueLeaf(ca, name),
    trusted: [],
    api: { host: "127.0.0.1", port: await freePort() },
    apps: [{ name: "cars", appId }],
    replications: [],
    keys: [],
  });
  started.push(made);
  await made.configure(change);
  return made;
}

export function replication(change: Partial<ReplicationConfig>): ReplicationConfig {
  return { name: "cars", appId, connections: [], queries: {}, listen: undefined, ...change };
}

export const until = (assertion: () => unknown) => expect.poll(assertion, { timeout: 8_000, interval: 20 });

/** `dialler` dials `target`; what each subscribes to is given. */
export async function pair(queries: { dialler: ReplicationConfig["queries"]; target: ReplicationConfig["queries"] }) {
  const [dialler, target] = await Promise.all([peer("bp1"), peer("bp2")]);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  await target.configure({
    trusted: trusting(dialler.ca),
    replications: [replication({ queries: queries.target, listen: { host: "127.0.0.1", port } })],
  });
  await dialler.configure({
    trusted: trusting(target.ca),
    replications: [replication({ queries: queries.dialler, connections: [address] })],
  });
  return { dialler, target, address, port };
}

export async function connectedPair(queries: Parameters<typeof pair>[0]) {
  const both = await pair(queries);
  await until(() => both.dialler.connected).toEqual([true]);
  await until(() => both.target.status.inbound).toBe(1);
  return both;
}

/** Everything that was on its way from one to the other has arrived once this document has. */
export async function flushed(from: Peer, to: Peer): Promise<void> {
  const _id = `marker-${randomUUID()}`;
  await from.execute("INSERT INTO cars DOCUMENTS (:document)", { document: { _id, color: "blue" } });
  await until(() => to.ids()).toContain(_id);
}
