import { ingressHosts } from "../file/ingress-hosts.ts";
import type { Rule } from "./rule.ts";

/** Two controllers behind one name. */
export const sharedHost: Rule = {
  id: "shared-host",
  severity: "warning",
  summary: "Two ingress controllers are reached under one host.",
  why: "the name leads to one of them, so a peer that dials the other reaches the wrong Big Peer, or nobody",
  source: "guide: the address of a target is that of its own cluster's controller",
  ignorable: true,
  *check({ topology }) {
    const owners = new Map<string, string>();
    for (const { path, host, cluster } of ingressHosts(topology)) {
      const other = owners.get(host.toLowerCase());
      owners.set(host.toLowerCase(), other ?? cluster);
      if (other === undefined) continue;
      yield {
        path,
        what: `"${host}" is the host of the cluster "${other}" already`,
        fix: "write the name of this cluster's own controller, or leave `host` out to have its load balancer's address read",
      };
    }
  },
};
