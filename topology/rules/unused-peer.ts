import { shapeOf } from "../plan/forms.ts";
import type { Rule } from "./rule.ts";

/** A store without documents. */
export const unusedPeer: Rule = {
  id: "unused-peer",
  severity: "note",
  summary: "A peer serves no app.",
  why: "clients sign in to an app and replications carry the documents of one, so the Big Peer uses pods and volumes but stores nothing",
  source: "API: documents, keys and replications belong to an app",
  ignorable: true,
  *check({ topology }) {
    const serving = new Set(Object.values(topology.apps).flatMap(({ peers }) => peers));
    // An app that names an unknown peer may mean this one.
    if ([...serving].some((name) => !Object.hasOwn(topology.peers, name))) return;
    // A replication that lacks something has a finding of its own.
    const members = new Set(
      Object.entries(topology.replications).flatMap(([name, entry]) =>
        (shapeOf(topology, name, entry)?.members ?? []).map(({ peer }) => peer),
      ),
    );
    for (const name of Object.keys(topology.peers)) {
      if (serving.has(name) || members.has(name)) continue;
      yield {
        path: ["peers", name],
        part: "key",
        what: `"${name}" serves no app`,
        fix: "add it to the `peers` of an app, or remove it",
      };
    }
  },
};
