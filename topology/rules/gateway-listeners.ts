import { maxListeners } from "../objects/gateway-manifests.ts";
import { shareOf, waysOfKind } from "../plan/share.ts";
import type { Rule } from "./rule.ts";

/** A Gateway holds only so many listeners. */
export const gatewayListeners: Rule = {
  id: "gateway-listeners",
  severity: "error",
  summary: "A Gateway that this topology owns would have more than 64 listeners.",
  why: "the API server refuses the Gateway, so none of its targets would be reached",
  source: "Gateway API: `spec.listeners` of a Gateway has at most 64 items; a ListenerSet adds to that",
  ignorable: false,
  *check({ plan }) {
    for (const cluster of plan.clusters.keys())
      for (const { name, way, exposures } of waysOfKind(shareOf(plan, cluster), "gateway")) {
        if (way.settings.listeners !== "gateway" || exposures.length <= maxListeners) continue;
        yield {
          path: ["clusters", cluster, ...(name === "default" ? ["exposure"] : ["exposures", name]), "gateway"],
          what: `its Gateway would have ${exposures.length} listeners, and the maximum is ${maxListeners}`,
          fix: "write `listeners: listenerSet`, or name a second Gateway in `exposures` and give it some of the peers (`peers.<name>.exposure`)",
        };
      }
  },
};
