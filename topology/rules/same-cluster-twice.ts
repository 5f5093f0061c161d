import type { Rule } from "./rule.ts";

/** Copied, and half edited. */
export const sameClusterTwice: Rule = {
  id: "same-cluster-twice",
  severity: "error",
  summary: "Two clusters of the file have the same kubeconfig and context.",
  why: "all objects of both would be written to one cluster, and the other would stay empty",
  source: "our own: a context names one cluster",
  ignorable: true,
  *check({ topology }) {
    const owners = new Map<string, string>();
    for (const [name, { kubeconfig, context }] of Object.entries(topology.clusters)) {
      const key = JSON.stringify([kubeconfig, context ?? name]);
      const other = owners.get(key);
      owners.set(key, other ?? name);
      if (other === undefined) continue;
      yield {
        path: ["clusters", name, ...(context === undefined ? [] : ["context"])],
        ...(context === undefined ? { part: "key" as const } : {}),
        what: `the context "${context ?? name}" already belongs to the cluster "${other}"`,
        fix: "write its own context (`kubectl config get-contexts` lists them)",
      };
    }
  },
};
