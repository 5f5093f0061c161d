import fc from "fast-check";
import { type Topology, topologySchema } from "../../topology/file/schema.ts";

/** Topologies as users write them: some clusters, peers spread over them, one app, replications of every form. */
export const topologies: fc.Arbitrary<Topology> = fc
  .record({
    closed: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
    peers: fc.array(fc.nat(3), { minLength: 2, maxLength: 7 }),
    /** Who signs the CAs: nobody for half of them; else an issuer for all, or for each peer that one, another one or none. */
    issuer: fc.option(fc.boolean(), { nil: undefined, freq: 1 }),
    issuers: fc.array(fc.constantFrom(undefined, undefined, "none", { name: "others" }), {
      minLength: 7,
      maxLength: 7,
    }),
    replications: fc.array(
      fc.record({
        form: fc.constantFrom("between", "one-way", "hub", "mesh"),
        picks: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 2 }),
        turn: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ closed, peers, issuer, issuers, replications }) => {
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
      ...(issuer ? { caIssuer: { name: "big-peers" } } : {}),
      peers: Object.fromEntries(
        names.map((name, index) => {
          const own = issuer === undefined ? undefined : issuers[index];
          const cluster = `c${(peers[index] ?? 0) % closed.length}`;
          return [name, { cluster, version: "1.63.2", ...(own === undefined ? {} : { caIssuer: own }) }];
        }),
      ),
      apps: { cars: { peers: names } },
      replications: Object.fromEntries(entries),
    });
  });
