import { Finding } from "../topology/findings/finding.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { ClusterSource } from "./contract-check.ts";
import { controllerProblems } from "./controller-problems.ts";
import { controllerReader } from "./controller-reader.ts";
import { editedExposures } from "./edited-exposures.ts";
import { foreignPorts, unreadController } from "./live-controllers.ts";
import { readController } from "./read-controller.ts";

/** Asks clusters whether the ingress controllers that have to expose something are there and would. */
export async function controllerCheck(plan: Plan, sources: readonly ClusterSource[]): Promise<Finding[]> {
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).controllers.map(async ({ ingress, exposures }): Promise<Finding[]> => {
        const { cluster } = source;
        const path = ["clusters", cluster];
        try {
          const live = await readController(
            ingress,
            controllerReader(async () => source),
          );
          const where = `${ingress.namespace}/${ingress.hostPorts ? ingress.deployment : ingress.service} in cluster "${cluster}"`;
          const problems = controllerProblems(ingress, live, exposures).map(
            ({ rule, reason, next: fix }) =>
              new Finding(rule, { path, what: `exposure by ${where} cannot work: ${reason}`, fix }),
          );
          const taken = foreignPorts(plan, exposures, ingress, live);
          const own = exposures.filter(({ replication }) => !taken.some((each) => each.path[1] === replication));
          return [...problems, ...taken, ...editedExposures(own, { cluster, ingress, live })];
        } catch (error) {
          return [unreadController(cluster, error)];
        }
      }),
    ),
  );
  return found.flat();
}
