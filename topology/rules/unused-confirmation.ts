import type { Path } from "../findings/finding.ts";
import type { Rule, Violation } from "./rule.ts";

/** A permission that nobody needs any more. */
export const unusedConfirmation: Rule = {
  id: "unused-confirmation",
  severity: "note",
  summary:
    "`confirmRemoval` or `allowReplace` names a peer or an app that is not declared, or stands in a development environment.",
  why: "it does nothing now, and a later peer or app of that name would have no protection against the loss of its documents",
  source: "our own: the two are for one update, and only production asks for them",
  ignorable: true,
  *check({ topology }) {
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

function leftBehind(path: Path, noun: string, name: string): Violation {
  return {
    path,
    what: `no ${noun} is called "${name}"`,
    fix: `take it out once the update that removes "${name}" has gone through`,
  };
}
