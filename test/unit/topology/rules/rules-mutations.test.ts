import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";

type Path = readonly (string | number)[];

const topologies = readdirSync("topologies")
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => ({ name, value: parse(readFileSync(`topologies/${name}`, "utf8")) }))
  .filter(({ value }) => judge(value).plan !== undefined);

function judge(value: unknown) {
  return checkSource(parseSource("topology.yaml", stringify(value, { aliasDuplicateObjects: false })));
}

/** Every place of a value, from the outside in. */
function* placesIn(value: unknown, path: Path = []): Iterable<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? value.map((inner, index) => [index, inner] as const) : Object.entries(value);
  for (const [key, inner] of entries) yield* placesIn(inner, [...path, key]);
}

function changed(value: unknown, path: Path, change: (holder: object, key: string | number) => void): unknown {
  const copy = structuredClone(value);
  const key = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>((inner, step) => Reflect.get(Object(inner), step), copy);
  if (key !== undefined) change(Object(holder), key);
  return copy;
}

const without = (value: unknown, path: Path) =>
  changed(value, path, (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  });

function planned(plan: Plan | undefined): string {
  return JSON.stringify(plan, (_, value) => (value instanceof Map ? [...value] : value));
}

/** The places that a topology can do without, so that nobody would see that they are gone. */
function lostInSilence(value: unknown): string[] {
  const before = planned(judge(value).plan);
  return [...placesIn(value)]
    .map((path) => ({ path, after: judge(without(value, path)) }))
    .filter(({ after }) => after.findings.length === 0 && planned(after.plan) === before)
    .map(({ path }) => path.join("."));
}

test("a large topology loses nothing in silence but what it would be anyway", () => {
  const large = parse(readFileSync("test/good/large.several-ingresses.yaml", "utf8"));
  expect(lostInSilence(large)).toEqual(["environment", "replications.dr-inside.dial"]);
});

describe.each(topologies)("$name", ({ value }) => {
  // `namespace: ditto` and `ports: …` may be what they would be anyway; `ingresses`, `$schema` say nothing alone.
  const places = [...placesIn(value)];

  test("loses nothing in silence: what is taken away gives a finding or another plan", () => {
    expect(lostInSilence(value).filter((path) => path !== "clusters.dev.namespace")).toEqual([]);
  });

  test("is judged whatever stands in any of its places", () => {
    const strange = [
      null,
      true,
      -1,
      1e300,
      "",
      " ",
      "\u0000",
      "constructor",
      "__proto__",
      [],
      [[]],
      {},
      { a: { b: [null] } },
    ];
    for (const path of places) {
      for (const thing of strange) {
        const { plan, findings } = judge(changed(value, path, (holder, key) => Reflect.set(holder, key, thing)));
        if (plan === undefined) expect(findings.some(({ severity }) => severity === "error")).toBe(true);
      }
    }
  });

  test("is judged whatever key any of its keys is renamed to", () => {
    for (const path of places) {
      for (const name of ["constructor", "toString", "__proto__", "", "a".repeat(300), "ß", "1"]) {
        const { findings } = judge(
          changed(value, path, (holder, key) => {
            if (Array.isArray(holder)) return;
            const inner = Reflect.get(holder, key);
            Reflect.deleteProperty(holder, key);
            Object.defineProperty(holder, name, { value: inner, enumerable: true, configurable: true, writable: true });
          }),
        );
        for (const { location } of findings) expect(location?.line).toBeGreaterThan(0);
      }
    }
  });
});
