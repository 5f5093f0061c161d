import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OwningStack } from "../../../runners/stack-order.ts";
import { type Wave, wavesOf } from "../../../runners/waves.ts";
import { planText } from "../../../topology/check.ts";

interface Site {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const shops = (count: number, region: string): Site[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${region}-${index + 1}`, labels: { tier: "shop", region } }));
const fleet: readonly Site[] = [{ name: "hub", labels: { tier: "hub" } }, ...shops(4, "eu"), ...shops(3, "us")];

/** A stack for each site, given in the order of their names backwards. */
function waves(written: readonly string[], sites: readonly Site[] = fleet): Wave[] {
  const text = [
    "environment: development",
    "clusters:",
    ...sites.map(
      ({ name, labels }) => `  ${name}: { stack: ${name}, inbound: none, labels: ${JSON.stringify(labels)} }`,
    ),
    "peers:",
    ...sites.map(({ name }) => `  ${name}: { cluster: ${name}, version: 1.63.2 }`),
    ...(written.length === 0 ? [] : ["waves:", ...written.map((each) => `  - ${each}`)]),
  ].join("\n");
  const { plan } = planText(`${text}\n`);
  const stacks = sites.map(({ name }): OwningStack => ({ name, clusters: new Set([name]) })).reverse();
  return wavesOf(plan, stacks, plan.waves);
}

const shown = (made: readonly Wave[]) => made.map(({ name, stacks }) => `${name}: ${stacks.join(" ")}`.trim());

describe("the waves of an environment", () => {
  test("without any declared, all stacks are the rest, in the order in which they were given", () => {
    expect(shown(waves([]))).toEqual(["the rest: us-3 us-2 us-1 eu-4 eu-3 eu-2 eu-1 hub"]);
  });

  test("a stack is in the first wave that takes it, and those that none takes come last", () => {
    expect(shown(waves(["{ name: canary, labels: { region: us }, stacks: 1 }", "{ labels: { tier: shop } }"]))).toEqual(
      ["canary: us-1", "tier=shop: us-3 us-2 eu-4 eu-3 eu-2 eu-1", "the rest: hub"],
    );
  });

  test("a share is of all that have the labels, and is rounded up", () => {
    expect(
      shown(waves(["{ labels: { tier: shop }, stacks: 10% }", "{ labels: { tier: shop }, stacks: 50% }"])),
    ).toEqual(["tier=shop, 10%: eu-1", "tier=shop, 50%: us-1 eu-4 eu-3 eu-2", "the rest: us-3 us-2 hub"]);
  });

  test("a wave that repeats takes all of its stacks, so many at a time", () => {
    expect(shown(waves(["{ name: shops, labels: { tier: shop }, stacks: 3, repeat: true }"]))).toEqual([
      "shops 1: eu-3 eu-2 eu-1",
      "shops 2: us-2 us-1 eu-4",
      "shops 3: us-3",
      "the rest: hub",
    ]);
  });

  test("a wave whose stacks have all been taken is there, and empty", () => {
    expect(shown(waves(["{ labels: { tier: hub } }", "{ name: again, labels: { tier: [hub] } }", "{}"]))).toEqual([
      "tier=hub: hub",
      "again:",
      "all: us-3 us-2 us-1 eu-4 eu-3 eu-2 eu-1",
    ]);
  });
});

describe("whatever is declared", () => {
  const site = fc.record({ region: fc.constantFrom("eu", "us"), tier: fc.constantFrom("hub", "shop") });
  const written = fc
    .record(
      {
        labels: fc.constantFrom("{ region: eu }", "{ tier: shop }", "{ tier: hub, region: [eu, us] }"),
        stacks: fc.constantFrom("1", "2", "10%", "50%", "100%"),
        repeat: fc.constant("true"),
      },
      { requiredKeys: [] },
    )
    .filter(({ stacks, repeat }) => repeat === undefined || stacks !== undefined)
    .map(
      (wave) =>
        `{ ${Object.entries(wave)
          .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]))
          .join(", ")} }`,
    );
  const given = fc.record({
    // One site has every label, so that no wave selects by labels that nothing has.
    sites: fc.array(site, { maxLength: 9 }).map((labels) => [
      ...[
        { region: "eu", tier: "hub" },
        { region: "us", tier: "shop" },
      ],
      ...labels,
    ]),
    declared: fc.array(written, { maxLength: 4 }),
  });

  test("each stack is in exactly one wave, in the order given, and the rest comes last", () => {
    fc.assert(
      fc.property(given, ({ sites, declared }) => {
        const named = sites.map((labels, index) => ({ name: `s${index}`, labels }));
        const made = waves(declared, named);
        const order = named.map(({ name }) => name).reverse();
        expect(made.flatMap(({ stacks }) => stacks).sort()).toEqual([...order].sort());
        for (const { stacks } of made) expect(stacks).toEqual(order.filter((name) => stacks.includes(name)));
        expect(made.filter(({ rest }) => rest)).toEqual(made.at(-1)?.rest ? [made.at(-1)] : []);
        expect(made.filter(({ rest, stacks }) => rest && stacks.length === 0)).toEqual([]);
      }),
    );
  });

  test("a stack more that has none of the labels changes no declared wave that counts", () => {
    fc.assert(
      fc.property(given, ({ sites, declared }) => {
        const counted = declared.filter((each) => each.includes("labels"));
        const named = sites.map((labels, index) => ({ name: `s${index}`, labels }));
        const more = [...named, { name: "later", labels: {} }];
        const chosen = (made: readonly Wave[]) => made.filter(({ rest }) => !rest);
        expect(chosen(waves(counted, more))).toEqual(chosen(waves(counted, named)));
      }),
    );
  });
});
