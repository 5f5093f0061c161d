import type { ReplicationEntry } from "../file/replication.ts";
import { shapeOf } from "../plan/forms.ts";
import type { Rule } from "./rule.ts";

/** Nobody can dial into a closed cluster, whatever is written. */
export const dialOverruled: Rule = {
  id: "dial-overruled",
  severity: "warning",
  summary: "`dial` makes a peer dial into a cluster that nobody can reach.",
  why: "the other side dials anyway, so anyone who opens a firewall according to this file opens the wrong one",
  source: "guide: edge sites that nobody can dial into should be the initiators",
  ignorable: true,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      const wanted = diallers(entry);
      const turned = shapeOf(topology, name, entry)?.links.find(({ initiator }) => !wanted.includes(initiator));
      if (wanted.length === 0 || !turned) continue;
      const cluster = topology.peers[turned.initiator]?.cluster;
      yield {
        path: ["replications", name, "dial"],
        what: `"${turned.initiator}" dials "${turned.target}" anyway, since nobody can dial into "${cluster}"`,
        fix: `leave \`dial\` out, or remove \`inbound: none\` from clusters.${cluster} if it can be dialled`,
      };
    }
  },
};

/** The peers that dial if `dial` is obeyed; empty where there is no `dial`. */
function diallers({ dial, between, from, to, hub, spokes }: ReplicationEntry): readonly string[] {
  if (dial === undefined) return [];
  if (between) return between.includes(dial) ? [dial] : [];
  if (dial === "from" || dial === from) return from === undefined ? [] : [from];
  if (dial === "to" || dial === to) return to === undefined ? [] : [to];
  if (dial === "hub" || dial === hub) return hub === undefined ? [] : [hub];
  return dial === "spokes" || spokes?.includes(dial) ? (spokes ?? []) : [];
}
