import type { Path } from "../findings/finding.ts";
import { listenerLimit, ownListeners } from "../plan/listener-limits.ts";
import { shareOf } from "../plan/share.ts";
import type { Rule } from "./rule.ts";

/** More ports than a load balancer takes. */
export const listenerLimitRule: Rule = {
  id: "listener-limit",
  severity: "warning",
  summary: "A controller would open more ports than the load balancer in front of it accepts.",
  why: "the load balancer keeps its address and does not open the rest, so those replications never connect, and nothing reports it",
  source: "AWS: quotas of Network and Classic Load Balancers; each port of the Service is a listener",
  ignorable: true,
  *check({ plan }) {
    for (const { name: cluster } of plan.clusters.values())
      for (const { name, ingress, exposures } of shareOf(plan, cluster).controllers) {
        const limit = listenerLimit(ingress);
        const ports = exposures.length + ownListeners;
        if (!limit || ports <= limit.ports) continue;
        const path: Path = ["clusters", cluster, ...(name === "default" ? ["ingress"] : ["ingresses", name])];
        yield {
          path,
          what: `${exposures.length} exposed ports and the controller's own ${ownListeners} are more than the ${limit.ports} that its ${limit.balancer} accepts`,
          fix: moreListeners,
        };
      }
  },
};

/** The fix for too many ports. */
export const moreListeners =
  "put spokes with the same queries into one replication, which needs one port; name a second controller in `ingresses` and give it some of the peers; or have the quota raised and write the new quota as `listeners`";
