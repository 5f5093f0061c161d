import { planText } from "../../topology/check.ts";
import { clusterManifests } from "../../topology/objects/cluster-manifests.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { Figure } from "../figure.ts";
import type { Part } from "../part.ts";
import { hubAndSpokes } from "../topologies.ts";

/** How much is written for a hub and its spokes. Counted, not timed. */
export const objects: Part = {
  name: "objects",
  lab: false,
  async measure() {
    const count = (spokes: number) => written(planText(hubAndSpokes(spokes)).plan);
    const [few, before, all] = [count(1), count(199), count(200)];
    const perSpoke = all.total - before.total;
    const line = (name: string, value: number, limit: number): Figure => ({
      part: "objects",
      name,
      unit: "objects",
      subject: { name: "hub and 200 spokes", values: [value] },
      bar: { limit },
    });
    return [
      line("BigPeerReplications of the hub", all.replications, 1),
      line("ports that the hub's controller opens", all.ports, 1),
      line("objects and patches that each further spoke adds", perSpoke, 6),
      {
        part: "objects",
        name: "objects and patches in all",
        unit: "objects",
        subject: { name: "hub and 200 spokes", values: [all.total] },
        floor: {
          name: "those of one spoke, and as many for each further as the last one adds",
          values: [few.total + 199 * perSpoke],
        },
        bar: { ratio: 1 },
      },
    ];
  },
};

function written(plan: Plan): { total: number; replications: number; ports: number } {
  const manifests = (cluster: string) => clusterManifests(plan, cluster);
  const hub = manifests("hub");
  return {
    total: [...plan.clusters.keys()].reduce((sum, cluster) => sum + manifests(cluster).length, 0),
    replications: hub.filter(({ manifest }) => manifest.kind === plan.operator.kinds.replication).length,
    ports: plan.exposures.filter(({ cluster }) => cluster === "hub").length,
  };
}
