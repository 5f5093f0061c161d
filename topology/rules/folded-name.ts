import type { Rule } from "./rule.ts";

/** Kubernetes knows lower case only, and DNS takes no dots or underscores within a label. */
export const foldedName: Rule = {
  id: "folded-name",
  severity: "error",
  summary: "Two names in one section become the same name once they are written as Kubernetes allows.",
  why: "a tool, or a hurried fix, that turns them into DNS labels merges the two into one",
  source: "Kubernetes: names of objects are lower-case DNS names",
  ignorable: true,
  *check({ topology }) {
    for (const section of ["clusters", "peers", "apps", "replications"] as const) {
      const owners = new Map<string, string>();
      for (const name of Object.keys(topology[section])) {
        const folded = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
        const other = owners.get(folded);
        if (other === undefined) owners.set(folded, name);
        else
          yield {
            path: [section, name],
            part: "key",
            what: `"${name}" and "${other}" are the same name in Kubernetes`,
            fix: "give them names that differ in more than case and punctuation",
          };
      }
    }
  },
};
