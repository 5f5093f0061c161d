import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyObjectChanges, compareObjects, objectKey, plannedObjects } from "../../topology/diff/object-changes.ts";
import { planTopology } from "../../topology/plan.ts";
import type { Topology } from "../../topology/schema.ts";
import { topologies } from "./random-topology.ts";

/** Edits that random topologies do not have: settings with nested fields, other namespaces, another API version. */
const edits: fc.Arbitrary<(topology: Topology) => Topology> = fc
  .record({
    namespace: fc.option(fc.constantFrom("ditto", "cars")),
    store: fc.option(fc.record({ replicas: fc.nat(3).map((n) => n + 1) })),
    apiVersion: fc.constantFrom("v1alpha1", "v1alpha2"),
  })
  .map(({ namespace, store, apiVersion }) => (topology) => {
    const { p0, ...others } = topology.peers;
    if (!p0) return topology;
    const first = { ...p0, ...(namespace ? { namespace } : {}), ...(store ? { store } : {}) };
    const operator = { ...topology.operator, version: apiVersion };
    return { ...topology, operator, peers: { p0: first, ...others } };
  });

const edited = fc.tuple(topologies, edits).map(([topology, edit]) => edit(topology));
const pairs = fc.oneof(
  fc.tuple(edited, edited),
  fc.tuple(topologies, edits).map(([topology, edit]): [Topology, Topology] => [topology, edit(topology)]),
);

describe("for any two topologies", () => {
  test("the changes of the diff, applied to the base's objects, give the head's objects", () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const base = plannedObjects(planTopology(before));
        const head = plannedObjects(planTopology(after));
        const expected = new Map(head.map(({ ref, manifest }) => [objectKey(ref), manifest]));
        expect(applyObjectChanges(base, compareObjects(base, head))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("a topology does not differ from itself", () => {
    fc.assert(
      fc.property(edited, (topology) => {
        const objects = plannedObjects(planTopology(topology));
        expect(compareObjects(objects, objects)).toEqual([]);
      }),
    );
  });

  test("every object is named once, and a replaced one keeps its kind and name", () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const changes = compareObjects(plannedObjects(planTopology(before)), plannedObjects(planTopology(after)));
        const touched = changes.flatMap((change) =>
          change.action === "replace" ? [objectKey(change.ref), objectKey(change.from)] : [objectKey(change.ref)],
        );
        expect(new Set(touched).size).toBe(touched.length);
        for (const change of changes) {
          if (change.action !== "replace") continue;
          expect([change.from.kind, change.from.name]).toEqual([change.ref.kind, change.ref.name]);
        }
      }),
    );
  });
});
