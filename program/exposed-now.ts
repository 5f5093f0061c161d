import { hostPort } from "../topology/plan/names.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { type PlannedWay, shareOf } from "../topology/plan/share.ts";
import type { ClusterSource } from "./contract-check.ts";
import { controllerReader } from "./controller-reader.ts";
import { liveService } from "./live-service.ts";
import type { ReadObject } from "./read-controller.ts";
import { lookAtWay } from "./ways.ts";

/**
 * For each exposure: the `host:port` under which other clusters reach its target now. An exposure whose address cannot
 * be found out is left out.
 */
export async function exposedNow(
  plan: Plan,
  sources: readonly ClusterSource[],
  readerOf: (source: ClusterSource) => ReadObject = (source) => controllerReader(async () => source),
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    sources.flatMap((source) => {
      const read = readerOf(source);
      return shareOf(plan, source.cluster).ways.map(async (way): Promise<[string, string][]> => {
        const unknown = way.exposures.filter(({ host }) => host === undefined);
        const given = way.exposures.flatMap(({ id, host, port }): [string, string][] =>
          host === undefined ? [] : [[id, hostPort(host, port)]],
        );
        // Where the file gives every host, no cluster is asked.
        if (unknown.length === 0) return given;
        const known = await addressesNow(plan, source.cluster, { ...way, exposures: unknown }, read).catch(() => []);
        return [...given, ...known];
      });
    }),
  );
  return new Map(found.flat());
}

async function addressesNow(
  plan: Plan,
  cluster: string,
  planned: PlannedWay,
  read: ReadObject,
): Promise<[string, string][]> {
  const { way, exposures } = planned;
  if (way.kind !== "ingressNginx") return [...((await lookAtWay(plan, cluster, planned, read))?.addresses ?? [])];
  const { namespace, service: name, hostPorts } = way.settings;
  // For ports of nodes, only the file names the nodes.
  if (hostPorts) return [];
  const service = liveService(await read("Service", namespace, name), `${namespace}/${name}`);
  const host = service?.loadBalancer ?? service?.externalIPs[0];
  return host === undefined ? [] : exposures.map(({ id, port }) => [id, hostPort(host, port)]);
}
