import { allIngresses, allWays } from "../file/ingress-hosts.ts";
import type { Rule } from "./rule.ts";

/** Two entries for one thing. */
export const controllerTwice: Rule = {
  id: "controller-twice",
  severity: "error",
  summary: "A cluster has one ingress controller under two names, or two ways of exposing targets under one name.",
  why: "only one of the two entries counts, or both write to one Service, so half of what is written never takes effect",
  source: "our own: `ingress` is the entry `default` of `ingresses`; a controller is identified by its Service",
  ignorable: false,
  *check({ topology }) {
    const names = new Map<string, string>();
    for (const { path, cluster, name } of allWays(topology)) {
      const place = [cluster, name].join("/");
      const entry = String(path[2]);
      const other = names.get(place);
      names.set(place, other ?? entry);
      if (other === undefined) continue;
      // The key that says the name, not the way below it.
      const key = entry === "exposure" || entry === "exposures" ? path.slice(0, -1) : path;
      yield {
        path: key,
        part: "key",
        what: `\`${other}\` of the cluster "${cluster}" is already called ${name}`,
        fix: `give this one another name, or leave \`${other}\` out`,
      };
    }
    const owners = new Map<string, string>();
    for (const { path, ingress, cluster } of allIngresses(topology)) {
      const entry = path.slice(2).join(".");
      const key = [cluster, ingress.namespace, ingress.service].join("/");
      const other = owners.get(key);
      owners.set(key, other ?? entry);
      // One finding is enough if the name `default` occurs twice.
      if (other === undefined || entry === "ingresses.default") continue;
      yield {
        path,
        part: "key",
        what: `the Service ${ingress.namespace}/${ingress.service} already belongs to \`${other}\``,
        fix: "name the objects of this controller (`service`, `deployment`, `configMap`), or leave one of the two out",
      };
    }
  },
};
