import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Plan, planTopology } from "../../topology/plan.ts";
import { type Topology, topologySchema } from "../../topology/schema.ts";

/** Topologies as users write them: some clusters, peers spread over them, one app, replications of every form. */
const topologies: fc.Arbitrary<Topology> = fc
  .record({
    closed: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
    peers: fc.array(fc.nat(3), { minLength: 2, maxLength: 7 }),
    replications: fc.array(
      fc.record({
        form: fc.constantFrom("between", "one-way", "hub", "mesh"),
        picks: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 2 }),
        turn: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ closed, peers, replications }) => {
    const names = peers.map((_, index) => `p${index}`);
    const entries = replications.flatMap(({ form, picks, turn }, index) => {
      const members = picks.filter((pick) => pick < names.length).map((pick) => `p${pick}`);
      const [first, second] = members;
      if (first === undefined || second === undefined) return [];
      const queries = { cars: [`color = '${index}'`] };
      const dial = turn ? { dial: form === "hub" ? "hub" : second } : {};
      const written = {
        between: { between: [first, second], queries, ...dial },
        "one-way": { from: first, to: second, queries, ...dial },
        hub: { hub: first, spokes: members.slice(1), down: queries, ...dial },
        mesh: { mesh: members, queries },
      }[form];
      return [[`r${index}`, { app: "cars", ...written }]];
    });
    return topologySchema.parse({
      clusters: Object.fromEntries(
        closed.map((none, index) => [
          `c${index}`,
          { ingress: { host: `c${index}.example.com` }, ...(none && index > 0 ? { inbound: "none" } : {}) },
        ]),
      ),
      peers: Object.fromEntries(
        names.map((name, index) => [name, { cluster: `c${(peers[index] ?? 0) % closed.length}`, version: "1.63.2" }]),
      ),
      apps: { cars: { peers: names } },
      replications: Object.fromEntries(entries),
    });
  });

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
