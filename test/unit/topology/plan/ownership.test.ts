import { describe, expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { type Finding, formatFinding, type Location } from "../../../../topology/findings/finding.ts";
import { clusterNames, isStack, ownedClusters, type StackSettings } from "../../../../topology/plan/ownership.ts";
import { ownershipRules } from "../../../../topology/rules/ownership.ts";

/** A topology with a peer in each cluster; what a cluster says is given. */
function topology(clusters: Readonly<Record<string, string>>): string {
  const names = Object.keys(clusters);
  return [
    "clusters:",
    ...names.map((name) => `  ${name}: { ${clusters[name]} }`),
    "peers:",
    ...names.map((name) => `  bp-${name}: { cluster: ${name}, version: 1.63.2 }`),
    "",
  ].join("\n");
}

function stack(name: string, clusters?: unknown, kubeconfig?: string): StackSettings {
  const at = (key: string): Location => ({ file: `Pulumi.${name}.yaml`, line: key === "clusters" ? 3 : 2, column: 3 });
  return { name: { organization: "acme", project: "shop", stack: name }, clusters, kubeconfig, at };
}

interface Project {
  readonly sharing: readonly StackSettings[];
  readonly elsewhere?: Readonly<Record<string, string>>;
  readonly running?: StackSettings;
}

function found(text: string, { sharing, elsewhere = {}, running }: Project): readonly Finding[] {
  const others = Object.entries(elsewhere).map(
    ([name, file]) => [name, { topology: file, at: () => stack(name).at("topology") }] as const,
  );
  const project = { project: "shop", sharing, elsewhere: new Map(others) };
  const ids = new Set(ownershipRules.map(({ id }) => id));
  const { findings } = checkSource(parseSource("topology.yaml", text), { project, running });
  return findings.filter(({ rule }) => ids.has(rule));
}

const rules = (findings: readonly Finding[]) => findings.map(({ rule }) => rule);
const owned = (clusters: Readonly<Record<string, string | undefined>>, settings: StackSettings) => [
  ...ownedClusters(new Map(Object.entries(clusters).map(([name, owner]) => [name, { stack: owner }])), settings),
];

const split = topology({ east: "stack: dev-east", west: "stack: dev-west" });

describe("which clusters a stack owns", () => {
  test("where each cluster names its stack, the file alone decides", () => {
    const clusters = { east: "dev-east", west: "dev-west", north: "dev-east" };
    expect(owned(clusters, stack("dev-east"))).toEqual(["east", "north"]);
    expect(owned(clusters, stack("dev-west"))).toEqual(["west"]);
    expect(owned(clusters, stack("dev-east", ["west"]))).toEqual(["east", "north"]);
  });

  test("where no cluster names a stack, it is all of them, or those that the configuration lists", () => {
    const clusters = { east: undefined, west: undefined };
    expect(owned(clusters, stack("dev"))).toEqual(["east", "west"]);
    expect(owned(clusters, stack("dev", "west"))).toEqual(["west"]);
    expect(owned(clusters, stack("dev", []))).toEqual([]);
  });

  test("beside clusters that name a stack, one that names none belongs only to whoever lists it", () => {
    const clusters = { east: undefined, west: "dev-west" };
    expect(owned(clusters, stack("dev-east"))).toEqual([]);
    expect(owned(clusters, stack("dev-east", ["east"]))).toEqual(["east"]);
    expect(owned(clusters, stack("dev-west"))).toEqual(["west"]);
    expect(owned(clusters, stack("dev-west", ["east", "west"]))).toEqual(["east", "west"]);
  });

  test.each([
    ["dev-west", true],
    ["shop/dev-west", true],
    ["acme/shop/dev-west", true],
    ["billing/dev-west", false],
    ["acme/billing/dev-west", false],
    ["other/shop/dev-west", false],
    ["dev-wes", false],
    ["acme/shop/dev", false],
  ])("the name %s in the file is that of acme/shop/dev-west: %s", (name, same) => {
    expect(isStack(name, stack("dev-west").name)).toBe(same);
  });

  test("without a login nobody knows the organization, so any fits", () => {
    expect(isStack("acme/shop/dev-west", { project: "shop", stack: "dev-west" })).toBe(true);
    expect(isStack("acme/billing/dev-west", { project: "shop", stack: "dev-west" })).toBe(false);
  });

  test.each([['["east", "west"]'], ["east,west"], [" east , west,"], [["east", "west", "east"]]])(
    "%j lists east and west",
    (value) => {
      expect(clusterNames(value)).toEqual(["east", "west"]);
    },
  );

  test.each([['["east", 1]'], ["[east"], [7], [{ east: true }]])("%j is no list of names", (value) => {
    expect(clusterNames(value)).toBeUndefined();
  });
});

describe("a topology that the stacks of a project share out", () => {
  test("is fine where each cluster has one owner, however that is said", () => {
    expect(found(split, { sharing: [stack("dev-east"), stack("dev-west")] })).toEqual([]);
    expect(found(split, { sharing: [stack("dev-east", ["east"]), stack("dev-west", "west")] })).toEqual([]);
    const unsaid = topology({ east: "", west: "" });
    expect(found(unsaid, { sharing: [stack("dev")] })).toEqual([]);
    expect(found(unsaid, { sharing: [stack("a", ["east"]), stack("b", ["west"])] })).toEqual([]);
    expect(found(unsaid, { sharing: [] })).toEqual([]);
    const mixed = topology({ east: "", west: "stack: dev-west" });
    expect(found(mixed, { sharing: [stack("dev-east", ["east"]), stack("dev-west")] })).toEqual([]);
    expect(
      found(topology({ east: "stack: acme/shop/a", west: "stack: billing/b" }), { sharing: [stack("a")] }),
    ).toEqual([]);
  });

  test("says where file and configuration differ, in both places, and what to write", () => {
    const both = { sharing: [stack("dev-east", ["east"]), stack("dev-west", ["east"])] };
    const [finding, ...others] = found(split, both);
    expect(others).toEqual([]);
    expect(finding && formatFinding(finding)).toBe(
      `Pulumi.dev-west.yaml:3:3 error ownership-differs  bigpeer:clusters: lists east, but the topology gives the cluster \
"east" to the stack "dev-east" (topology.yaml:2:18), "west" to the stack "dev-west" (topology.yaml:3:18)
  why: two stacks would create and delete the same Big Peers in one cluster, or nobody would look after another
  fix: delete bigpeer:clusters from Pulumi.dev-west.yaml (\`pulumi config rm bigpeer:clusters --stack dev-west\`), since the topology decides; \
if "dev-west" is to own east, write \`stack: dev-west\` in clusters.east`,
    );
    expect(rules(found(split, { sharing: [stack("dev-east", ["east", "west"])] }))).toContain("ownership-differs");
    expect(rules(found(split, { sharing: [stack("dev-east", []), stack("dev-west")] }))).toEqual(["ownership-differs"]);
  });

  test("says that no cluster names a stack, and which stacks the file names", () => {
    const [finding] = found(split, { sharing: [stack("dev-east"), stack("dev-wset")] });
    expect(finding).toMatchObject({
      rule: "stack-not-named",
      location: { file: "Pulumi.dev-wset.yaml", line: 2 },
      what: 'no cluster of topology.yaml names the stack "acme/shop/dev-wset"; it names "dev-east" (line 2), "dev-west" (line 3)',
    });
    expect(finding?.fix).toMatch(/^did you mean "dev-west"\? .*`pulumi stack rm dev-wset`.*`stack: dev-wset`/);
    const mixed = topology({ east: "", west: "stack: dev-west" });
    expect(rules(found(mixed, { sharing: [stack("dev-east"), stack("dev-west")] }))).toEqual([
      "stack-not-named",
      "cluster-not-owned",
    ]);
    expect(rules(found(topology({ east: "stack: other/a" }), { sharing: [stack("a")] }))).toEqual(["stack-not-named"]);
  });

  test("says that two stacks own a cluster", () => {
    const unsaid = topology({ east: "", west: "" });
    const [finding, ...others] = found(unsaid, { sharing: [stack("a"), stack("b", ["west"]), stack("c", ["east"])] });
    expect(finding).toMatchObject({
      rule: "cluster-owned-twice",
      path: ["clusters", "east"],
      location: { file: "topology.yaml", line: 2, column: 3 },
      what: 'the cluster "east" has 2 owners: the stacks "a" (Pulumi.a.yaml:2:3) and "c" (Pulumi.c.yaml:3:3)',
    });
    expect(others.map(({ path }) => path)).toEqual([["clusters", "west"]]);
    const whole = found(unsaid, { sharing: [stack("a"), stack("b")] });
    expect(whole.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the clusters "east", "west" have 2 owners/),
    ]);
  });

  test("may have a stack for each of several kubeconfigs, since one name then means several clusters", () => {
    const unsaid = topology({ east: "" });
    const each = { sharing: [stack("alice", undefined, "~/alice"), stack("bob", undefined, "~/bob")] };
    expect(found(unsaid, each)).toEqual([]);
    expect(rules(found(topology({ east: "kubeconfig: ~/shared" }), each))).toEqual(["cluster-owned-twice"]);
  });

  test("says that nobody owns a cluster", () => {
    const [finding, ...others] = found(topology({ east: "", west: "", north: "" }), {
      sharing: [stack("a", ["east"])],
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: "cluster-not-owned",
      location: { file: "topology.yaml", line: 3 },
      what: 'no stack owns the clusters "west", "north": the topology names none, and "a" (Pulumi.a.yaml:3:3) does not list them',
      fix: "write `stack: <name>` in clusters.west, clusters.north",
    });
  });

  test("says that a stack which the file names runs another file, or is not there at all", () => {
    const elsewhere = { "dev-west": "topologies/copy.yaml" };
    expect(found(split, { sharing: [stack("dev-east")], elsewhere })).toMatchObject([
      {
        rule: "cluster-not-owned",
        severity: "error",
        path: ["clusters", "west", "stack"],
        what: 'names the stack "dev-west", which runs another topology: topologies/copy.yaml (Pulumi.dev-west.yaml:2:3)',
      },
    ]);
    expect(found(split, { sharing: [stack("dev-east")] })).toMatchObject([
      { rule: "stack-not-set-up", severity: "warning", path: ["clusters", "west", "stack"] },
    ]);
    // A copy of the file that nobody runs is nobody's business.
    expect(found(split, { sharing: [], elsewhere: { ...elsewhere, "dev-east": "topologies/other.yaml" } })).toEqual([]);
  });

  test("says that a configuration lists what is no cluster, or no list", () => {
    expect(found(split, { sharing: [stack("dev-east", ["esat"])] })).toMatchObject([
      { rule: "configuration", what: 'names "esat", which the topology does not declare', fix: 'did you mean "east"?' },
      { rule: "stack-not-set-up" },
    ]);
    expect(found(split, { sharing: [stack("dev-east", 7), stack("dev-west")] })).toMatchObject([
      { rule: "configuration", what: "is not a list of cluster names", location: { line: 3 } },
    ]);
  });

  test("counts clusters that are gone for good, since their stack has to forget them", () => {
    const lost = topology({ east: "stack: a", west: "stack: b, lost: true" });
    expect(found(lost, { sharing: [stack("a"), stack("b")] })).toEqual([]);
  });
});

describe("an update of one stack", () => {
  const running = stack("dev-east");

  test("is not held up by what is wrong with another, or by one that is still to be set up", () => {
    expect(found(split, { sharing: [running, stack("dev-wset")], running })).toEqual([]);
    expect(found(split, { sharing: [running, stack("dev-west", ["east"])], running })).toEqual([]);
    expect(found(split, { sharing: [running], running })).toEqual([]);
  });

  test("is refused where a cluster has two owners or none", () => {
    const unsaid = topology({ east: "", west: "" });
    expect(rules(found(unsaid, { sharing: [running, stack("b")], running }))).toEqual(["cluster-owned-twice"]);
    const partly = stack("a", ["east"]);
    expect(rules(found(unsaid, { sharing: [partly], running: partly }))).toEqual(["cluster-not-owned"]);
  });
});
