import type { Rule } from "./rule.ts";

/** Least privilege. */
export const everythingInProduction: Rule = {
  id: "everything-in-production",
  severity: "warning",
  summary: "A provider may read or write everything in production.",
  why: "one leaked client exposes all data, and nobody can tell what it wrote from what was there before",
  source: "API: permission {read, write: {everything, queriesByCollection}}",
  ignorable: true,
  *check({ topology }) {
    if (topology.environment === "development") return;
    for (const section of ["peers", "apps"] as const) {
      for (const [name, { auth }] of Object.entries(topology[section])) {
        for (const right of ["read", "write"] as const) {
          if (auth?.playground?.permissions[right] !== "everything") continue;
          yield {
            path: [section, name, "auth", "playground", "permissions", right],
            what: `may ${right} everything`,
            fix: `write \`${right}: { <collection>: ["<query>"] }\`, or "nothing"`,
          };
        }
      }
    }
  },
};
