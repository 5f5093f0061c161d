import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, parsePredicate } from "../../../../dql/index.ts";
import { type Fields, Subscriptions } from "../../../../lab/big-peer/subscriptions.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { tellingDocuments } from "../../../../topology/diff/telling-documents.ts";
import { formatDiffText } from "../../../../topology/diff/text.ts";
import { topologySchema } from "../../../../topology/file/schema.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";

/** Documents on both sides of everything that the queries below ask for. */
const documents: readonly Fields[] = [
  undefined,
  null,
  "",
  "a",
  "b",
  "bar",
  "blue",
  "blue!",
  "c",
  "d",
  "red",
  "z",
  7,
].flatMap((color) =>
  [undefined, 0, 2, 2.5, 3, 3.5, 4, 9, "x"].flatMap((size) =>
    [undefined, true, false, "x"].map((sold) =>
      Object.fromEntries(Object.entries({ color, size, sold }).filter(([, value]) => value !== undefined)),
    ),
  ),
);

const conditions = fc.constantFrom(
  ...["color = 'blue'", "color != 'blue'", "color IN ('blue', 'red')", "color LIKE 'b%'", "color IS MISSING"],
  ...["color IS NULL", "color > 'b'", "size > 2", "size < 4", "3 <= size", "size = 3", "sold", "sold = false", "true"],
);
const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    conditions,
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a}) AND (${b})`),
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a}) OR (${b})`),
    tie("query").map((inner) => `NOT (${inner})`),
  ),
}));

const peers = ["p0", "p1", "p2", "p3", "p4"];
const replication = fc
  .record({
    form: fc.constantFrom("between", "one-way", "hub", "mesh"),
    members: fc.shuffledSubarray(peers, { minLength: 2, maxLength: 4 }),
    queries: fc.uniqueArray(query, { minLength: 1, maxLength: 2 }),
    up: fc.option(query, { nil: undefined }),
  })
  .map(({ form, members, queries, up }) => {
    const [first = "", second = ""] = members;
    const written = {
      between: { between: [first, second], queries: { cars: queries } },
      "one-way": { from: first, to: second, queries: { cars: queries } },
      hub: { hub: first, spokes: members.slice(1), down: { cars: queries }, ...(up ? { up: { cars: [up] } } : {}) },
      mesh: { mesh: members, queries: { cars: queries } },
    }[form];
    return { app: "shop", ...written };
  });

function planOf(replications: readonly unknown[]): Plan {
  const version = "1.63.2";
  return planTopology(
    topologySchema.parse({
      environment: "development",
      clusters: { dev: {} },
      peers: Object.fromEntries(peers.map((name) => [name, { cluster: "dev", version }])),
      apps: { shop: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7", peers } },
      replications: Object.fromEntries(replications.map((each, index) => [`r${index}`, each])),
    }),
  );
}

/** Two topologies that have most of their replications in common. */
const pairs = fc
  .tuple(fc.array(replication, { minLength: 1, maxLength: 4 }), fc.array(replication, { maxLength: 2 }), fc.nat(4))
  .map(([base, others, at]): [Plan, Plan] => [planOf(base), planOf(base.toSpliced(at, 1, ...others))]);

/** Which documents go where, by what the lab's Big Peers make of the replications: nothing of what a diff is made of. */
class Flows {
  readonly #edges: { from: string; to: string; wanted: Subscriptions }[] = [];
  readonly #reached = new Map<string, ReadonlySet<string>>();

  constructor({ replications }: Plan) {
    for (const { sides, links } of replications.values()) {
      const wanted = new Map(sides.map(({ peer, subscribes }) => [peer, new Subscriptions(subscribes)]));
      for (const { initiator, target } of links)
        for (const [from, to] of [
          [initiator, target],
          [target, initiator],
        ] as const) {
          const subscriptions = wanted.get(to);
          if (subscriptions) this.#edges.push({ from, to, wanted: subscriptions });
        }
    }
  }

  carries(from: string, to: string, document: Fields): boolean {
    return this.#edges.some((edge) => edge.from === from && edge.to === to && edge.wanted.covers("cars", document));
  }

  #from(source: string, document: Fields): ReadonlySet<string> {
    const peers = new Set([source]);
    for (const from of peers)
      for (const edge of this.#edges)
        if (edge.from === from && edge.wanted.covers("cars", document)) peers.add(edge.to);
    return peers;
  }

  brings(source: string, to: string, document: Fields): boolean {
    const key = `${source} ${JSON.stringify(document)}`;
    const known = this.#reached.get(key) ?? this.#from(source, document);
    this.#reached.set(key, known);
    return known.has(to);
  }
}

function diffOf(base: Plan, head: Plan) {
  return diffTopologies({ name: "base", plan: base, findings: [] }, { name: "head", plan: head, findings: [] });
}

describe("what a diff says of flows is true of the two plans, whatever the documents", () => {
  const effects = new Set<string>();

  test("between linked peers, and of those that it does not name nothing has changed", () => {
    fc.assert(
      fc.property(pairs, ([base, head]) => {
        const [before, after] = [new Flows(base), new Flows(head)];
        const named = new Set<string>();
        for (const { effect, sampled, from, to, overOthers } of diffOf(base, head).flows) {
          named.add(`${from} ${to}`);
          effects.add(effect);
          if (sampled) effects.add("sampled");
          const was = documents.filter((document) => before.carries(from, to, document));
          const is = documents.filter((document) => after.carries(from, to, document));
          const [more, less] = [is.filter((each) => !was.includes(each)), was.filter((each) => !is.includes(each))];
          if (effect === "starts") expect(was).toEqual([]);
          else if (effect === "stops") expect(is).toEqual([]);
          else {
            const [widens, narrows] = ["widens", "narrows"].map((each) => effect === each || effect === "turns");
            if (widens || !sampled) expect([effect, more.length > 0]).toEqual([effect, widens]);
            if (narrows || !sampled) expect([effect, less.length > 0]).toEqual([effect, narrows]);
          }
          const [those, elsewhere] = effect === "starts" || effect === "widens" ? [more, before] : [less, after];
          if (overOthers !== undefined) {
            effects.add(`${effect} via others`);
            expect(those.some((document) => elsewhere.brings(from, to, document))).toBe(true);
          }
        }
        for (const from of peers) {
          for (const to of peers) {
            if (from === to || named.has(`${from} ${to}`)) continue;
            const differs = (each: Fields) => before.carries(from, to, each) !== after.carries(from, to, each);
            expect(documents.filter(differs)).toEqual([]);
          }
        }
      }),
      { numRuns: 100 },
    );
    const direct = ["starts", "stops", "widens", "narrows", "turns", "rewrites"];
    expect([...effects]).toEqual(expect.arrayContaining([...direct, "starts via others", "stops via others"]));
  });

  test("via other peers: its sample does come, or no longer, and `starts` and `stops` are said of all documents alone", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(pairs, ([base, head]) => {
        const [before, after] = [new Flows(base), new Flows(head)];
        const diff = diffOf(base, head);
        expect(diff.arrivalsComplete).toBe(true);
        for (const { effect, sample, query, from, to } of diff.arrivals) {
          seen.add(effect);
          const [there, not] = effect === "starts" || effect === "widens" ? [after, before] : [before, after];
          const document: Fields = JSON.parse(sample ?? "no sample");
          expect(new Subscriptions({ cars: [query] }).covers("cars", document)).toBe(true);
          for (const source of from)
            for (const receiver of to) {
              expect(there.brings(source, receiver, document)).toBe(true);
              expect(there.carries(source, receiver, document)).toBe(false);
              expect(not.brings(source, receiver, document)).toBe(false);
              const others = documents.some((each) => not.brings(source, receiver, each));
              expect([effect, others]).toEqual([effect, effect === "widens" || effect === "narrows"]);
            }
        }
      }),
      { numRuns: 100 },
    );
    expect([...seen].sort()).toEqual(["narrows", "starts", "stops", "widens"]);
  });

  test("a minus is before what is gone altogether, and a plus before what was not there at all", () => {
    fc.assert(
      fc.property(pairs, ([base, head]) => {
        const [before, after] = [new Flows(base), new Flows(head)];
        const same = (text: string) => text;
        const text = formatDiffText(diffOf(base, head), { bold: same, green: same, red: same, yellow: same });
        const lines = text.matchAll(/^ {2}([-+]) cars \(shop\) {2}(.*) -> ([^,:]+(?:, p\d)*)(, via others)?: /gm);
        for (const [, mark, from = "", to = "", indirect] of lines) {
          const flows = mark === "+" ? before : after;
          for (const source of from.split(", "))
            for (const receiver of to.split(", "))
              expect(
                documents.filter((each) =>
                  indirect ? flows.brings(source, receiver, each) : flows.carries(source, receiver, each),
                ),
              ).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("documents that tell predicates apart stand for every other document", () => {
  fc.assert(
    fc.property(fc.array(query, { minLength: 1, maxLength: 3 }), (queries) => {
      const expressions = queries.flatMap((text) => {
        const parsed = parsePredicate(text);
        return parsed.ok ? [parsed.expression] : [];
      });
      const outcome = (document: Fields) => expressions.map((each) => evaluate(each, document, {})).join();
      const telling = tellingDocuments(expressions);
      const outcomes = new Set(telling.documents.map(outcome));
      expect(telling.complete).toBe(true);
      expect(documents.filter((document) => !outcomes.has(outcome(document)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test.each([
  "lower(color) = 'blue'",
  "color = :color",
  "color = size",
  "color LIKE '%b%'",
  "owner = 'a' AND owner.name = 'b'",
])("documents are not said to stand for every other where a condition compares in another way: %s", (text) => {
  const parsed = parsePredicate(text);
  expect(parsed.ok && tellingDocuments([parsed.expression]).complete).toBe(false);
});
