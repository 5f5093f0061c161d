import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OwningStack, orderStacks } from "../../../runners/stack-order.ts";
import { planText } from "../../../topology/check.ts";
import { planTopology } from "../../../topology/plan/plan-topology.ts";
import { topologies } from "../../support/random-topology.ts";

const id = "id: 2164bef3-37c0-489c-9ac6-c94b034525d7, ";

/** A stack for each cluster, with one Big Peer in each. */
function ordered(peers: readonly string[], app: string, replications: readonly string[]) {
  const text = [
    "environment: development",
    "clusters:",
    ...peers.map(
      (peer) => `  ${peer}: { stack: of-${peer}, ingress: { host: ${peer}.example.com, ports: 4040-4139 } }`,
    ),
    "peers:",
    ...peers.map((peer) => `  ${peer}: { cluster: ${peer}, version: 1.63.2 }`),
    `apps: { cars: { ${app}peers: [${peers.join(", ")}] } }`,
    "replications:",
    ...replications.map((entry, index) => `  r${index}: { app: cars, ${entry}, queries: { cars: ["n = ${index}"] } }`),
  ].join("\n");
  const stacks = peers.map((peer): OwningStack => ({ name: `of-${peer}`, clusters: new Set([peer]) }));
  return orderStacks(planText(`${text}\n`).plan, stacks);
}

describe("the order of stacks", () => {
  test("whoever dials comes after whom it dials, which has its CA to learn then", () => {
    expect(ordered(["a", "b"], id, ["from: a, to: b"])).toEqual([
      { name: "of-b", clusters: ["b"], after: [], completedAfter: ["of-a"] },
      { name: "of-a", clusters: ["a"], after: ["of-b"], completedAfter: [] },
    ]);
  });

  test("whoever has an app comes after the stack that generates its ID", () => {
    const order = ordered(["a", "b"], "", ["from: a, to: b, dial: to"]);
    expect(order.map(({ name, after }) => [name, after])).toEqual([
      ["of-a", []],
      ["of-b", ["of-a"]],
    ]);
  });

  test("a circle of dialling is broken once, and the resync does what is missing", () => {
    const order = ordered(["a", "b", "c"], id, ["from: a, to: b", "from: b, to: c", "from: c, to: a"]);
    expect(order.map(({ name, after, completedAfter }) => [name, after, completedAfter])).toEqual([
      ["of-a", [], ["of-b", "of-c"]],
      ["of-c", ["of-a"], ["of-b"]],
      ["of-b", ["of-c"], []],
    ]);
  });

  test("a hub that dials and generates the ID is updated first and again, not each of its edges twice", () => {
    const order = ordered(["hub", "e1", "e2"], "", ["from: hub, to: e1", "from: hub, to: e2"]);
    expect(order.map(({ name, after, completedAfter }) => [name, after, completedAfter])).toEqual([
      ["of-hub", [], ["of-e1", "of-e2"]],
      ["of-e1", ["of-hub"], []],
      ["of-e2", ["of-hub"], []],
    ]);
  });

  test("every stack comes once, waits only for stacks before it, and nothing that it needs is left out", () => {
    fc.assert(
      fc.property(topologies, fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (topology, picks) => {
        const plan = planTopology(topology);
        const owned = Map.groupBy(plan.clusters.keys(), (cluster) => `s${picks[Number(cluster.slice(1))]}`);
        const stacks = [...owned].map(([name, clusters]) => ({ name, clusters: new Set(clusters) }));
        const order = orderStacks(plan, stacks);
        expect(order.map(({ name }) => name).sort()).toEqual(stacks.map(({ name }) => name).sort());
        const before = new Set<string>();
        for (const { name, after, completedAfter } of order) {
          expect(after.filter((other) => !before.has(other))).toEqual([]);
          expect(completedAfter.filter((other) => before.has(other) || other === name)).toEqual([]);
          before.add(name);
        }
        const stackOf = (peer: string) =>
          stacks.find(({ clusters }) => clusters.has(plan.peers.get(peer)?.cluster ?? ""))?.name;
        for (const { links } of plan.replications.values())
          for (const { initiator, target } of links) {
            const [from, to] = [stackOf(initiator), stackOf(target)];
            if (from === undefined || to === undefined || from === to) continue;
            const needs = (one: string, other: string) => {
              const found = order.find(({ name }) => name === one);
              return [...(found?.after ?? []), ...(found?.completedAfter ?? [])].includes(other);
            };
            expect(needs(from, to)).toBe(true);
          }
      }),
    );
  });
});
