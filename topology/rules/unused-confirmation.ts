import type { Path } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { Rule, Violation } from "./rule.ts";

/** A permission that nobody needs any more. */
export const unusedConfirmation: Rule = {
  id: "unused-confirmation",
  severity: "note",
  summary:
    "`confirmRemoval` or `allowReplace` names a peer or an app that is not declared, or is set in a development environment; `adopt` names a peer that has no part in it.",
  why: "it does nothing now, and a later peer or app of that name would have no protection against the loss of its documents",
  source: "our own: each of them is for one update, and only production asks for it",
  ignorable: true,
  *check({ topology, plan }) {
    yield* adoptsNothing(plan);
    const { environment, confirmRemoval, allowReplace, peers, apps } = topology;
    if (environment === "development") {
      for (const [key, list] of Object.entries({ confirmRemoval, allowReplace })) {
        if (list.length === 0) continue;
        yield {
          path: [key],
          part: "key",
          what: "has no effect in development, where nothing is protected",
          fix: "take it out",
        };
      }
      return;
    }
    for (const [index, name] of confirmRemoval.entries())
      if (!Object.hasOwn(peers, name)) yield leftBehind(["confirmRemoval", index], "peer", name);
    for (const [index, entry] of allowReplace.entries()) {
      const [section, name = ""] = entry.split(".");
      const declared = section === "apps" ? apps : peers;
      const noun = section === "apps" ? "app" : "peer";
      if (!Object.hasOwn(declared, name)) yield leftBehind(["allowReplace", index], noun, name);
    }
  },
};

/** Names in `adopt` of an app or a replication that have no object of it. */
function* adoptsNothing({ apps, replications }: Plan): Iterable<Violation> {
  const entries = [
    ...[...apps.values()].map(({ name, adopt, objects }) => ({ section: "apps", name, adopt, objects })),
    ...[...replications.values()].map(({ name, adopt, sides }) => ({
      ...{ section: "replications", name, adopt, objects: sides },
    })),
  ];
  for (const { section, name, adopt, objects } of entries) {
    if (!Array.isArray(adopt)) continue;
    const peers = objects.map(({ peer }) => peer);
    for (const [index, peer] of adopt.entries()) {
      if (peers.includes(peer)) continue;
      const what = `names the peer "${peer}", where "${name}" has no object`;
      yield { path: [section, name, "adopt", index], what, fix: `name one of: ${peers.join(", ")}; or remove it` };
    }
  }
}

function leftBehind(path: Path, noun: string, name: string): Violation {
  return {
    path,
    what: `no ${noun} is called "${name}"`,
    fix: `remove it once the update that removes "${name}" has gone through`,
  };
}
