import type { Topology } from "../file/schema.ts";
import { suggestion } from "../findings/suggest.ts";
import type { Rule, Violation } from "./rule.ts";

/** A standby that cannot stand in. Whether it serves the apps and can be dialled, the rules of replications say. */
export const failoverStandby: Rule = {
  id: "failover-standby",
  severity: "error",
  summary:
    "`failover` names a peer that is not declared, the peer itself, or a standby that has itself been failed over.",
  why: "nobody would take the place of the peer, so its spokes would dial nobody, or each other in a circle",
  source: "the peers of a replication have to exist",
  ignorable: false,
  *check({ topology }) {
    for (const [failed, standby] of Object.entries(topology.failover))
      yield* wrongIn(topology, failed, standby, ["failover", failed]);
  },
};

function* wrongIn(
  { peers, failover }: Topology,
  failed: string,
  standby: string,
  path: Violation["path"],
): Iterable<Violation> {
  const known = Object.keys(peers);
  if (peers[standby] === undefined)
    yield {
      path,
      what: `names the standby "${standby}", which is not declared, or whose cluster is lost`,
      fix: suggestion(
        standby,
        known.filter((peer) => peer !== failed),
        "peer",
      ),
    };
  else if (standby === failed)
    yield { path, what: `"${failed}" cannot stand in for itself`, fix: "name another peer, or remove the line" };
  else if (failover[standby] !== undefined)
    yield {
      path,
      what: `"${standby}" has itself been failed over, to "${failover[standby]}"`,
      fix: `name "${failover[standby]}" here, or remove \`failover.${standby}\` first`,
    };
}
