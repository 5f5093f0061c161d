import type { Cluster } from "../file/cluster.ts";
import type { Peer } from "../file/peer.ts";
import { givenAddresses, type ReplicationEntry } from "../file/replication.ts";
import { pageAddress } from "../pages.ts";
import { shapeOf } from "../plan/forms.ts";
import { defaultWay, wayNamesOf, waysOf } from "../plan/ways.ts";
import type { Rule } from "./rule.ts";

/** Somebody must be able to dial somebody. */
export const unreachablePair: Rule = {
  id: "unreachable-pair",
  severity: "error",
  summary: "Two members run in different clusters, and neither can dial the other.",
  why: "the connection is never made, so no document flows, and both sides look healthy",
  source:
    "guide: separate clusters need an exposed target; edge sites that nobody can dial into should be the initiators",
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
        const exposed = { entry, name: target, peer: to, cluster };
        if (isExposed(exposed) || namesUnknown(exposed)) continue;
        const turned = dialOf(entry, target);
        const other = topology.clusters[from.cluster];
        const could = turned && other && isExposed({ entry, name: initiator, peer: from, cluster: other });
        const names = Object.keys(cluster.exposures ?? {});
        const add =
          names.length > 0
            ? `name one of its \`exposures\` in clusters.${to.cluster}: \`exposure: ${names[0]}\``
            : `add an \`exposure\` to clusters.${to.cluster}, such as \`exposure: { loadBalancer: {} }\` or \`exposure: { address: { host: … } }\` (${pageAddress("docs/exposure.md")})`;
        yield {
          path,
          what: `"${initiator}" cannot reach "${target}": nothing exposes it in the cluster "${to.cluster}"`,
          fix: could ? `write \`dial: ${turned}\`, since "${from.cluster}" exposes its peers; or ${add}` : add,
        };
      }
    }
  },
};

interface Target {
  readonly entry: ReplicationEntry;
  readonly name: string;
  readonly peer: Peer;
  readonly cluster: Cluster;
}

/** True if something leads to a peer from outside of its cluster. */
function isExposed({ entry, name, peer, cluster }: Target): boolean {
  if (cluster.inbound === "none") return false;
  if (peer.address !== undefined || givenAddresses(entry, name).length > 0) return true;
  const ways = waysOf(cluster);
  return wayNamesOf(peer, cluster).some((way) => ways.has(way));
}

/** If a way is named that is not declared, another rule reports it (unknown-reference). */
function namesUnknown({ peer, cluster }: Target): boolean {
  return wayNamesOf(peer, cluster).some((name) => name !== defaultWay);
}

/** The setting by which an entry lets the target of a link dial; a mesh has none, and a hub's setting turns all of its links. */
function dialOf({ between, from, to, hub, spokes }: ReplicationEntry, target: string): string | undefined {
  if (between) return target;
  if (from !== undefined) return target === to ? "to" : "from";
  if (hub !== undefined && target !== hub) return "spokes";
  return spokes?.length === 1 ? "hub" : undefined;
}
