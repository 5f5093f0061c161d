import type { Rule } from "./rule.ts";

/** A controller that nobody goes through. */
export const unusedController: Rule = {
  id: "unused-controller",
  severity: "note",
  summary: "A cluster has a way of exposing targets, but its peers replicate with no other cluster.",
  why: "no port is opened there, so a firewall is opened for nothing, and no traffic will come",
  source: "guide: only a target that is dialled from another cluster is exposed",
  ignorable: true,
  *check({ topology, plan }) {
    // One that cannot be planned has findings of its own, and might cross clusters.
    if (Object.keys(topology.replications).some((name) => !plan.replications.has(name))) return;
    const clusterOf = (peer: string) => topology.peers[peer]?.cluster ?? "";
    // A controller of the side that dials is ready for the day when another one dials it.
    const connected = new Set(
      [...plan.replications.values()].flatMap(({ links }) =>
        links
          .filter(({ initiator, target }) => clusterOf(initiator) !== clusterOf(target))
          .flatMap(({ initiator, target }) => [clusterOf(initiator), clusterOf(target)]),
      ),
    );
    // If an app's peers are not connected, another rule reports it (app-not-connected).
    for (const { peers } of Object.values(topology.apps)) {
      const places = new Set(peers.map(clusterOf));
      if (places.size > 1) for (const place of places) connected.add(place);
    }
    for (const failed of Object.keys(topology.failover)) connected.add(clusterOf(failed));
    const used = new Set(Object.values(topology.peers).map(({ cluster }) => cluster));
    for (const [name, cluster] of Object.entries(topology.clusters)) {
      const { inbound } = cluster;
      const key = (["ingress", "ingresses", "exposure", "exposures"] as const).find((each) => cluster[each]);
      // One without peers, and one that nobody can dial into, have findings of their own.
      if (inbound === "none" || !used.has(name) || connected.has(name) || !key) continue;
      yield {
        path: ["clusters", name, key],
        part: "key",
        what: `no peer of "${name}" replicates with another cluster`,
        fix: "leave it out, or add a replication with a peer of another cluster",
      };
    }
  },
};
