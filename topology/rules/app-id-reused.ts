import type { Rule } from "./rule.ts";

/** One ID is one app. */
export const appIdReused: Rule = {
  id: "app-id-reused",
  severity: "error",
  summary: "Two apps have the same app ID, or an app names a peer twice.",
  why: "an app ID is unique on its Big Peer: the second app is refused, or the data of the two is mixed",
  source: "API: spec.appId is a UUID, unique on its Big Peer",
  ignorable: false,
  *check({ topology }) {
    const owners = new Map<string, string>();
    for (const [name, app] of Object.entries(topology.apps)) {
      const named = new Set<string>();
      for (const [index, peer] of app.peers.entries()) {
        if (!named.has(peer)) {
          named.add(peer);
          continue;
        }
        yield { path: ["apps", name, "peers", index], what: `"${peer}" is named twice`, fix: "name each peer once" };
      }
      if (app.id === undefined) continue;
      const id = app.id.toLowerCase();
      const other = owners.get(id);
      if (other === undefined) owners.set(id, name);
      else
        yield {
          path: ["apps", name, "id"],
          what: `is also the ID of the app "${other}"`,
          fix: `if both are the same app, write it once, with the peers of both in apps.${other}.peers; otherwise give it an ID of its own, or leave \`id\` out`,
        };
    }
  },
};
