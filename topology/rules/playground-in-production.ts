import type { Rule } from "./rule.ts";

/** A playground is for everybody who has its token. */
export const playgroundInProduction: Rule = {
  id: "playground-in-production",
  severity: "error",
  summary: "Playground auth in an environment that is not marked as development.",
  why: "everybody who has the token, which is in every client, can read and write all data",
  source: "deployments, docs: the anonymous provider is not for production",
  ignorable: true,
  *check({ topology }) {
    if (topology.environment === "development") return;
    for (const section of ["peers", "apps"] as const) {
      for (const [name, { auth }] of Object.entries(topology[section])) {
        if (!auth?.playground) continue;
        yield {
          path: [section, name, "auth", "playground"],
          part: "key",
          what: "a playground in production",
          fix: "use `auth: { webhooks: { <name>: { url: … } } }`, or mark the file with `environment: development`",
        };
      }
    }
  },
};
