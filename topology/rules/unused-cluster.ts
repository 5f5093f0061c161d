import type { Rule } from "./rule.ts";

/** A cluster for nobody. */
export const unusedCluster: Rule = {
  id: "unused-cluster",
  severity: "warning",
  summary: "A cluster is declared, but no peer runs in it.",
  why: "nothing is created there; a peer that was meant for it runs somewhere else, or nowhere",
  source: "our own: a cluster is where peers run, and nothing else",
  ignorable: true,
  *check({ topology }) {
    const { clusters, peers } = topology;
    const used = new Set(Object.values(peers).map(({ cluster }) => cluster));
    // A peer whose cluster is misspelt has a finding of its own.
    if ([...used].some((cluster) => !Object.hasOwn(clusters, cluster))) return;
    for (const name of Object.keys(clusters)) {
      if (used.has(name)) continue;
      yield {
        path: ["clusters", name],
        part: "key",
        what: `no peer runs in "${name}"`,
        fix: `declare a peer with \`cluster: ${name}\`, or remove the cluster`,
      };
    }
  },
};
