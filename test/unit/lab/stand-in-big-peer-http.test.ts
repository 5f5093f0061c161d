import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Peer, peer } from "../../support/big-peers-on-loopback.ts";

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
    [
      "a key whose date cannot be read",
      401,
      async (bp: Peer) => {
        await bp.configure({ keys: [bp.keyConfig({ expiresAt: "soon" })] });
        return bp.send("SELECT * FROM cars");
      },
    ],
    ["a function that it does not know", 400, async (bp: Peer) => bp.send("SELECT * FROM cars WHERE strlen(a) = 1")],
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
