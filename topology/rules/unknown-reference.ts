import type { Cluster } from "../file/cluster.ts";
import type { ReplicationEntry } from "../file/replication.ts";
import { suggestion } from "../findings/suggest.ts";
import { waysOf } from "../plan/ways.ts";
import type { Rule, RuleContext, Violation } from "./rule.ts";

/** A name that nothing declares. */
export const unknownReference: Rule = {
  id: "unknown-reference",
  severity: "error",
  summary: "A cluster, peer, app, ingress or exposure is named, but not declared.",
  why: "the objects that it stands for are never created, so data does not flow",
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
      if (cluster) yield* missingWays(["peers", name, "exposure"], peer.exposure ?? [], cluster);
    }
    for (const [name, cluster] of Object.entries(topology.clusters)) {
      const { exposure } = cluster;
      if (Array.isArray(exposure)) yield* missingWays(["clusters", name, "exposure"], exposure, cluster);
    }
    for (const [name, app] of Object.entries(topology.apps)) {
      yield* missingPeers(topology, ["apps", name, "peers"], app.peers, app.peers);
    }
    for (const [name, replication] of Object.entries(topology.replications)) {
      const path = ["replications", name];
      if (!topology.apps[replication.app]) {
        yield missing([...path, "app"], replication.app, Object.keys(topology.apps), "app");
      }
      const { from, to, hub, between = [], spokes = [], mesh = [] } = replication;
      const members = [from, to, hub, ...between, ...spokes, ...mesh].flatMap((peer) => peer ?? []);
      for (const key of ["from", "to", "hub"] as const) {
        const peer = replication[key];
        if (peer !== undefined && !topology.peers[peer]) yield missingPeer(topology, [...path, key], peer, members);
      }
      for (const key of ["between", "spokes", "mesh"] as const) {
        yield* missingPeers(topology, [...path, key], replication[key] ?? [], members);
      }
      yield* missingSpokes([...path, "perSpoke"], replication);
    }
  },
};

/** Names of ways that the cluster does not have. */
function* missingWays(path: Violation["path"], names: readonly string[], cluster: Cluster): Iterable<Violation> {
  const known = [...waysOf(cluster).keys()];
  for (const [index, name] of names.entries())
    if (!known.includes(name)) yield missing(names.length > 1 ? [...path, index] : path, name, known, "exposure");
}

/** Queries of a spoke that takes no part. */
function* missingSpokes(path: Violation["path"], { spokes, perSpoke }: ReplicationEntry): Iterable<Violation> {
  for (const name of Object.keys(perSpoke ?? {}))
    if (spokes && !spokes.includes(name))
      yield {
        path: [...path, name],
        part: "key",
        what: `"${name}" is not a spoke of this replication`,
        fix: suggestion(name, spokes, "spoke"),
      };
}

function* missingPeers(
  topology: RuleContext["topology"],
  path: Violation["path"],
  peers: readonly string[],
  members: readonly string[],
): Iterable<Violation> {
  for (const [index, peer] of peers.entries()) {
    if (!topology.peers[peer]) yield missingPeer(topology, [...path, index], peer, members);
  }
}

/** Clusters and peers are easily taken for each other. Who is named beside it already is not meant: nobody takes part twice. */
function missingPeer(
  { clusters, peers, apps, replications }: RuleContext["topology"],
  path: Violation["path"],
  name: string,
  members: readonly string[],
): Violation {
  const others = Object.keys(peers).filter((peer) => !members.includes(peer));
  const [section, entry] = path;
  const app = section === "replications" ? apps[replications[String(entry)]?.app ?? ""] : undefined;
  // Among those that serve the app, if any are left: another one would be the next finding.
  const serving = others.filter((peer) => app?.peers.includes(peer));
  const violation = missing(path, name, serving.length > 0 ? serving : others, "peer");
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
