import { hostPort } from "../topology/plan/names.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { ClusterSource } from "./contract-check.ts";
import { loadBalancerOf } from "./read-controller.ts";

/** By exposure: the `host:port` under which its target is reached from other clusters now. What cannot be found out is left out. */
export async function exposedNow(plan: Plan, sources: readonly ClusterSource[]): Promise<ReadonlyMap<string, string>> {
  const { readObject } = await import("../kubernetes/read-object.ts");
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).controllers.map(
        async ({ ingress: { host, namespace, service: name }, exposures }) => {
          const service = { apiVersion: "v1", kind: "Service", namespace, name };
          const address = host ?? loadBalancerOf(await readObject(source, service).catch(() => undefined));
          return address === undefined ? [] : exposures.map(({ id, port }) => [id, hostPort(address, port)] as const);
        },
      ),
    ),
  );
  return new Map(found.flat());
}
