import { suggestion } from "../suggest.ts";
import type { Rule, RuleContext, Violation } from "./rule.ts";

/** A name that nothing declares. */
export const unknownReference: Rule = {
  id: "unknown-reference",
  severity: "error",
  summary: "A cluster, peer, app or ingress that is named somewhere is declared nowhere.",
  why: "the objects that it stands for are never made, so data does not flow",
  source: "guide: both sides of a replication, and the app on both, have to exist",
  ignorable: false,
  *check({ topology }) {
    for (const [name, peer] of Object.entries(topology.peers)) {
      const cluster = topology.clusters[peer.cluster];
      if (!cluster) yield missing(["peers", name, "cluster"], peer.cluster, Object.keys(topology.clusters), "cluster");
      const ingresses = Object.keys(cluster?.ingresses ?? {});
      if (cluster && peer.ingress !== undefined && peer.ingress !== "default" && !ingresses.includes(peer.ingress)) {
        yield missing(["peers", name, "ingress"], peer.ingress, ingresses, "ingress");
      }
    }
    for (const [name, app] of Object.entries(topology.apps)) {
      yield* missingPeers(topology, ["apps", name, "peers"], app.peers);
    }
    for (const [name, replication] of Object.entries(topology.replications)) {
      const path = ["replications", name];
      if (!topology.apps[replication.app]) {
        yield missing([...path, "app"], replication.app, Object.keys(topology.apps), "app");
      }
      for (const key of ["from", "to", "hub"] as const) {
        const peer = replication[key];
        if (peer !== undefined && !topology.peers[peer]) yield missingPeer(topology, [...path, key], peer);
      }
      for (const key of ["between", "spokes", "mesh"] as const) {
        yield* missingPeers(topology, [...path, key], replication[key] ?? []);
      }
    }
  },
};

function* missingPeers(
  topology: RuleContext["topology"],
  path: Violation["path"],
  peers: readonly string[],
): Iterable<Violation> {
  for (const [index, peer] of peers.entries()) {
    if (!topology.peers[peer]) yield missingPeer(topology, [...path, index], peer);
  }
}

/** Clusters and peers are easily taken for each other. */
function missingPeer({ clusters, peers }: RuleContext["topology"], path: Violation["path"], name: string): Violation {
  const violation = missing(path, name, Object.keys(peers), "peer");
  const inside = clusters[name] ? Object.keys(peers).filter((peer) => peers[peer]?.cluster === name) : [];
  if (inside.length === 0) return violation;
  return {
    ...violation,
    fix: `"${name}" is a cluster; name a peer that runs in it: ${inside.slice(0, 12).join(", ")}`,
  };
}

function missing(path: Violation["path"], name: string, known: readonly string[], noun: string): Violation {
  return { path, what: `names the ${noun} "${name}", which is not declared`, fix: suggestion(name, known, noun) };
}
