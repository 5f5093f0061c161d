import type { Rule } from "./rule.ts";

/** One app, two worlds. */
export const appNotConnected: Rule = {
  id: "app-not-connected",
  severity: "note",
  summary: "An app is served by peers that no chain of replications connects.",
  why: "documents that are written on one of them never reach the others, and no client sees that they are missing",
  source: "guide: Big Peers exchange documents only by replications",
  ignorable: true,
  *check({ topology, plan }) {
    for (const [name, { peers }] of Object.entries(topology.apps)) {
      const written = Object.entries(topology.replications).filter(([, { app }]) => app === name);
      // One that cannot be planned has findings of its own, and might connect them.
      if (written.some(([replication]) => !plan.replications.has(replication))) continue;
      const neighbours = new Map<string, string[]>();
      for (const { app, links } of plan.replications.values()) {
        if (app !== name) continue;
        for (const { initiator, target } of links) {
          for (const [one, other] of [
            [initiator, target],
            [target, initiator],
          ] as const) {
            const known = neighbours.get(one);
            if (known) known.push(other);
            else neighbours.set(one, [other]);
          }
        }
      }
      // A peer whose place another one has taken is apart on purpose.
      const [first, ...others] = peers.filter((peer) => topology.failover[peer] === undefined);
      if (first === undefined) continue;
      const reached = new Set([first]);
      for (const peer of reached) for (const other of neighbours.get(peer) ?? []) reached.add(other);
      const apart = others.filter((peer) => topology.peers[peer] && !reached.has(peer));
      if (apart.length === 0) continue;
      const quoted = apart.slice(0, 5).map((peer) => `"${peer}"`);
      const few = `${quoted.join(", ")}${apart.length > 5 ? ", …" : ""}`;
      yield {
        path: ["apps", name, "peers"],
        what: `nothing connects "${first}" with ${few}`,
        fix: "add them to a replication of this app, or split it into two apps if they are meant to be separate",
      };
    }
  },
};
