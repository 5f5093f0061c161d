import type { Plan } from "../topology/plan/plan.ts";

/** For each exposure: the `host:port` that the topology itself gives, without asking a cluster. */
export function givenAddresses(plan: Plan): ReadonlyMap<string, string> {
  const connections = [...plan.replications.values()].flatMap(({ sides }) => sides.flatMap((side) => side.connections));
  return new Map(
    connections.flatMap(({ address }) =>
      address.kind === "host" ? [[address.exposure, address.address] as const] : [],
    ),
  );
}
