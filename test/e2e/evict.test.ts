import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deriveProbe, parsePredicate } from "../../dql/index.ts";
import { planText } from "../../topology/check.ts";
import { type DocumentKind, evictReport } from "../../topology/flows/evict.ts";
import type { DocumentFields } from "../../topology/flows/flows.ts";
import { Session } from "../../verify/session.ts";
import { Deployment } from "../support/deployment.ts";

/** The guide's example, and a third peer that pulls from the second what that pulls from the first. */
const guide = readFileSync("topologies/dev.yaml", "utf8")
  .replace("peers: [bp1, bp2]", "peers: [bp1, bp2, bp3]")
  .replace(/^ {2}bp2: .*$/m, (line) => `${line}\n${line.replace("bp2", "bp3")}`)
  .concat(`  far-cars: { app: cars, from: bp2, to: bp3, queries: { cars: ["color = 'red'"] } }\n`);
const { plan } = planText(guide);
const arrivesMs = 10_000;
/** As long as a document has to come back where it should not. */
const awayMs = 1_500;

let deployment: Deployment;
let session: Session;
beforeAll(async () => {
  deployment = await Deployment.start(guide);
  await deployment.up();
  const access = { kubeconfig: deployment.lab.kubeconfig, reach: "cluster-ip" as const, apis: {}, managementApis: {} };
  session = new Session(plan, access);
});
afterAll(async () => {
  await session?.close();
  await deployment?.stop();
});

const has = async (peer: string, collection: string, id: string) =>
  (await session.documents("cars", peer)).has(collection, id);
const arrives = (peer: string, collection: string, id: string) =>
  expect
    .poll(() => has(peer, collection, id), { timeout: arrivesMs, interval: 20, message: `${id} on ${peer}` })
    .toBe(true);
const isGone = (peer: string, collection: string, id: string) =>
  expect
    .poll(() => has(peer, collection, id), { timeout: arrivesMs, interval: 20, message: `${id} off ${peer}` })
    .toBe(false);

async function staysAway(peer: string, collection: string, id: string): Promise<void> {
  const until = Date.now() + awayMs;
  while (Date.now() < until) {
    expect(await has(peer, collection, id), `${id} is back on ${peer}`).toBe(false);
    await delay(50);
  }
}

/** A document of a kind; one that matches no query has a colour that nobody asks for. */
function documentOf({ query }: DocumentKind): DocumentFields {
  const parsed = query === undefined ? undefined : parsePredicate(query);
  const derived = parsed?.ok ? deriveProbe(parsed.expression) : undefined;
  return { ...(derived?.ok ? derived.fields : { color: "green" }), _id: randomUUID() };
}

async function write(peer: string, collection: string, document: DocumentFields): Promise<string> {
  await (await session.documents("cars", peer)).insert(collection, document);
  return String(document._id);
}

/** A document that was not there would neither come back nor stay away, so the answer has to name it. */
async function execute(peer: string, verb: "EVICT" | "DELETE", collection: string, id: string): Promise<void> {
  const documents = await session.documents("cars", peer);
  const answer = await documents.execute(`${verb} FROM ${collection} WHERE _id = :id`, { id });
  expect(answer).toMatchObject({ mutatedDocumentIDs: [id] });
}

const cases = evictReport(plan).flatMap(({ peer, collection, documents }) =>
  documents.map((kind) => ({ peer, collection, kind, name: kind.query ?? "all others" })),
);
const coming = cases.flatMap(({ kind, ...rest }) =>
  kind.returns.flatMap(({ from }) =>
    from.map((source) => ({ ...rest, kind, source: source.peer, pulls: source.pulls })),
  ),
);

describe("the evict report is what the Big Peers do", () => {
  test("is about every peer and every kind of documents of the guide's example", () => {
    expect(cases.map(({ peer, name }) => `${peer} ${name}`)).toEqual([
      "bp1 color = 'blue'",
      "bp1 color = 'red'",
      "bp1 all others",
      "bp2 color = 'blue'",
      "bp2 color = 'red'",
      "bp2 all others",
      "bp3 color = 'red'",
      "bp3 all others",
    ]);
    expect(coming.map(({ peer, name, source }) => `${peer} ${name} from ${source}`)).toEqual([
      "bp1 color = 'blue' from bp2",
      "bp2 color = 'blue' from bp1",
      "bp2 color = 'red' from bp1",
      "bp3 color = 'red' from bp2",
    ]);
  });

  test.each(coming)("$name comes back to $peer from $source", async ({ peer, collection, kind, source }) => {
    const id = await write(source, collection, documentOf(kind));
    await arrives(peer, collection, id);
    await execute(peer, "EVICT", collection, id);
    await arrives(peer, collection, id);
  });

  test.each(coming.filter(({ pulls }) => pulls))(
    "$name that was written on $peer comes back from $source, which pulls it",
    async ({ peer, collection, kind, source }) => {
      const id = await write(peer, collection, documentOf(kind));
      await arrives(source, collection, id);
      await execute(peer, "EVICT", collection, id);
      await arrives(peer, collection, id);
    },
  );

  test.each(coming.filter(({ pulls }) => !pulls))(
    "$name that was written on $peer stays away, since $source pulls nothing",
    async ({ peer, collection, kind }) => {
      const id = await write(peer, collection, documentOf(kind));
      await execute(peer, "EVICT", collection, id);
      await staysAway(peer, collection, id);
    },
  );

  test.each(cases.filter(({ kind }) => kind.returns.length === 0))(
    "$name stays away from $peer",
    async ({ peer, collection, kind }) => {
      const id = await write(peer, collection, documentOf(kind));
      // Others that pull it still have it, and must not give it back.
      for (const hop of kind.tombstone) await arrives(hop.peer, collection, id);
      await execute(peer, "EVICT", collection, id);
      await staysAway(peer, collection, id);
      for (const hop of kind.tombstone) expect(await has(hop.peer, collection, id)).toBe(true);
    },
  );

  test.each(cases)("a DELETE of $name on $peer reaches whom it says, and nobody else", async (each) => {
    const { peer, collection, kind } = each;
    const document = documentOf(kind);
    const id = String(document._id);
    const reached = new Set(kind.tombstone.map((hop) => hop.peer));
    const others = [...plan.peers.keys()].filter((name) => name !== peer && !reached.has(name));
    const pullsFrom = (name: string) =>
      new Set(cases.find((one) => one.peer === name && one.name === each.name)?.kind.tombstone.map((hop) => hop.peer));
    // The others have it, too, and not from this peer: a tombstone that came would take it away.
    for (const name of others)
      if (!others.some((other) => pullsFrom(other).has(name))) await write(name, collection, document);
    for (const name of others) await arrives(name, collection, id);
    const comes = others.some((other) => pullsFrom(other).has(peer));
    if (comes) await arrives(peer, collection, id);
    else await write(peer, collection, document);
    for (const name of reached) await arrives(name, collection, id);
    await execute(peer, "DELETE", collection, id);
    for (const name of reached) await isGone(name, collection, id);
    await staysAway(peer, collection, id);
    for (const name of others) expect(await has(name, collection, id)).toBe(true);
  });
});

describe("the pattern that the report writes out", () => {
  test("evicts what is older than the cutoff for good, once the subscription is bound by it", async () => {
    const [old, fresh] = ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"];
    const cutoff = "2026-03-01T00:00:00Z";
    const entry = evictReport(plan, { peer: "bp2" })[0]?.documents.find(({ query }) => query === "color = 'red'");
    const bound = entry?.returns[0]?.timeBound;
    deployment.write(guide.replace("color = 'red'", bound?.subscription.replace(":cutoff", `'${cutoff}'`) ?? ""));
    const ids = await Promise.all(
      [old, fresh].map((createdAt) => write("bp1", "cars", { _id: randomUUID(), color: "red", createdAt })),
    );
    for (const id of ids) await arrives("bp2", "cars", id);
    await deployment.up();
    const documents = await session.documents("cars", "bp2");
    await documents.execute(bound?.evict ?? "", { cutoff });
    const [evicted = "", kept = ""] = ids;
    expect(await has("bp2", "cars", kept)).toBe(true);
    await staysAway("bp2", "cars", evicted);
    expect(await has("bp1", "cars", evicted)).toBe(true);
    // What is bound still comes back, so the bound is what keeps the other away.
    await execute("bp2", "EVICT", "cars", kept);
    await arrives("bp2", "cars", kept);
  });
});
