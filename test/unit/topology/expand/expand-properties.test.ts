import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { checkSource, planText } from "../../../../topology/check.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

/** What rules would take for a placeholder, or for a mistake, is left out. */
const texts = fc.stringMatching(/^[A-Za-z0-9 '"%.-]{1,12}$/).filter((text) => text.trim() === text);
const fleets = fc.record({
  hubs: fc.integer({ min: 1, max: 3 }),
  shops: fc.array(
    fc.record({ hub: fc.nat(2), store: fc.oneof(texts, fc.integer(), fc.boolean()), open: fc.boolean() }),
    {
      minLength: 3,
      maxLength: 12,
    },
  ),
  inline: fc.boolean(),
});

const id = "0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11";
const hubNames = (hubs: number) => Array.from({ length: hubs }, (_, index) => `hub-${index}`);

/** The same fleet, as templates with a table, and as somebody would write all of it. */
function written({ hubs, shops, inline }: typeof fleets extends fc.Arbitrary<infer T> ? T : never) {
  const rows = shops.map(({ hub, store, open }, index) => ({
    name: `shop-${index}`,
    // Each hub has a spoke, or there would be nobody to choose.
    hub: `hub-${(index < hubs ? index : hub) % hubs}`,
    store,
    tier: open ? "open" : "closed",
  }));
  const names = hubNames(hubs);
  const queries = (store: string | number | boolean) =>
    `storeId = ${typeof store === "string" ? `'${store.replaceAll("'", "''")}'` : store}`;
  const template = stringify({
    environment: "development",
    defaults: {
      peers: { version: "1.63.2", cluster: "{peer.name}" },
      byLabel: [{ labels: { tier: ["open", "closed"] }, clusters: { inbound: "none" } }],
    },
    sites: {
      hubs: {
        rows: names.map((name) => ({ name })),
        clusters: { "{site.name}": { ingress: { host: "{site.name}.example.com" } } },
        peers: { "{site.name}": { labels: { tier: "hub" } } },
        replications: {
          "of-{site.name}": {
            app: "retail",
            hub: "{site.name}",
            spokes: { labels: { hub: "{site.name}" } },
            down: { stock: "storeId = {spoke.labels.store}" },
          },
        },
      },
      shops: {
        ...(inline ? { rows } : { table: "shops.yaml" }),
        clusters: { "{site.name}": { labels: { tier: "{site.tier}", hub: "{site.hub}", store: "{site.store}" } } },
        peers: { "{site.name}": {} },
      },
    },
    apps: { retail: { id, peers: { labels: { tier: ["hub", "open", "closed"] } } } },
  });
  const peer = (name: string, labels: object) => [name, { version: "1.63.2", cluster: name, labels }] as const;
  const labels = ({ tier, hub, store }: (typeof rows)[number]) => ({ tier, hub, store });
  const plain = stringify({
    environment: "development",
    clusters: {
      ...Object.fromEntries(names.map((name) => [name, { ingress: { host: `${name}.example.com` } }])),
      ...Object.fromEntries(rows.map((row) => [row.name, { inbound: "none", labels: labels(row) }])),
    },
    peers: {
      ...Object.fromEntries(names.map((name) => peer(name, { tier: "hub" }))),
      ...Object.fromEntries(rows.map((row) => peer(row.name, labels(row)))),
    },
    apps: { retail: { id, peers: [...names, ...rows.map(({ name }) => name)] } },
    replications: Object.fromEntries(
      names.map((hub) => {
        const own = rows.filter((row) => row.hub === hub);
        const perSpoke = Object.fromEntries(own.map(({ name, store }) => [name, { stock: queries(store) }]));
        return [`of-${hub}`, { app: "retail", hub, spokes: own.map(({ name }) => name), perSpoke }];
      }),
    ),
  });
  return { source: sourceOf({ "fleet.yaml": template, "shops.yaml": stringify(rows) }), plain };
}

test("a fleet of templates has the plan of the same fleet written out, and so has what is printed of it", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const { source, plain } = written(fleet);
      const { plan, findings } = checkSource(source);
      expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(plan).toEqual(planText(plain).plan);
      expect(planText(source.asOneFile()).plan).toEqual(plan);
    }),
    { numRuns: 60 },
  );
});

test("every place of an expanded topology is in one of its files", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const { source } = written(fleet);
      const lines = new Map(source.parts.map(({ file, text }) => [file, text.split("\n").length]));
      const visit = (value: unknown, path: readonly (string | number)[]): void => {
        for (const part of ["key", "value"] as const) {
          const { file, line, via } = source.locate(path, part);
          for (const each of [{ file, line }, ...(via ? [via] : [])])
            expect(each.line).toBeLessThanOrEqual(lines.get(each.file) ?? 0);
        }
        if (typeof value !== "object" || value === null) return;
        const inside = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
        for (const [key, inner] of inside) visit(inner, [...path, key]);
      };
      visit(source.value, []);
    }),
    { numRuns: 20 },
  );
});
