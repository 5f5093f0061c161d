import type { PlannedExposure } from "../plan/plan.ts";
import { portAdvice, sharedObjects } from "../plan/port-advice.ts";
import { reservedPorts } from "../plan/ports.ts";
import type { Rule } from "./rule.ts";

/** One port leads to one Service. */
export const portClash: Rule = {
  id: "port-clash",
  severity: "error",
  summary:
    "Two exposed targets have one port on one controller, a port is out of the controller's range, or is reserved.",
  why: "the controller sends both to one Service, so one replication connects to the wrong peer and never syncs",
  source: "guide: the tcp-services ConfigMap maps one port to one Service",
  ignorable: false,
  *check({ plan }) {
    const owners = new Map<string, string>();
    const clashes: { exposure: PlannedExposure; what: string }[] = [];
    for (const exposure of [...plan.exposures].sort((a, b) => Number(b.pinned) - Number(a.pinned))) {
      const { cluster, ingress, peer, port } = exposure;
      const range = plan.clusters.get(cluster)?.ingresses.get(ingress)?.ports;
      if (!range) continue;
      const note = (what: string) => clashes.push({ exposure, what });
      if (port < range.first || port > range.last)
        note(`port ${port} is outside the controller's range ${range.first}-${range.last}`);
      else if (reservedPorts.has(port)) note(`port ${port} is the controller's own`);
      const keys = sharedObjects(plan, exposure).map((key) => `${key}:${port}`);
      const other = keys.map((key) => owners.get(key)).find((owner) => owner !== undefined);
      if (other === undefined) for (const key of keys) owners.set(key, exposure.id);
      else note(`"${peer}" gets port ${port} of the cluster "${cluster}", which is given to ${other} already`);
    }
    if (clashes.length === 0) return;
    const moving = [...new Set(clashes.map(({ exposure }) => exposure))];
    const advice = portAdvice(plan, moving);
    for (const { exposure, what } of clashes)
      yield {
        path: ["replications", exposure.replication, ...(exposure.pinned ? ["port"] : [])],
        part: exposure.pinned ? "value" : "key",
        what,
        fix: withCommand(advice.get(exposure.id) ?? "pin a free one"),
      };
  },
};

/** Where a range is full, no command can help before somebody has widened it. */
function withCommand(advice: string): string {
  return advice.startsWith("pin a free one")
    ? `${advice}; \`npx bigpeer pin\` writes all of them and moves no port that is deployed`
    : advice;
}
