import { Finding } from "../topology/findings/finding.ts";
import { kubectlAt } from "../topology/objects/kubectl.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { live } from "../topology/rules/live.ts";
import type { ClusterSource } from "./contract-check.ts";
import { controllerProblems } from "./controller-problems.ts";
import { controllerReader } from "./controller-reader.ts";
import { editedExposures } from "./edited-exposures.ts";
import { foreignPorts, unreadController } from "./live-controllers.ts";
import { readController } from "./read-controller.ts";
import { lookAtWay } from "./ways.ts";

/**
 * Asks the clusters whether the ingress controllers that expose targets are installed, and whether they would expose
 * them.
 * @param file the topology, as a command names it
 */
export async function controllerCheck(
  plan: Plan,
  sources: readonly ClusterSource[],
  file?: string,
): Promise<Finding[]> {
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).controllers.map(async ({ ingress, exposures }): Promise<Finding[]> => {
        const { cluster } = source;
        const path = ["clusters", cluster];
        const kubectl = kubectlAt(plan.clusters.get(cluster)?.context);
        try {
          const live = await readController(
            ingress,
            controllerReader(async () => source),
          );
          const where = `${ingress.namespace}/${ingress.hostPorts ? ingress.deployment : ingress.service} in cluster "${cluster}"`;
          const problems = controllerProblems(ingress, live, exposures, kubectl).map(
            ({ rule, reason, next: fix }) =>
              new Finding(rule, { path, what: `exposure by ${where} cannot work: ${reason}`, fix }),
          );
          const taken = foreignPorts(plan, exposures, ingress, live, undefined, file);
          const own = exposures.filter(({ replication }) => !taken.some((each) => each.path[1] === replication));
          return [...problems, ...taken, ...editedExposures(own, { cluster, ingress, live, kubectl })];
        } catch (error) {
          return [unreadController(cluster, error)];
        }
      }),
    ),
  );
  return [...found.flat(), ...(await wayFindings(plan, sources, file))];
}

/**
 * What the clusters lack for the ways other than ingress-nginx. An address that only the deployment brings is not a
 * finding.
 */
async function wayFindings(plan: Plan, sources: readonly ClusterSource[], file?: string): Promise<Finding[]> {
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).ways.map(async (way): Promise<Finding[]> => {
        const path = ["clusters", source.cluster];
        try {
          const read = controllerReader(async () => source);
          const seen = await lookAtWay(plan, source.cluster, way, read, file);
          const lacking = seen?.pending.filter(({ what }) => what.startsWith("exposure by ")) ?? [];
          const findings = lacking.map(
            ({ what, reason, next: fix }) =>
              new Finding(live.exposureLacking, { path, what: `${what} cannot work: ${reason}`, fix }),
          );
          return [...findings, ...(seen?.refused ?? []), ...(seen?.notes ?? [])];
        } catch (error) {
          return [unreadController(source.cluster, error, "what exposes its targets")];
        }
      }),
    ),
  );
  return found.flat();
}
