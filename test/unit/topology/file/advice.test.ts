import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Document, isMap, isScalar, isSeq, parse, parseDocument, stringify } from "yaml";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { type Finding, formatPath, type Path } from "../../../../topology/findings/finding.ts";
import { pinPorts } from "../../../../topology/pins/pin.ts";

const widerRange = /write `ports: (\d+-\d+)` in (\S+), and run `npx bigpeer pin/;

/** Does what a finding says, as a program can: to the letter. Undefined: that takes a person. */
function applied(text: string, { rule, path, fix }: Finding): string | undefined {
  const document = parseDocument(text);
  const at = [...path];
  const write = (value: unknown, where: Path = at) => {
    document.setIn([...where], value);
    return document.toString({ lineWidth: 0 });
  };
  if (widerRange.test(fix)) {
    // The command gives ports once every range is wide enough. Another range may become the one that is too small, where two controllers
    // read one ConfigMap.
    let clashing = text;
    for (let round = 0; round < 10; round++) {
      const narrow = judge(clashing).flatMap((finding) => widerRange.exec(finding.fix) ?? []);
      if (narrow.length === 0) break;
      const widened = parseDocument(clashing);
      for (let index = 0; index < narrow.length; index += 3)
        widened.setIn([...String(narrow[index + 2]).split("."), "ports"], narrow[index + 1]);
      clashing = widened.toString({ lineWidth: 0 });
    }
    return pinPorts(parseSource("t.yaml", clashing), undefined).texts.get("t.yaml") ?? clashing;
  }
  const [, ports] = /^(?:pin a free one|pin each|write):? `port: (\{.*?\})`/.exec(fix) ?? [];
  if (ports !== undefined) return write(document.createNode(parse(ports)), ["replications", String(path[1]), "port"]);
  if (rule === "unused-port" && fix === "leave `port` out") {
    document.deleteIn(["replications", String(path[1]), "port"]);
    return document.toString({ lineWidth: 0 });
  }
  const [, meant] = /^did you mean "([^"]*)"\?$/.exec(fix) ?? [];
  if (meant !== undefined) return keyRules.has(rule) ? renamedKey(document, at, meant) : write(meant);
  const [, name] = /^rename it, for example to "([^"]*)":/.exec(fix) ?? [];
  if (name !== undefined) return renamedEverywhere(text, at, name);
  const [, twice] = /^remove it: `([^`]*)` is already there$/.exec(fix) ?? [];
  if (twice !== undefined) {
    document.deleteIn(at);
    return document.toString({ lineWidth: 0 });
  }
  const [, quoted] = /^write (?:it in quotes: |what follows WHERE: )?"(.*)"$/s.exec(fix) ?? [];
  if (quoted !== undefined) return write(quoted, queryAt(document, at));
  const [, number] = /^remove the quotes: (\d+)$/.exec(fix) ?? [];
  if (number !== undefined) return write(Number(number));
  const [, dial] = /^write `dial: (\S+)`/.exec(fix) ?? [];
  if (dial !== undefined) return write(dial, [...at.slice(0, 2), "dial"]);
  const [, word] = /^write ([0-9a-fA-F-]{36}|[\w.-]+\.[\w.-]+|`\w+`)$/.exec(fix) ?? [];
  if (word === undefined) return undefined;
  return word.startsWith("`") ? renamedKey(document, at, word.slice(1, -1)) : write(word);
}

/** Rules that find the name of a setting, not its value. */
const keyRules = new Set(["unknown-key", "unknown-collection"]);

/** One query stands for a list of one. */
function queryAt(document: Document, path: Path): Path {
  return typeof path.at(-1) === "number" && isScalar(document.getIn(path.slice(0, -1), true))
    ? path.slice(0, -1)
    : path;
}

function renamedKey(document: Document, path: Path, name: string): string {
  // A list of names has no keys.
  if (isSeq(document.getIn(path.slice(0, -1), true))) document.setIn([...path], name);
  else {
    const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    if (pair) pair.key = document.createNode(name);
  }
  return document.toString({ lineWidth: 0 });
}

/** Renames an entry, and whatever names it: the names in these topologies are in no other word. */
function renamedEverywhere(text: string, path: Path, name: string): string {
  const old = String(path[1]);
  const visit = (value: unknown): unknown => {
    if (value === old) return name;
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key === old ? name : key, visit(inner)]));
  };
  return stringify(visit(parse(text)));
}

const judge = (text: string) => checkSource(parseSource("t.yaml", text)).findings;
const keyOf = ({ rule, path }: Finding) => `${rule} ${formatPath(path)}`;

/** Follows advice, one piece after the other, each time the `pick`th that can be followed, until there is none. */
function followed(text: string, pick: number): { text: string; findings: readonly Finding[]; introduced: string[] } {
  let current = text;
  let findings = judge(current);
  const introduced: string[] = [];
  const most = findings.length * 2 + 5;
  for (let step = 0; step <= most; step++) {
    const possible = findings.flatMap((each) => {
      const made = applied(current, each);
      return made === undefined || made === current ? [] : [{ made, renames: each.rule === "name-not-dns" }];
    });
    const next = possible[pick % Math.max(1, possible.length)];
    if (next === undefined) return { text: current, findings, introduced };
    const before = new Set(findings.map(keyOf));
    const rules = new Set(findings.map(({ rule }) => rule));
    const after = judge(next.made);
    // A name that has been changed is part of the paths of all that is found about it.
    const fresh = after.filter((each) => (next.renames ? !rules.has(each.rule) : !before.has(keyOf(each))));
    introduced.push(...fresh.map((each) => `${keyOf(each)}: ${each.what}`));
    if (after.length >= findings.length)
      introduced.push(`no fewer findings: ${after.map(keyOf).join(", ")}\n${next.made}`);
    [current, findings] = [next.made, after];
  }
  throw new Error(`it does not end:\n${current}`);
}

/** Replications that a few clusters are dialled for, by controllers whose ranges may be far too small, some with pins. */
const crowded = fc
  .record({
    ranges: fc.array(fc.record({ first: fc.constantFrom(4040, 8440, 65530), size: fc.integer({ min: 1, max: 6 }) }), {
      minLength: 2,
      maxLength: 3,
    }),
    shared: fc.boolean(),
    replications: fc.array(
      fc.record({
        form: fc.constantFrom("between", "mesh", "hub"),
        turned: fc.boolean(),
        pin: fc.option(
          fc.oneof(
            fc.constantFrom(4040, 4041, 4050, 8443, 80),
            fc.dictionary(fc.constantFrom("p0", "p1", "p2", "q0"), fc.constantFrom(4040, 4041, 8443)),
          ),
          { nil: undefined },
        ),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ ranges, shared, replications }) => {
    const ports = ({ first, size }: { first: number; size: number }) => `${first}-${Math.min(65535, first + size - 1)}`;
    const names = ranges.map((_, index) => `p${index}`);
    const peers = [...names, "q0"];
    const clusters = ranges.map((range, index) => [
      `c${index}`,
      {
        ingress: { host: `c${index}.example.com`, ports: ports(range) },
        // A second controller, which may read the ConfigMap of the first.
        ...(index === 0
          ? {
              ingresses: {
                other: {
                  host: "other.example.com",
                  ports: ports(range),
                  service: "other",
                  deployment: "other",
                  ...(shared ? {} : { configMap: "other" }),
                },
              },
            }
          : {}),
      },
    ]);
    const entries = replications.map(({ form, turned, pin }, index) => {
      const [first = "", second = ""] = turned ? [...names].reverse() : names;
      const queries = { [`k${index}`]: "x = 1" };
      const members = {
        between: { between: [first, index % 2 === 0 ? second : "q0"] },
        mesh: { mesh: peers },
        hub: { hub: first, spokes: peers.filter((peer) => peer !== first), down: queries },
      }[form];
      return [
        `r${index}`,
        {
          app: "cars",
          ...members,
          ...(form === "hub" ? {} : { queries }),
          ...(pin === undefined ? {} : { port: pin }),
        },
      ];
    });
    return stringify({
      environment: "development",
      clusters: Object.fromEntries(clusters),
      peers: Object.fromEntries(
        peers.map((peer) => [
          peer,
          {
            cluster: peer === "q0" ? "c0" : `c${peer.slice(1)}`,
            version: "1.63.2",
            ...(peer === "q0" ? { ingress: "other" } : {}),
          },
        ]),
      ),
      apps: { cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7", peers } },
      replications: Object.fromEntries(entries),
    });
  });

const aboutPorts = (findings: readonly Finding[]) => findings.filter(({ rule }) => /port/.test(rule));

describe("advice on ports that is followed to the letter", () => {
  test("ends, with every target on a port of its own, and with no finding that was not there", () => {
    let clashes = 0;
    let full = 0;
    fc.assert(
      fc.property(crowded, fc.nat(7), (text, pick) => {
        const before = aboutPorts(judge(text));
        clashes += before.length;
        full += before.filter(({ fix }) => fix.includes("and run `npx bigpeer pin")).length;
        const { findings, introduced } = followed(text, pick);
        expect(introduced).toEqual([]);
        expect(aboutPorts(findings).map(({ fix }) => fix)).toEqual([]);
      }),
      { numRuns: 60, seed: 1 },
    );
    // Always the same topologies, since these counts say what they cover.
    expect(clashes).toBeGreaterThan(100);
    expect(full).toBeGreaterThan(10);
  }, 60_000);

  test("names no port twice on one controller, so that all of it can be followed at once", () => {
    fc.assert(
      fc.property(crowded, (text) => {
        const found = judge(text).filter(({ rule }) => rule === "port-clash");
        if (found.some(({ fix }) => fix.includes("range") || widerRange.test(fix))) return;
        const after = found.reduce((current, each) => applied(current, each) ?? current, text);
        expect(judge(after).filter(({ rule }) => rule === "port-clash")).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("is one error where a range is too small, and ends with every target on a port of its own", () => {
    const text = `
environment: development
clusters:
  a: { ingress: { host: a.example.com, ports: 4040-4040 } }
  b: { inbound: none }
peers: { p: { cluster: a, version: 1.63.2 }, q: { cluster: b, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [p, q] } }
replications:
  r0: { app: cars, between: [q, p], queries: { k0: "x = 1" } }
  r1: { app: cars, between: [q, p], queries: { k1: "x = 1" } }
  r2: { app: cars, between: [q, p], queries: { k2: "x = 1" } }
`;
    const found = judge(text).filter(({ rule }) => rule === "port-clash");
    expect(found.map(({ path, what, fix }) => [formatPath(path), what, fix])).toEqual([
      [
        "clusters.a.ingress",
        "the range 4040-4040 is too small for its 3 exposed targets: 2 ports are missing",
        "write `ports: 4040-4042` in clusters.a.ingress, and run `npx bigpeer pin t.yaml`, which gives each target a port and moves none that is deployed",
      ],
    ]);
    const after = followed(text, 0);
    expect(after.findings).toEqual([]);
    const { exposures } = planText(after.text).plan;
    expect(exposures.map(({ port }) => port).sort()).toEqual([4040, 4041, 4042]);
  });
});

const clean = {
  environment: "development",
  clusters: {
    north: { ingress: { host: "north.example.com", ports: "4040-5039" } },
    south: { ingress: { host: "south.example.com", ports: "4040-5039" } },
    edge: { inbound: "none" },
  },
  peers: {
    berlin: { cluster: "north", version: "1.63.2" },
    madrid: { cluster: "south", version: "1.63.2" },
    "shop-one": { cluster: "edge", version: "1.63.2" },
    "shop-two": { cluster: "edge", version: "1.63.2", evicts: [] as string[] },
  },
  apps: {
    store: {
      id: "2164bef3-37c0-489c-9ac6-c94b034525d7",
      peers: ["berlin", "madrid", "shop-one", "shop-two"],
      collections: ["orders", "prices", "menus"],
    },
  },
  replications: {
    archive: { app: "store", between: ["berlin", "madrid"], queries: { orders: ["state = 'paid'"] } },
    pricing: {
      app: "store",
      hub: "berlin",
      spokes: ["shop-one", "shop-two"],
      down: { prices: "region = 'eu'", menus: ["published = true"] },
    },
  },
};

/** A slip of the fingers, in a topology that was right; each changes the text in its own place. */
const slips: Readonly<Record<string, (text: string) => string>> = {
  "a letter of a peer in a pair": (text) => text.replace("      - madrid\n    queries", "      - madird\n    queries"),
  "a letter of a spoke": (text) => text.replace("      - shop-two\n    down", "      - shop-tow\n    down"),
  "a letter of the hub": (text) => text.replace("hub: berlin", "hub: berln"),
  "a letter of a cluster": (text) => text.replace("cluster: south", "cluster: sout"),
  "a letter of an app": (text) => text.replace("app: store\n    between", "app: stor\n    between"),
  "a letter of a collection": (text) => text.replace("      orders:", "      order:"),
  "a letter of a key": (text) => text.replace("spokes:", "spoeks:"),
  "a key that is there already": (text) => text.replace("cluster: north\n", "cluster: north\n    cluser: north\n"),
  "another program's word": (text) => text.replace("    queries:\n", "    filter:\n"),
  "two equals signs": (text) => text.replace("state = 'paid'", "state == 'paid'"),
  "a whole statement": (text) =>
    text.replace("region = 'eu'", "SELECT * FROM prices WHERE region = 'eu' ORDER BY region LIMIT 5"),
  "an ID without dashes": (text) =>
    text.replace("2164bef3-37c0-489c-9ac6-c94b034525d7", "2164bef337c0489c9ac6c94b034525d7"),
  "capitals in a name": (text) => text.replaceAll("shop-one", "Shop_One"),
  "capitals in another, which make it the same": (text) => text.replaceAll("shop-two", "SHOP.ONE"),
  "a URL for a host": (text) => text.replace("host: north.example.com", "host: https://north.example.com:443/x"),
  "quotes around a number": (text) => text.replace("    between:", '    port: "4100"\n    between:'),
  "a pin for nobody": (text) => text.replace("    hub:", "    port: { madrid: 4100 }\n    hub:"),
};

describe("advice on slips that is followed to the letter", () => {
  const text = stringify(clean);

  test("begins with a topology that is right, and with slips that each are found", () => {
    expect(judge(text)).toEqual([]);
    for (const [what, slip] of Object.entries(slips)) {
      expect(slip(text), what).not.toBe(text);
      expect(judge(slip(text)), what).not.toEqual([]);
    }
  });

  test.each(Object.entries(slips))("of %s leads back to a topology that is right", (_, slip) => {
    const { findings, introduced } = followed(slip(text), 0);
    expect(introduced).toEqual([]);
    expect(findings.map(({ rule, fix }) => `${rule}: ${fix}`)).toEqual([]);
  });

  test("never names what is there already", () => {
    const advised = (from: string, to: string) => judge(text.replace(from, to)).map(({ fix }) => fix);
    expect(advised("      menus:\n", "      price:\n").join()).not.toContain('did you mean "prices"');
    expect(advised("      - madrid\n    queries", "      - berlim\n    queries").join()).not.toContain('"berlin"');
    expect(advised("cluster: north", "cluster: north\n    versio: 1").join()).toMatch(/`version` is already there/);
  });

  test("of several at once, in whatever order, ends there, too", () => {
    // A name that is misspelt and renamed comes near to nothing any more: that takes a person.
    const both = ["a letter of a spoke", "capitals in another, which make it the same"];
    const some = fc
      .subarray(Object.keys(slips), { minLength: 2, maxLength: 4 })
      .filter((chosen) => !both.every((each) => chosen.includes(each)));
    fc.assert(
      fc.property(some, fc.nat(5), (chosen, pick) => {
        const wrong = chosen.reduce((current, name) => slips[name]?.(current) ?? current, text);
        expect(followed(wrong, pick).findings.map(({ rule, fix }) => `${rule}: ${fix}`)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
