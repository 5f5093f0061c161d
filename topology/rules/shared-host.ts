import { ingressHosts } from "../file/ingress-hosts.ts";
import type { Rule } from "./rule.ts";

/** Two controllers behind one name. */
export const sharedHost: Rule = {
  id: "shared-host",
  severity: "warning",
  summary: "Two ways of exposing targets are reached under the same host.",
  why: "the name leads to only one of them, so a peer that dials the other reaches the wrong Big Peer, or nobody",
  source: "guide: the address of a target is that of its own cluster's controller",
  ignorable: true,
  *check({ topology }) {
    const owners = new Map<string, string>();
    for (const { path, host, cluster, kind } of ingressHosts(topology)) {
      // One address may have many ports that lead elsewhere, nodes have one port each, and a placeholder is another name each time.
      if (kind === undefined || kind === "address" || host.includes("{")) continue;
      if (kind === "nodePort" && owners.get(host.toLowerCase()) === cluster) continue;
      const other = owners.get(host.toLowerCase());
      owners.set(host.toLowerCase(), other ?? cluster);
      if (other === undefined) continue;
      yield {
        path,
        what: `"${host}" is already the host of the cluster "${other}"`,
        fix: "write the name of this cluster's own controller, or leave `host` out to have its load balancer's address read",
      };
    }
  },
};
