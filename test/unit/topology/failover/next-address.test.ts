import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { nextAddressCommand } from "../../../../cli/commands/next-address.ts";
import { planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { NextAddressError, nextAddress } from "../../../../topology/failover/next-address.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

const topology = `environment: development
clusters:
  east: {}
  west:
    ingress: { host: bp.west.example.com }
    exposures: { nodes: { nodePort: { host: node.west.example.com } } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2:
    cluster: west
    version: 1.63.2
    exposure: [default, nodes] # the balancer first
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars:
    app: cars
    between: [bp1, bp2]
    address:
      - lb-1.example.com:4100 # in Frankfurt
      - lb-2.example.com:4100 # in Dublin
    queries: { cars: ["color = 'blue'"] }
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
  white-cars: { app: cars, from: bp1, to: bp2, address: { bp2: ["one.example.com:4040", "two.example.com:4040", "three.example.com:4040"] }, queries: { cars: ["color = 'white'"] } }
`;
const step = (text: string, options: Parameters<typeof nextAddress>[2] = {}) => {
  const { texts, moved } = nextAddress(parseSource("topology.yaml", text), "bp2", options);
  return { text: texts.get("topology.yaml") ?? "", moved };
};
const dialled = (text: string) =>
  planText(text)
    .plan.exposures.filter((each) => each.dialled)
    .map(({ replication, host }) => `${replication}: ${host}`);

describe("the next address of a target", () => {
  test("is dialled in every replication that lists several, and the others stay open beside it", () => {
    const { text, moved } = step(topology);
    expect(dialled(text)).toEqual([
      "blue-cars: lb-2.example.com",
      "red-cars: node.west.example.com",
      "white-cars: two.example.com",
    ]);
    const open = (of: string) => planText(of).plan.exposures.map(({ replication, host }) => `${replication} ${host}`);
    expect(open(text).sort()).toEqual(open(topology).sort());
    expect(moved[0]).toEqual({
      ...{ replication: "blue-cars", peer: "bp2", initiators: ["bp1"] },
      ...{ before: "lb-1.example.com:4100", after: "lb-2.example.com:4100" },
    });
    expect(moved).toHaveLength(3);
  });

  test("keeps comments with their addresses, and --back leaves the file as it was", () => {
    const { text } = step(topology);
    expect(text).toMatch(/- lb-2\.example\.com:4100 # in Dublin\n\s+- lb-1\.example\.com:4100 # in Frankfurt/);
    expect(step(text, { back: true }).text).toBe(topology);
  });

  test("comes round after as many steps as there are addresses", () => {
    const only = { replication: "white-cars" };
    expect(step(step(step(topology, only).text, only).text, only).text).toBe(topology);
  });

  test("is dialled in one replication alone where that is asked for", () => {
    const { text, moved } = step(topology, { replication: "blue-cars" });
    expect(moved.map(({ replication }) => replication)).toEqual(["blue-cars"]);
    expect(step(text, { replication: "blue-cars", back: true }).text).toBe(topology);
    expect(dialled(text)).toContain("red-cars: bp.west.example.com");
  });

  test("of a list that other replications share is refused there, and taken for all of them", () => {
    const one = topology.replace(/ {2}blue-cars:[\s\S]*?(?= {2}red-cars)/, "").replace(/ {2}white-cars: .*\n/, "");
    const two = `${one}  grey-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'grey'"] } }\n`;
    expect(() => step(two, { replication: "red-cars" })).toThrow(/bp2 in grey-cars shares this list/);
    expect(step(two).moved.map(({ replication }) => replication)).toEqual(["red-cars", "grey-cars"]);
  });

  test("is told by a diff as a connection that moves", () => {
    const [base, head] = [topology, step(topology, { replication: "blue-cars" }).text].map(
      (text) => planText(text).plan,
    );
    if (!base || !head) throw new Error("no plan");
    const diff = diffTopologies(
      { name: "base.yaml", plan: base, findings: [] },
      { name: "head.yaml", plan: head, findings: [] },
    );
    const [moved, ...others] = diff.replications.filter(({ action }) => action === "changed");
    expect(others).toEqual([]);
    expect(JSON.stringify(moved)).toContain("lb-2.example.com:4100");
  });

  test("is written into the included file that has the list", () => {
    const [top = "", below = ""] = topology.split("replications:\n");
    const source = sourceOf({
      "topology.yaml": `include: parts/flows.yaml\n${top}`,
      "parts/flows.yaml": `replications:\n${below}`,
    });
    const { texts } = nextAddress(source, "bp2", { replication: "blue-cars" });
    expect([...texts.keys()]).toEqual(["parts/flows.yaml"]);
  });

  test.each([
    ["nobody is of that name", topology, "bp3", {}, /has no peer or cluster "bp3"; did you mean "bp[12]"\?/],
    ["nobody dials it from outside", topology, "bp1", {}, /no peer of another cluster dials bp1/],
    ["there is no such replication", topology, "bp2", { replication: "blue-car" }, /did you mean "blue-cars"\?/],
    [
      "it has one address",
      topology.replace("exposure: [default, nodes]", "exposure: default"),
      "bp2",
      { replication: "red-cars" },
      /bp2 has one address in red-cars; write a list/,
    ],
  ])("is refused where %s", (_, text, peer, options, says) => {
    const refused = () => nextAddress(parseSource("topology.yaml", text), peer, options);
    expect(refused).toThrow(NextAddressError);
    expect(refused).toThrow(says);
  });
});

/** Two peers of west, whose ways west lists itself; bp4 of another cluster has the same list. */
function byCluster(west: string, rest = ""): string {
  return `environment: development
${rest}clusters:
  east: {}
  west:
    labels: { region: eu }
    ingress: { host: bp.west.example.com }
    exposures: { nodes: { nodePort: { host: node.west.example.com } } }
${west}  north:
    labels: { region: eu }
    ingress: { host: bp.north.example.com }
    exposures: { nodes: { nodePort: { host: node.north.example.com } } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: { cluster: west, version: 1.63.2 }
  bp4: { cluster: north, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3, bp4] }
replications:
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
  grey-cars: { app: cars, from: bp1, to: bp3, queries: { cars: ["color = 'grey'"] } }
  blue-cars: { app: cars, from: bp1, to: bp4, queries: { cars: ["color = 'blue'"] } }
`;
}

describe("the list of a cluster", () => {
  const written = byCluster("    exposure: [default, nodes] # the balancer first\n");
  const stepTo = (name: string, text: string, options: Parameters<typeof nextAddress>[2] = {}) =>
    nextAddress(parseSource("topology.yaml", text), name, options);
  const refusal = (name: string, text: string, options: Parameters<typeof nextAddress>[2] = {}) => {
    try {
      stepTo(name, text, options);
    } catch (error) {
      if (error instanceof NextAddressError) return error.message;
      throw error;
    }
    return "not refused";
  };

  test.each(["west", "bp2"])(
    "is turned by %s, and every peer of the cluster that is dialled in another way is told",
    (name) => {
      const { texts, moved, clusters } = stepTo(name, written);
      const text = texts.get("topology.yaml") ?? "";
      expect(text).toContain("    exposure: [nodes, default] # the balancer first\n");
      expect(moved.map(({ replication, peer }) => `${replication} ${peer}`)).toEqual(["red-cars bp2", "grey-cars bp3"]);
      expect(clusters).toEqual(["west"]);
      expect(stepTo(name, text, { back: true }).texts.get("topology.yaml")).toBe(written);
    },
  );

  test("is not turned for one replication alone, since it holds for others, too", () => {
    expect(refusal("bp2", written, { replication: "red-cars" })).toBe(
      "bp3 in grey-cars shares this list, and would be dialled at another address, too; write a list of its own for bp2 in red-cars first, or leave out --replication to move all of them",
    );
  });

  test("is turned in the included file that has it", () => {
    const [top = "", peers = ""] = written.split("peers:\n  bp1");
    const [before = "", clusters = ""] = top.split("clusters:\n");
    const source = sourceOf({
      "topology.yaml": `include: parts/clusters.yaml\n${before}peers:\n  bp1${peers}`,
      "parts/clusters.yaml": `clusters:\n${clusters}`,
    });
    expect([...nextAddress(source, "west", {}).texts.keys()]).toEqual(["parts/clusters.yaml"]);
  });

  test("is turned among the defaults if they move nobody else", () => {
    const defaults = (region: string) =>
      byCluster(
        "",
        `defaults: { byLabel: [{ labels: { region: ${region} }, clusters: { exposure: [default, nodes] } }] }\n`,
      );
    const alone = defaults("uk").replace("labels: { region: eu }", "labels: { region: uk }");
    expect(stepTo("west", alone).texts.get("topology.yaml")).toBe(
      alone.replace("[default, nodes]", "[nodes, default]"),
    );
    expect(refusal("west", defaults("eu"))).toBe(
      "bp4 in blue-cars shares this list, and would be dialled at another address, too; the defaults at topology.yaml:2 may give this list to others, too; rotate it there if all of them are to move. For this one alone, write `exposure: [nodes, default]` into clusters.west (topology.yaml:5:3)",
    );
  });

  test("that a template gives is turned there for a single row, and otherwise said with its row", () => {
    const rows = (names: readonly string[]) => `environment: development
clusters: { east: {} }
peers: { bp1: { cluster: east, version: 1.63.2 } }
sites:
  shops:
    rows:
${names.map((name) => `      - { name: ${name} }\n`).join("")}    clusters:
      "{site.name}":
        ingress: { host: "bp.{site.name}.example.com" }
        exposures: { nodes: { nodePort: { host: "node.{site.name}.example.com" } } }
        exposure: [default, nodes]
    peers:
      "bp-{site.name}": { cluster: "{site.name}", version: 1.63.2 }
    replications:
      "to-{site.name}": { app: cars, from: bp1, to: "bp-{site.name}", queries: { cars: ["color = 'red'"] } }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1${names.map((name) => `, bp-${name}`).join("")}] }
`;
    const one = rows(["rome"]);
    expect(stepTo("rome", one).texts.get("topology.yaml")).toBe(one.replace("[default, nodes]", "[nodes, default]"));
    const two = rows(["rome", "oslo"]);
    expect(refusal("oslo", two)).toBe(
      'bp-rome in to-rome shares this list, and would be dialled at another address, too; the template at topology.yaml:13 may give this list to others, too; rotate it there if all of them are to move. For this one alone, write `exposure: ["{site.exposure1}", "{site.exposure2}"]` into the template of clusters.oslo (topology.yaml:8:17 (via topology.yaml:10)), nodes into `exposure1` and default into `exposure2` in this row, and default into `exposure1` and nodes into `exposure2` in the others',
    );
    const byRow = two
      .replace("exposure: [default, nodes]", 'exposure: ["{site.exposure1}", "{site.exposure2}"]')
      .replace("{ name: rome }", "{ name: rome, exposure1: default, exposure2: nodes }")
      .replace("{ name: oslo }", "{ name: oslo, exposure1: nodes, exposure2: default }");
    expect(dialled(byRow)).toEqual(["to-rome: bp.rome.example.com", "to-oslo: node.oslo.example.com"]);
  });

  test("that two clusters share by an alias is refused", () => {
    const shared = byCluster("    exposure: &ways [default, nodes]\n").replace(
      "node.north.example.com } } }\n",
      "node.north.example.com } } }\n    exposure: *ways\n",
    );
    expect(refusal("west", shared)).toContain("bp4 in blue-cars shares this list");
  });

  test("is not there in a cluster with one way", () => {
    expect(refusal("west", byCluster(""))).toMatch(
      /^cluster west has one way .* write several into `exposures` of clusters.west/,
    );
    expect(refusal("east", written)).toMatch(/^no peer of another cluster dials a peer of east/);
  });
});

test("the command writes the file, says who dials what, and how to go back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "next-address-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "topology.yaml");
  writeFileSync(file, topology);
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  expect(await nextAddressCommand("bp2", file, { replication: "blue-cars" })).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(step(topology, { replication: "blue-cars" }).text);
  const text = String(said.mock.calls[0]?.[0]);
  expect(text).toContain("In blue-cars, bp1 dials bp2 at lb-2.example.com:4100 instead of lb-1.example.com:4100.");
  expect(text).toContain(`next: to go back: npx bigpeer next-address bp2 ${file} --replication blue-cars --back`);
  await nextAddressCommand("bp2", file, { replication: "blue-cars", back: true });
  expect(readFileSync(file, "utf8")).toBe(topology);
});
