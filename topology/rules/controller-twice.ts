import { allIngresses } from "../file/ingress-hosts.ts";
import type { Rule } from "./rule.ts";

/** Two entries for one thing. */
export const controllerTwice: Rule = {
  id: "controller-twice",
  severity: "error",
  summary: "A cluster has one ingress controller under two names, or two under one.",
  why: "of two entries only one counts, or both write to one Service, so half of what is written never takes effect",
  source: "our own: `ingress` is the entry `default` of `ingresses`; a controller is known by its Service",
  ignorable: false,
  *check({ topology }) {
    for (const [name, { ingress, ingresses }] of Object.entries(topology.clusters)) {
      if (!ingress || ingresses?.default === undefined) continue;
      yield {
        path: ["clusters", name, "ingresses", "default"],
        part: "key",
        what: `\`ingress\` of the cluster "${name}" is called default already`,
        fix: "give this one another name, or leave `ingress` out",
      };
    }
    const owners = new Map<string, string>();
    for (const { path, ingress, cluster } of allIngresses(topology)) {
      const entry = path.slice(2).join(".");
      const key = [cluster, ingress.namespace, ingress.service].join("/");
      const other = owners.get(key);
      owners.set(key, other ?? entry);
      // Of the name `default` twice one finding is enough.
      if (other === undefined || entry === "ingresses.default") continue;
      yield {
        path,
        part: "key",
        what: `the Service ${ingress.namespace}/${ingress.service} is that of \`${other}\` already`,
        fix: "name the objects of this controller (`service`, `deployment`, `configMap`), or leave one of the two out",
      };
    }
  },
};
