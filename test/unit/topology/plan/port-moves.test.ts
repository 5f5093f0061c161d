import { describe, expect, test } from "vitest";
import { movedPorts } from "../../../../program/losses.ts";
import { checkSource, planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { pinPorts } from "../../../../topology/pins/pin.ts";
import { portsOfPlan } from "../../../../topology/plan/port-moves.ts";

const topology = ({
  exposure = "ingress: { host: bp.east.example.com, ports: 4040-4139 }",
  replications = "  orders: { app: pos, hub: hub, spokes: [s1], down: { orders: \"region = 'eu'\" } }\n",
} = {}) => `environment: development
clusters:
  east: { ${exposure} }
  edge: { inbound: none }
peers:
  hub: { cluster: east, version: 1.63.2 }
  hub2: { cluster: east, version: 1.63.2 }
  s1: { cluster: edge, version: 1.63.2 }
apps:
  pos: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, hub2, s1] }
replications:
${replications}`;
const replication = (name: string, more = "", hub = "hub") =>
  `  ${name}: { app: pos, hub: ${hub}, spokes: [s1], down: { ${name}: "region = 'eu'" }${more} }\n`;
const side = (name: string, text: string) => ({ name, ...checkSource(parseSource(`${name}.yaml`, text)) });
const told = (before: string, after: string) =>
  diffTopologies(side("base", before), side("head", after)).refused.map(
    ({ rule, severity, what, fix }) => `${severity} ${rule}: ${what}. ${fix}`,
  );
const pinned = (before: string, after: string) =>
  pinPorts(parseSource("head.yaml", after), () => portsOfPlan(planText(before).plan)).texts.get("head.yaml") ?? after;
const ports = (text: string) => planText(text).plan.exposures.map(({ peer, port }) => `${peer} ${port}`);
const port = (text: string) => planText(text).plan.exposures[0]?.port ?? 0;
/** Two names whose ports are the same. */
function sameHash(): [string, string] {
  const seen = new Map<number, string>();
  for (let index = 0; index < 200; index++) {
    const name = `r${index}`;
    const given = port(topology({ replications: replication(name) }));
    const other = seen.get(given);
    if (other !== undefined) return [other, name];
    seen.set(given, name);
  }
  throw new Error("no two names have one hash");
}

const before = topology();
const deployed = port(before);

describe("a deployed port", () => {
  test.each([
    ["another range", topology({ exposure: "ingress: { host: bp.east.example.com, ports: 4040-4999 }" })],
    ["another way under the same name", topology({ exposure: "exposure: { transportServer: { ports: 4000-4999 } }" })],
  ])("does not move for %s: that is refused with the pin that keeps it, and pin writes it", (_, after) => {
    expect(port(after)).not.toBe(deployed);
    const [finding, ...others] = told(before, after);
    expect(others).toEqual([]);
    expect(finding).toMatch(/^error port-moved: port \d+, by which "hub" in cluster "east" is dialled, would move to/);
    expect(finding).toContain(`write \`port: { hub: ${deployed} }\`; \`npx bigpeer pin head --base base\``);
    const kept = pinned(before, after);
    expect(ports(kept)).toEqual([`hub ${deployed}`]);
    expect(told(before, kept)).toEqual([]);
  });

  test("that its range no longer has moves when somebody writes it, as pin does", () => {
    const after = topology({ exposure: "ingress: { host: bp.east.example.com, ports: 5000-5099 }" });
    expect(told(before, after)).toEqual([
      expect.stringMatching(
        /it is outside the range 5000-5099. keep it: let `ports` in clusters\.east\.ingress include/,
      ),
    ]);
    const moved = pinned(before, after);
    expect(ports(moved)).toEqual([`hub ${port(after)}`]);
    expect(told(before, moved)).toEqual([]);
    expect(pinned(before, moved)).toBe(moved);
  });

  test("is kept in the file, also where a diff compares revisions", () => {
    const after = topology({ exposure: "ingress: { host: bp.east.example.com, ports: 4040-4999 }" });
    const [finding] = diffTopologies(
      side("main:topologies/dev.yaml", before),
      side("HEAD:topologies/dev.yaml", after),
    ).refused;
    expect(finding?.fix).toContain("`npx bigpeer pin topologies/dev.yaml --base main:topologies/dev.yaml`");
  });

  test("moves where the file says so", () => {
    expect(told(before, topology({ replications: replication("orders", ", port: 4100") }))).toEqual([]);
  });

  test("goes to the target that takes its place, or a warning says that it does not", () => {
    const after = topology({ replications: replication("orders", "", "hub2") });
    expect(told(before, after)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^warning port-left: "hub2" takes the place of "hub" .* in place of ${deployed}\\. .*npx bigpeer pin`,
        ),
      ),
    ]);
    const kept = pinned(before, after);
    expect(ports(kept)).toEqual([`hub2 ${deployed}`]);
    expect(told(before, kept)).toEqual([]);
  });

  test("that becomes free is not given to another replication in the same change", () => {
    const [gone, fresh] = sameHash();
    const both = topology({ replications: replication("orders") + replication(gone) });
    const after = topology({ replications: replication("orders") + replication(fresh) });
    expect(told(both, after)).toEqual([
      expect.stringMatching(new RegExp(`^warning port-reused: port \\d+ .* for ${gone} so far, .* for ${fresh}`)),
    ]);
    expect(told(both, pinned(both, after))).toEqual([]);
  });

  test("is the one that the stack has exported, whatever this release would give", () => {
    const exported = {
      ...{ contract: 1 as const, peers: {}, replications: {}, apps: {}, trusted: {}, dialled: {} },
      exposures: { "east/orders/hub": `bp.east.example.com:${deployed + 1}` },
    };
    const command = "npx bigpeer pin topologies/dev.yaml --base stack:dev";
    expect(movedPorts(planText(before).plan, exported, command)).toMatchObject([
      { rule: "port-moved", fix: expect.stringContaining(command) },
    ]);
    expect(movedPorts(planText(before).plan, undefined, command)).toEqual([]);
  });
});
