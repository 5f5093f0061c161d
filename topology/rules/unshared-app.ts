import type { Rule } from "./rule.ts";

/** An app that stays at home. */
export const unsharedApp: Rule = {
  id: "unshared-app",
  severity: "note",
  summary: "An app in production is served by only one peer, and no replication carries it.",
  why: "its documents are on that peer and nowhere else, which is all right for local data and a surprise otherwise",
  source: "guide: Big Peers exchange documents only by replications, and only for an app that both serve",
  ignorable: true,
  *check({ topology }) {
    if (topology.environment === "development") return;
    const replicated = new Set(Object.values(topology.replications).map(({ app }) => app));
    const ids = Map.groupBy(Object.values(topology.apps), ({ id }) => id?.toLowerCase());
    for (const [name, { peers, id }] of Object.entries(topology.apps)) {
      const [only] = peers;
      // Two apps of one ID are one, which has a finding of its own.
      const twice = id !== undefined && (ids.get(id.toLowerCase())?.length ?? 0) > 1;
      if (peers.length !== 1 || only === undefined || replicated.has(name) || twice) continue;
      yield {
        path: ["apps", name, "peers"],
        what: `only "${only}" serves "${name}", and nobody shares its documents`,
        fix: `add a peer and a replication of "${name}", or remove the app if nobody uses it`,
      };
    }
  },
};
