import type { Cluster, ReplicationEntry } from "../file/schema.ts";
import { shapeOf } from "../plan/forms.ts";
import type { Rule } from "./rule.ts";

/** Somebody must be able to dial somebody. */
export const unreachablePair: Rule = {
  id: "unreachable-pair",
  severity: "error",
  summary: "Two members run in different clusters, and neither can dial the other.",
  why: "the connection is never made, so no document flows, and both sides look healthy",
  source: "guide: clusters apart need an exposed target; edge sites that nobody can dial into should be the initiators",
  ignorable: false,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      const shape = shapeOf(topology, name, entry);
      for (const { initiator, target } of shape?.links ?? []) {
        const [from, to] = [topology.peers[initiator], topology.peers[target]];
        if (!from || !to || from.cluster === to.cluster) continue;
        const cluster = topology.clusters[to.cluster];
        if (!cluster) continue;
        const path = shape?.members.find((member) => member.peer === target)?.path ?? ["replications", name];
        if (cluster.inbound === "none") {
          yield {
            path,
            what: `"${initiator}" cannot reach "${target}": nobody can dial into the clusters "${from.cluster}" and "${to.cluster}"`,
            fix:
              "replicate both with a peer that can be dialled: `hub: <that peer>` and `spokes: [" +
              `${initiator}, ${target}]\``,
          };
          continue;
        }
        const unknown = to.ingress !== undefined && to.ingress !== "default";
        if (exposable(cluster, to.ingress) || unknown) continue;
        const turned = dialOf(entry, target);
        const could = turned && exposable(topology.clusters[from.cluster], from.ingress);
        yield {
          path,
          what: `"${initiator}" cannot reach "${target}": the cluster "${to.cluster}" has no ingress`,
          fix: could
            ? `write \`dial: ${turned}\`, since "${from.cluster}" has an ingress; or add \`ingress: { host: …, ports: 4040-4139 }\` to clusters.${to.cluster}`
            : `add \`ingress: { host: …, ports: 4040-4139 }\` to clusters.${to.cluster}`,
        };
      }
    }
  },
};

function exposable(cluster: Cluster | undefined, ingress = "default"): boolean {
  const used = ingress === "default" ? cluster?.ingress : cluster?.ingresses?.[ingress];
  return cluster?.inbound !== "none" && used !== undefined;
}

/** How an entry says that the target of one of its links is to dial; a mesh cannot, and a hub's turns all of its links. */
function dialOf({ between, from, to, hub, spokes }: ReplicationEntry, target: string): string | undefined {
  if (between) return target;
  if (from !== undefined) return target === to ? "to" : "from";
  if (hub !== undefined && target !== hub) return "spokes";
  return spokes?.length === 1 ? "hub" : undefined;
}
