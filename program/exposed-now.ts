import { hostPort } from "../topology/plan/names.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { ClusterSource } from "./contract-check.ts";
import { liveService } from "./live-service.ts";

/** For each exposure: the `host:port` under which its target is reached from other clusters now. What cannot be found out is left out. */
export async function exposedNow(plan: Plan, sources: readonly ClusterSource[]): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    sources.flatMap((source) =>
      shareOf(plan, source.cluster).controllers.map(
        async ({ ingress: { host, namespace, service: name }, exposures }) => {
          const address = host ?? (await balancerOf(source, namespace, name).catch(() => undefined));
          return address === undefined ? [] : exposures.map(({ id, port }) => [id, hostPort(address, port)] as const);
        },
      ),
    ),
  );
  return new Map(found.flat());
}

async function balancerOf(source: ClusterSource, namespace: string, name: string): Promise<string | undefined> {
  const { readObject } = await import("../kubernetes/read-object.ts");
  const object = await readObject(source, { apiVersion: "v1", kind: "Service", namespace, name });
  return liveService(object, `${namespace}/${name}`)?.loadBalancer;
}
