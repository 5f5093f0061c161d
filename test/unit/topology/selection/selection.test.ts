import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { type Selection, selectedIn, selectionProblems } from "../../../../topology/selection/selection.ts";
import { planProbes } from "../../../../verify/probes.ts";

const { plan } = planText(`
environment: development
clusters:
  one: { labels: { region: eu }, ingress: { host: one.example.com } }
  two: { labels: { region: us }, ingress: { host: two.example.com } }
  three: { labels: { region: us }, inbound: none }
  empty: { labels: { region: eu }, inbound: none }
peers:
  a: { cluster: one, version: 1.63.2, labels: { tier: hub } }
  b: { cluster: two, version: 1.63.2, labels: { tier: shop, store: 7 } }
  c: { cluster: three, version: 1.63.2, labels: { tier: shop } }
apps:
  cars: { peers: [a, b, c] }
  vans: { peers: [a, b] }
replications:
  far: { app: cars, between: [b, a], queries: { cars: "true" } }
  near: { app: cars, between: [c, b], queries: { cars: "true" } }
  vans: { app: vans, between: [b, a], queries: { vans: "true" } }
`);
const probes = planProbes(plan);

function of(selection: Selection) {
  const selected = selectedIn(plan, selection);
  return {
    peers: [...selected.peers],
    clusters: [...selected.clusters].sort(),
    flows: [...new Set(probes.filter(selected.hasFlow).map(({ replication }) => replication))],
  };
}

describe("a selection", () => {
  test("of nothing leaves nothing out", () => {
    expect(of({ peer: [], label: [] })).toEqual({
      peers: ["a", "b", "c"],
      clusters: ["empty", "one", "three", "two"],
      flows: ["far", "near", "vans"],
    });
    expect(selectedIn(plan, { peer: [] }).narrowed).toBe(false);
  });

  test("by clusters takes their peers, and clusters without any", () => {
    expect(of({ cluster: ["one", "empty"] })).toEqual({
      peers: ["a"],
      clusters: ["empty", "one"],
      flows: ["far", "vans"],
    });
  });

  test("by a replication takes both of its sides, and no other replication of theirs", () => {
    expect(of({ replication: ["near"] })).toEqual({ peers: ["b", "c"], clusters: ["three", "two"], flows: ["near"] });
  });

  test("several values of one option add up, and different options narrow each other", () => {
    expect(of({ peer: ["a", "c"] }).peers).toEqual(["a", "c"]);
    expect(of({ peer: ["a", "c"], cluster: ["three"] })).toMatchObject({ peers: ["c"], clusters: ["three"] });
    expect(of({ app: ["vans"], label: ["region=us"] })).toEqual({ peers: ["b"], clusters: ["two"], flows: ["vans"] });
  });

  test("values of one label add up, and different labels narrow each other; a peer has the labels of its cluster", () => {
    expect(of({ label: ["region=eu", "region=us"] }).peers).toEqual(["a", "b", "c"]);
    expect(of({ label: ["region=us", "tier=shop"] }).peers).toEqual(["b", "c"]);
    expect(of({ label: ["store=7"] })).toMatchObject({ peers: ["b"], clusters: ["two"] });
    expect(of({ label: ["region=eu"] }).clusters).toEqual(["empty", "one"]);
  });

  test("a further option never adds anything, and a further value never takes anything away", () => {
    const some = (...values: string[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
    const selections = fc.record({
      cluster: some("one", "two", "three", "empty"),
      peer: some("a", "b", "c"),
      app: some("cars", "vans"),
      replication: some("far", "near", "vans"),
      label: some("region=eu", "region=us", "tier=hub", "tier=shop", "store=7"),
    });
    const keys = ["cluster", "peer", "app", "replication", "label"] as const;
    fc.assert(
      fc.property(selections, fc.constantFrom(...keys), (selection, key) => {
        const [narrow, wide] = [of(selection), of({ ...selection, [key]: undefined })];
        for (const kind of ["peers", "clusters", "flows"] as const)
          expect(wide[kind]).toEqual(expect.arrayContaining(narrow[kind]));
        if (key === "label" || !selection[key]) return;
        const one = of({ ...selection, [key]: selection[key].slice(0, 1) });
        for (const kind of ["peers", "clusters", "flows"] as const)
          expect(narrow[kind]).toEqual(expect.arrayContaining(one[kind]));
      }),
    );
  });
});

describe("a selection that finds nothing says what is meant, all of it at once", () => {
  test.each<[Selection, string[]]>([
    [{ peer: ["a", "b"], label: ["tier=shop"] }, []],
    [{ peer: ["aa"] }, ['--peer aa: the topology has no such peer; did you mean "a"?']],
    [
      { cluster: ["berlin"], replication: ["nera"] },
      [
        "--cluster berlin: the topology has no such cluster; use one of: one, two, three, empty",
        '--replication nera: the topology has no such replication; did you mean "near"?',
      ],
    ],
    [
      { label: ["regoin=eu"] },
      ['--label regoin=eu: no cluster or peer has the label "regoin"; did you mean "region"?'],
    ],
    [
      { label: ["tier=shops"] },
      ['--label tier=shops: no cluster or peer has this value of "tier"; did you mean "shop"?'],
    ],
    [{ label: ["shop"] }, ["--label shop: write key=value, as in --label region=eu"]],
    [
      { peer: ["a"], cluster: ["two"] },
      [
        "nothing is selected: no single cluster or peer has all of --cluster two, --peer a; different options narrow each other, so leave one out",
      ],
    ],
  ])("%j", (selection, problems) => {
    expect(selectionProblems(plan, selection)).toEqual(problems);
  });
});
