import type { Rule } from "./rule.ts";

/** One connection carries both directions. */
export const twoInitiators: Rule = {
  id: "two-initiators",
  severity: "warning",
  summary:
    "Two peers dial each other for the same thing: two replications of one app and query, one dialled from each side.",
  why: "one connection carries documents both ways, so the second only adds a port, a firewall rule and one more thing that can fail",
  source: "guide: one side initiates, the target has no connections, and documents flow both ways over that connection",
  ignorable: true,
  *check({ plan }) {
    const dialled = new Set<string>();
    for (const { links } of plan.replications.values())
      for (const { initiator, target } of links) dialled.add(`${initiator}\n${target}`);
    const seen = new Map<string, string>();
    for (const { name, app, links, sides } of plan.replications.values()) {
      for (const { initiator, target } of links) {
        if (!dialled.has(`${target}\n${initiator}`)) continue;
        const queries = sides
          .filter(({ peer }) => peer === initiator || peer === target)
          .flatMap(({ subscribes }) => Object.entries(subscribes).map((each) => JSON.stringify(each)));
        for (const query of new Set(queries)) {
          const other = seen.get([app, target, initiator, query].join("\n"));
          seen.set([app, initiator, target, query].join("\n"), name);
          if (other === undefined || other === name) continue;
          yield {
            path: ["replications", name],
            part: "key",
            what: `"${initiator}" dials "${target}" here, and "${target}" dials "${initiator}" in "${other}"`,
            fix: `write one replication: \`between: [${initiator}, ${target}]\``,
          };
          break;
        }
      }
    }
  },
};
