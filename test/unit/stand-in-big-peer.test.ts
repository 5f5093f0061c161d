import { createHash, randomUUID, webcrypto } from "node:crypto";
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { BigPeer, type BigPeerConfig, type KeyConfig, type ReplicationConfig } from "../../lab/big-peer/big-peer.ts";
import { x509 } from "../../lab/x509.ts";

const appId = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const everything = { read: { everything: true }, write: { everything: true }, remoteQuery: false };
const all = { cars: ["true"] };
const started: Peer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map(({ bigPeer }) => bigPeer.stop()));
});

interface Authority {
  readonly name: string;
  readonly pem: string;
  issue(name: string): Promise<BigPeerConfig["identity"]>;
}

async function authority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return {
    name,
    pem: root.toString("pem"),
    async issue(peer) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${peer}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [new x509.BasicConstraintsExtension(false, undefined, true)],
      });
      const privateKey = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
      return {
        certificate: leaf.toString("pem"),
        privateKey: x509.PemConverter.encode(privateKey, "PRIVATE KEY"),
      };
    },
  };
}

const trusting = (...authorities: Authority[]) =>
  authorities.map(({ name, pem }) => ({ secret: `trusts-${name}`, pem }));

async function freePort(): Promise<number> {
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
class Peer {
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

async function peer(name: string, change: Partial<BigPeerConfig> = {}): Promise<Peer> {
  const ca = await authority(`ca-of-${name}`);
  const made = new Peer(name, ca, {
    identity: await ca.issue(name),
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

function replication(change: Partial<ReplicationConfig>): ReplicationConfig {
  return { name: "cars", appId, connections: [], queries: {}, listen: undefined, ...change };
}

const until = (assertion: () => unknown) => expect.poll(assertion, { timeout: 8_000, interval: 20 });

/** `dialler` dials `target`; what each subscribes to is given. */
async function pair(queries: { dialler: ReplicationConfig["queries"]; target: ReplicationConfig["queries"] }) {
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

async function connectedPair(queries: Parameters<typeof pair>[0]) {
  const both = await pair(queries);
  await until(() => both.dialler.connected).toEqual([true]);
  await until(() => both.target.status.inbound).toBe(1);
  return both;
}

/** Everything that was on its way from one to the other has arrived once this document has. */
async function flushed(from: Peer, to: Peer): Promise<void> {
  const _id = `marker-${randomUUID()}`;
  await from.execute("INSERT INTO cars DOCUMENTS (:document)", { document: { _id, color: "blue" } });
  await until(() => to.ids()).toContain(_id);
}

describe("replication", () => {
  test("carries what each side subscribes to, both ways, and nothing else", async () => {
    const blue = { cars: ["color = 'blue'"] };
    const { dialler, target } = await pair({ dialler: blue, target: blue });
    await dialler.insert({ _id: "blue1", color: "blue" }, { _id: "red1", color: "red" });
    await target.insert({ _id: "blue2", color: "blue" }, { _id: "red2", color: "red" });
    await until(() => dialler.ids()).toEqual(["blue1", "blue2", "red1"]);
    await until(() => target.ids()).toEqual(["blue1", "blue2", "red2"]);
    expect(dialler.status).toEqual({
      connections: [{ address: expect.any(String), connected: true, error: undefined }],
      inbound: 0,
      lastError: undefined,
    });
    expect(target.status).toEqual({ connections: [], inbound: 1, lastError: undefined });
    await dialler.execute("UPDATE cars SET color = 'blue' WHERE _id = 'red1'");
    await until(() => target.ids()).toContain("red1");
  });

  test("does not flow back to a side that does not subscribe, whoever dialled", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: {} });
    await dialler.insert({ _id: "stays" });
    await target.insert({ _id: "goes" });
    await until(() => dialler.ids()).toEqual(["goes", "stays"]);
    expect(await target.ids()).toEqual(["goes"]);
  });

  test("carries a deletion, and an older write does not undo it", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: all });
    await dialler.insert({ _id: "car" }, { _id: "other" });
    await until(() => target.ids()).toEqual(["car", "other"]);
    await target.execute("DELETE FROM cars WHERE _id = 'car'");
    await until(() => dialler.ids()).toEqual(["other"]);
    await flushed(dialler, target);
    expect(await target.ids()).not.toContain("car");
    await dialler.insert({ _id: "car", again: true });
    await until(() => target.ids()).toContain("car");
  });

  test("sends a document once more when an update has made it stop to match", async () => {
    const { dialler, target } = await connectedPair({ dialler: {}, target: { cars: ["color = 'blue'"] } });
    await dialler.insert({ _id: "car", color: "blue" });
    await until(() => target.ids()).toEqual(["car"]);
    await dialler.execute("UPDATE cars SET color = 'red'");
    await until(() => target.execute("SELECT * FROM cars")).toEqual([{ _id: "car", color: "red" }]);
  });

  test("brings an evicted document back as long as it is subscribed to, and not after", async () => {
    const { dialler, target, address } = await connectedPair({ dialler: {}, target: all });
    await dialler.insert({ _id: "car", color: "blue" });
    await until(() => target.ids()).toEqual(["car"]);
    await dialler.execute("EVICT FROM cars");
    expect(await dialler.ids()).toEqual([]);
    await flushed(dialler, target);
    expect(await dialler.ids()).not.toContain("car");

    const [listening] = target.config.replications;
    await dialler.configure({ replications: [replication({ connections: [address], queries: all })] });
    await until(() => dialler.ids()).toContain("car");
    await target.configure({ replications: [replication({ ...listening, queries: {} })] });
    await target.execute("EVICT FROM cars WHERE _id = 'car'");
    await dialler.execute("EVICT FROM cars WHERE _id = 'car'");
    await flushed(target, dialler);
    expect(await target.ids()).not.toContain("car");

    await target.insert({ _id: "bike" });
    await until(() => dialler.ids()).toContain("bike");
    await dialler.execute("EVICT FROM cars WHERE _id = 'bike'");
    await until(() => dialler.ids()).toContain("bike");
  });

  test("sends all that matches when a subscription widens, and what was written before the connection", async () => {
    const { dialler, target, address } = await pair({ dialler: {}, target: {} });
    await target.insert({ _id: "red", color: "red" }, { _id: "blue", color: "blue" });
    const subscribe = (queries: ReplicationConfig["queries"]) =>
      dialler.configure({ replications: [replication({ connections: [address], queries })] });
    await subscribe({ cars: ["color = 'blue'"] });
    await until(() => dialler.ids()).toEqual(["blue"]);
    await subscribe(all);
    await until(() => dialler.ids()).toEqual(["blue", "red"]);
  });

  test("is forwarded by a hub between two spokes", async () => {
    const [hub, east, west] = await Promise.all([peer("hub"), peer("east"), peer("west")]);
    const port = await freePort();
    await hub.configure({
      trusted: trusting(east.ca, west.ca),
      replications: [replication({ queries: all, listen: { host: "127.0.0.1", port } })],
    });
    for (const spoke of [east, west])
      await spoke.configure({
        trusted: trusting(hub.ca),
        replications: [replication({ queries: all, connections: [`127.0.0.1:${port}`] })],
      });
    await until(() => hub.status.inbound).toBe(2);
    await east.insert({ _id: "from-east" });
    await west.insert({ _id: "from-west" });
    for (const each of [hub, east, west]) await until(() => each.ids()).toEqual(["from-east", "from-west"]);
  });

  test("is refused between different app IDs, with both named on both sides", async () => {
    const other = "99999999-37c0-489c-9ac6-c94b034525d7";
    const { dialler, target, address } = await pair({ dialler: all, target: all });
    await dialler.configure({
      apps: [{ name: "boats", appId: other }],
      replications: [replication({ appId: other, connections: [address], queries: all })],
    });
    await until(() => dialler.status.connections[0]?.error).toMatch(
      new RegExp(`(${appId}|${other}).*(${appId}|${other})`),
    );
    await until(() => target.status.lastError).toMatch(new RegExp(`(${appId}|${other}).*(${appId}|${other})`));
    expect(dialler.connected).toEqual([false]);
    await until(() => target.status.inbound).toBe(0);
  });
});

describe("trust between Big Peers", () => {
  test("is needed by the dialler: it refuses a target whose CA it does not list, says so, and connects once it lists it", async () => {
    const { dialler, target } = await pair({ dialler: all, target: all });
    const stranger = await authority("ca-of-bp3");
    await dialler.configure({ trusted: trusting(stranger) });
    await until(() => dialler.connected).toEqual([false]);
    await until(() => dialler.status.connections[0]?.error).toMatch(/TLS.*bp1.*bp2.*"ca-of-bp2".*trusts-ca-of-bp3/);
    await until(() => target.status.inbound).toBe(0);
    await dialler.configure({ trusted: trusting(stranger, target.ca) });
    await until(() => dialler.connected).toEqual([true]);
    expect(dialler.status.connections[0]?.error).toBeUndefined();
  });

  test("is needed by the target: it refuses a dialler whose CA it does not list, and both sides say so", async () => {
    const { dialler, target, address } = await pair({ dialler: all, target: all });
    const stranger = await authority("ca-of-bp3");
    await target.configure({ trusted: trusting(stranger) });
    await until(() => target.status.lastError).toMatch(/TLS.*bp1.*"ca-of-bp1".*trusts-ca-of-bp3/);
    await until(() => dialler.status.connections[0]?.error).toMatch(
      new RegExp(`TLS: ${address} refused the certificate of bp1.*does not trust its CA`),
    );
    expect(dialler.connected).toEqual([false]);
    await target.configure({ trusted: trusting(dialler.ca) });
    await until(() => dialler.connected).toEqual([true]);
    await until(() => target.status).toMatchObject({ inbound: 1, lastError: undefined });
  });

  test("is given to nobody by an empty list", async () => {
    const { dialler, target } = await pair({ dialler: all, target: all });
    await target.configure({ trusted: [] });
    await until(() => target.status.lastError).toMatch(/TLS.*bp1/);
    await target.configure({ trusted: trusting(dialler.ca) });
    await until(() => dialler.connected).toEqual([true]);
    await dialler.configure({ trusted: [] });
    await until(() => dialler.status.connections[0]?.error).toMatch(/TLS.*bp2/);
    await until(() => target.status.inbound).toBe(0);
  });

  test("is not won by a CA of the same name, nor by a certificate that is no CA's", async () => {
    const { dialler, target } = await pair({ dialler: all, target: all });
    const impostor = await authority("ca-of-bp1");
    await target.configure({ trusted: trusting(impostor) });
    await until(() => target.status.lastError).toMatch(/TLS.*bp1/);
    // A leaf signs another leaf: its signature is good, but it is no CA.
    const leaf = dialler.config.identity;
    await target.configure({ trusted: [{ secret: "leaf", pem: leaf.certificate }] });
    await until(() => target.status.inbound).toBe(0);
    await until(() => dialler.connected).toEqual([false]);
  });

  test("lost by a live session closes it; kept through a rotation it stays up", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: all });
    const rotated = await authority("ca-of-bp1-new");
    await target.configure({ trusted: trusting(dialler.ca, rotated) });
    const changes = [dialler.statusChanges, target.statusChanges];
    await dialler.configure({ identity: await rotated.issue("bp1") });
    await target.configure({ identity: await target.ca.issue("bp2") });
    await flushed(dialler, target);
    await flushed(target, dialler);
    expect([dialler.statusChanges, target.statusChanges]).toEqual(changes);
    expect(dialler.connected).toEqual([true]);
    // The session was opened with the old certificate: it ends with the old CA, and the new certificate is shown.
    await target.configure({ trusted: trusting(rotated) });
    await until(() => target.statusChanges).toBeGreaterThan(changes[1] ?? 0);
    await until(() => dialler.connected).toEqual([true]);
    await flushed(dialler, target);
  });
});

describe("configuring again", () => {
  test("with the same does nothing, and closing a listener or leaving an app ends what hung on it", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: all });
    await dialler.insert({ _id: "car" });
    await until(() => target.ids()).toEqual(["car"]);
    const changes = [dialler.statusChanges, target.statusChanges];
    await target.configure({});
    await dialler.configure({});
    await flushed(dialler, target);
    expect([dialler.statusChanges, target.statusChanges]).toEqual(changes);
    const { replications } = target.config;
    await target.configure({ replications: [] });
    await until(() => dialler.connected).toEqual([false]);
    expect(dialler.status.connections[0]?.error).toEqual(expect.any(String));
    await target.configure({ replications });
    await until(() => dialler.connected).toEqual([true]);
    await target.configure({ apps: [], replications: [] });
    await target.configure({ apps: [{ name: "cars", appId }] });
    expect(await target.ids()).toEqual([]);
  });

  test("drops the connection that is not listed any more", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: all });
    await dialler.configure({ replications: [replication({ queries: all })] });
    await until(() => target.status.inbound).toBe(0);
    expect(dialler.status.connections).toEqual([]);
  });
});

describe("the HTTP API", () => {
  test.each([
    ["an unknown key", 401, async (bp: Peer) => bp.send("SELECT * FROM cars", {}, "wrong")],
    [
      "an expired key",
      401,
      async (bp: Peer) => {
        await bp.configure({ keys: [bp.keyConfig({ expiresAt: new Date(Date.now() - 1_000).toISOString() })] });
        return bp.send("SELECT * FROM cars");
      },
    ],
    [
      "a key of another app",
      401,
      async (bp: Peer) => {
        const other = randomUUID();
        await bp.configure({ apps: [...bp.config.apps, { name: "other", appId: other }] });
        return bp.send("SELECT * FROM cars", {}, bp.key, other);
      },
    ],
    ["an unknown app", 404, async (bp: Peer) => bp.send("SELECT * FROM cars", {}, bp.key, randomUUID())],
    ["an unknown statement", 400, async (bp: Peer) => bp.send("TRUNCATE cars")],
    ["an argument that is not given", 400, async (bp: Peer) => bp.send("SELECT * FROM cars WHERE a = :a")],
    ["a document that is no object", 400, async (bp: Peer) => bp.send("INSERT INTO cars DOCUMENTS (:d)", { d: [1] })],
    ["a change of _id", 400, async (bp: Peer) => bp.send("UPDATE cars SET _id = 'x'")],
    [
      "an _id that is there",
      400,
      async (bp: Peer) => bp.send("INSERT INTO cars DOCUMENTS (:d)", { d: { _id: "car" } }),
    ],
    ["a body that is too large", 413, async (bp: Peer) => bp.send("SELECT * FROM cars", { a: "x".repeat(5_000_000) })],
  ])("refuses %s with %i", async (_what, status, send) => {
    const bp = await peer("bp1");
    await bp.insert({ _id: "car" });
    const answer = await send(bp);
    expect(answer.status).toBe(status);
    expect(answer.message).not.toBe("");
  });

  test("gives a key no more than its permissions", async () => {
    const bp = await peer("bp1");
    await bp.insert({ _id: "blue", color: "blue" }, { _id: "red", color: "red" });
    const key = "limited";
    const some = { queriesByCollection: { cars: ["color = 'blue'"] } };
    const grant = (permissions: unknown) =>
      bp.configure({ keys: [bp.keyConfig(), bp.keyConfig({ key, permissions })] });
    const send = (statement: string) => bp.send(statement, {}, key);
    await grant({ read: some, write: some });
    expect((await send("SELECT * FROM cars")).items).toEqual([{ _id: "blue", color: "blue" }]);
    expect((await send("SELECT * FROM boats")).status).toBe(403);
    expect((await send("INSERT INTO cars DOCUMENTS ({ 'color': 'red' })")).status).toBe(403);
    expect((await send("UPDATE cars SET color = 'red'")).status).toBe(403);
    await send("DELETE FROM cars");
    expect(await bp.ids()).toEqual(["red"]);
    await grant({ read: { everything: true }, write: { everything: false, queriesByCollection: {} } });
    expect((await send("SELECT * FROM cars")).items).toHaveLength(1);
    expect((await send("DELETE FROM cars")).status).toBe(403);
    await grant("nonsense");
    expect((await send("SELECT * FROM cars")).status).toBe(403);
  });

  test("makes, changes and finds documents", async () => {
    const bp = await peer("bp1");
    await bp.execute("INSERT INTO cars DOCUMENTS (:document)", { document: { color: "blue", size: { doors: 3 } } });
    await bp.execute("UPDATE cars SET size.doors = 5 WHERE color = :color", { color: "blue" });
    expect(await bp.execute("SELECT * FROM cars")).toEqual([
      { _id: expect.stringMatching(/^[0-9a-f-]{36}$/), color: "blue", size: { doors: 5 } },
    ]);
    await bp.insert({ _id: "a" }, { _id: "b" });
    expect(await bp.execute("SELECT * FROM cars LIMIT 2")).toHaveLength(2);
    const again = "INSERT INTO cars DOCUMENTS (:document) ON ID CONFLICT DO";
    await bp.execute(`${again} NOTHING`, { document: { _id: "a", color: "red" } });
    expect(await bp.execute("SELECT * FROM cars WHERE color = 'red'")).toEqual([]);
    await bp.execute(`${again} UPDATE`, { document: { _id: "a", color: "red" } });
    expect(await bp.execute("SELECT * FROM cars WHERE color = 'red'")).toEqual([{ _id: "a", color: "red" }]);
  });
});
