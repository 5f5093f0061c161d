import { connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { ReplicationConfig } from "../../../lab/big-peer/big-peer.ts";
import { createRoot, issueCa, issueLeaf } from "../../../lab/operator/authority.ts";
import {
  all,
  appId,
  authority,
  connectedPair,
  flushed,
  freePort,
  pair,
  peer,
  replication,
  trusting,
  until,
} from "../../support/big-peers-on-loopback.ts";

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

  test("ends with the later of two writes on both sides", async () => {
    const { dialler, target } = await pair({ dialler: {}, target: {} });
    await dialler.insert({ _id: "car", color: "blue" });
    await dialler.execute("UPDATE cars SET color = 'green'");
    await target.insert({ _id: "car", color: "red" });
    for (const each of [dialler, target])
      await each.configure({ replications: each.config.replications.map((one) => ({ ...one, queries: all })) });
    await flushed(dialler, target);
    await flushed(target, dialler);
    for (const each of [dialler, target])
      expect(await each.execute("SELECT * FROM cars WHERE _id = 'car'")).toEqual([{ _id: "car", color: "green" }]);
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

  test("in an issuer holds for a dialler that sends its CA along, until the issuer is no longer listed", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: all });
    const root = await createRoot("issuer");
    const ca = await issueCa(root, "ca-of-bp1");
    const leaf = await issueLeaf(ca, "bp1");
    const issuer = { secret: "trusts-issuer", pem: root.certificate };
    await target.configure({ trusted: [issuer] });
    await until(() => target.status).toMatchObject({ inbound: 0, lastError: expect.stringMatching(/TLS.*bp1/) });
    await dialler.configure({ identity: { ...leaf, certificate: `${leaf.certificate}\n${ca.certificate}` } });
    await until(() => target.status).toMatchObject({ inbound: 1, lastError: undefined });
    await target.configure({ trusted: [issuer, ...trusting(await authority("ca-of-bp3"))] });
    await flushed(dialler, target);
    expect(target.status.lastError).toBeUndefined();
    await target.configure({ trusted: trusting(await authority("ca-of-bp3")) });
    await until(() => target.status).toMatchObject({ inbound: 0, lastError: expect.stringMatching(/TLS.*bp1/) });
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
    // A leaf that is trusted signs another leaf: its signature is good, but it is no CA.
    const leaf = await issueLeaf(dialler.ca, "leaf");
    await target.configure({ trusted: [{ secret: "leaf", pem: leaf.certificate }] });
    await dialler.configure({ identity: await issueLeaf(leaf, "bp1") });
    await until(() => target.status.lastError).toMatch(/TLS: bp2 refused bp1.*"leaf"/);
    await until(() => dialler.connected).toEqual([false]);
  });

  test("lost by a live session closes it; kept through a rotation it stays up", async () => {
    const { dialler, target } = await connectedPair({ dialler: all, target: all });
    // cert-manager keeps the name of the CA that it rotates.
    const rotated = { ...(await authority("ca-of-bp1")), name: "ca-of-bp1-new" };
    await target.configure({ trusted: trusting(dialler.ca, rotated) });
    const changes = [dialler.statusChanges, target.statusChanges];
    await dialler.configure({ identity: await issueLeaf(rotated, "bp1") });
    await target.configure({ identity: await issueLeaf(target.ca, "bp2") });
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

  test("that fails in one point carries out the rest, and the point itself once it can", async () => {
    const { dialler, target, port } = await pair({ dialler: all, target: all });
    await until(() => dialler.connected).toEqual([true]);
    const spare = await freePort();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(spare, "127.0.0.1", resolve));
    const rotated = await authority("ca-of-bp1-new");
    const blocked = replication({ name: "blocked", listen: { host: "127.0.0.1", port: spare } });
    const listening = replication({ queries: all, listen: { host: "127.0.0.1", port } });
    const trusted = [{ secret: "broken", pem: "no certificate" }, ...trusting(rotated)];
    await expect(target.configure({ trusted, replications: [blocked, listening] })).rejects.toThrow(/EADDRINUSE/);
    await dialler.configure({ identity: await issueLeaf(rotated, "bp1") });
    await until(() => dialler.connected).toEqual([true]);
    await new Promise((resolve) => blocker.close(resolve));
    await target.configure({});
  });

  test("is over at once when it is stopped, whoever is still in the middle of a handshake", async () => {
    const { target, port } = await connectedPair({ dialler: all, target: all });
    const silent = connect(port, "127.0.0.1");
    const closed = new Promise((resolve) => silent.once("error", resolve).once("close", resolve));
    await new Promise((resolve) => silent.once("connect", resolve));
    await target.bigPeer.stop();
    await closed;
  });
});
