import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Topology } from "../../../../topology/file/schema.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { topologies } from "../../../support/random-topology.ts";

const property = (holds: (plan: Plan, topology: Topology) => void) =>
  fc.assert(
    fc.property(topologies, (topology) => holds(planTopology(topology), topology)),
    { numRuns: 300 },
  );

describe("in every plan", () => {
  test("every dialled address belongs to a target that exists", () => {
    property((plan) => {
      for (const { sides } of plan.replications.values()) {
        for (const { address, peer } of sides.flatMap(({ connections }) => connections)) {
          const target = sides.find((side) => side.peer === peer);
          expect(target?.target).toBe(true);
          if (address.kind === "in-cluster") expect(address.address).toBe(target?.serviceAddress);
          else expect(plan.exposures.map(({ id }) => id)).toContain(address.exposure);
        }
      }
    });
  });

  test("both ends of every link serve one app, and trust each other", () => {
    property((plan) => {
      for (const { links, app } of plan.replications.values()) {
        for (const ends of links.map(({ initiator, target }) => [initiator, target])) {
          for (const [index, peer] of ends.entries()) {
            const other = ends[1 - index] ?? "";
            expect(plan.apps.get(app)?.objects.map((object) => object.peer)).toContain(peer);
            expect(plan.peers.get(peer)?.trusts.map((trust) => trust.peer)).toContain(other);
          }
        }
      }
    });
  });

  test("the source of a one-way replication never subscribes", () => {
    property((plan, topology) => {
      for (const { name, form, sides } of plan.replications.values()) {
        if (form !== "one-way") continue;
        const source = sides.find(({ peer }) => peer === topology.replications[name]?.from);
        expect(source?.subscribes).toEqual({});
      }
    });
  });

  test("nobody dials into a cluster that nobody can reach, unless from another such", () => {
    property((plan) => {
      const cluster = (peer: string) => plan.clusters.get(plan.peers.get(peer)?.cluster ?? "");
      for (const { initiator, target } of [...plan.replications.values()].flatMap(({ links }) => links)) {
        if (cluster(initiator) === cluster(target)) continue;
        expect(cluster(target)?.closed === true && cluster(initiator)?.closed === false).toBe(false);
      }
    });
  });

  test("adding a replication never changes the port or the address of another", () => {
    property((plan, topology) => {
      const [last] = Object.keys(topology.replications).slice(-1);
      const { [last ?? ""]: _, ...fewer } = topology.replications;
      const before = planTopology({ ...topology, replications: fewer });
      for (const [name, replication] of before.replications) expect(plan.replications.get(name)).toEqual(replication);
      for (const exposure of before.exposures) expect(plan.exposures).toContainEqual(exposure);
    });
  });

  test("every target that another cluster dials is exposed on one port of its own", () => {
    property((plan) => {
      for (const { name, sides } of plan.replications.values()) {
        for (const target of sides.filter((side) => side.target)) {
          const outside = sides.some(
            (side) => side.cluster !== target.cluster && side.connections.some(({ peer }) => peer === target.peer),
          );
          const exposed = plan.exposures.filter((each) => each.replication === name && each.peer === target.peer);
          const reachable = (plan.clusters.get(target.cluster)?.ingresses.size ?? 0) > 0;
          expect(exposed).toHaveLength(outside && reachable ? 1 : 0);
        }
      }
    });
  });

  test("a peer has one object a replication, and links make no pair dial twice", () => {
    property((plan) => {
      for (const { sides, links } of plan.replications.values()) {
        expect(new Set(sides.map(({ name }) => name)).size).toBe(sides.length);
        expect(new Set(links.map(({ initiator, target }) => [initiator, target].sort().join())).size).toBe(
          links.length,
        );
      }
    });
  });
});
