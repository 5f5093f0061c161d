import { Finding } from "../topology/findings/finding.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import type { ClusterSource } from "./contract-check.ts";
import { controllerObject, foreignPorts, pendingFlag, readController, unreadController } from "./live-controllers.ts";
import { lookAtWay } from "./ways.ts";

/** Asks clusters whether the ingress controllers that have to expose something are there and would. */
export async function controllerCheck(plan: Plan, sources: readonly ClusterSource[]): Promise<Finding[]> {
  const { readObject } = await import("../kubernetes/read-object.ts");
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).controllers.map(async ({ ingress, exposures }): Promise<Finding[]> => {
        const { cluster } = source;
        const path = ["clusters", cluster];
        try {
          const live = await readController(ingress, (kind, namespace, object) =>
            readObject(source, controllerObject(kind, namespace, object)),
          );
          if (live && live.arguments === undefined && ingress.manage === "check") {
            const deployment = `${ingress.namespace}/${ingress.deployment}`;
            const what = `cluster "${cluster}" has no Deployment ${deployment} with a container "${ingress.container}" that has arguments`;
            const fix = "install ingress-nginx, or name its `deployment` and `container` in `ingress`";
            return [new Finding(liveRules.noIngressController, { path, what, fix })];
          }
          const pending = pendingFlag(cluster, ingress, live).map(
            ({ what, reason, next: fix }) =>
              new Finding(live ? liveRules.ingressFlag : liveRules.noIngressController, {
                path,
                what: `${what} cannot work: ${reason}`,
                fix,
              }),
          );
          return [...pending, ...(live ? foreignPorts(plan, exposures, ingress, live) : [])];
        } catch (error) {
          return [unreadController(cluster, error)];
        }
      }),
    ),
  );
  return [...found.flat(), ...(await wayFindings(plan, sources))];
}

/** What clusters lack for the ways other than ingress-nginx. An address that comes with a deployment is no finding. */
async function wayFindings(plan: Plan, sources: readonly ClusterSource[]): Promise<Finding[]> {
  const { readObject } = await import("../kubernetes/read-object.ts");
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).ways.map(async (way): Promise<Finding[]> => {
        const path = ["clusters", source.cluster];
        try {
          const seen = await lookAtWay(source.cluster, way, (...object) =>
            readObject(source, controllerObject(...object)),
          );
          const lacking = seen?.pending.filter(({ what }) => what.startsWith("exposure by ")) ?? [];
          const findings = lacking.map(
            ({ what, reason, next: fix }) =>
              new Finding(liveRules.exposureLacking, { path, what: `${what} cannot work: ${reason}`, fix }),
          );
          return [...findings, ...(seen?.refused ?? [])];
        } catch (error) {
          return [unreadController(source.cluster, error, "what exposes its targets")];
        }
      }),
    ),
  );
  return found.flat();
}
