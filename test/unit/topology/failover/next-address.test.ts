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
      ...{ replication: "blue-cars", initiators: ["bp1"] },
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
    ["nobody is of that name", topology, "bp3", {}, /has no peer "bp3"; did you mean "bp[12]"\?/],
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
