import { expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { topologyOf } from "../../../load/topology.ts";

test.each([
  { clusters: 1, peers: 2, replications: 1 },
  { clusters: 3, peers: 7, replications: 21 },
  { clusters: 5, peers: 50, replications: 500 },
])("a load of %o is planned as it is asked for, without an error or a warning", (size) => {
  const { plan, warnings: found } = planText(topologyOf(size));
  expect([plan.clusters.size, plan.peers.size, plan.replications.size]).toEqual(Object.values(size));
  // A single cluster has a controller that nobody dials through, which is a note.
  expect(found.filter(({ severity }) => severity !== "note")).toEqual([]);
  const pairs = [...plan.replications.values()].map(({ sides }) =>
    sides
      .map(({ peer }) => peer)
      .sort()
      .join(),
  );
  expect(new Set(pairs).size).toBe(size.replications);
});

test("more pairs than the peers make are refused", () => {
  expect(() => topologyOf({ clusters: 1, peers: 3, replications: 4 })).toThrow("3 peers make 3 pairs, not 4");
});
