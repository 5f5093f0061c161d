import { tcpServicesManifest, tcpServicesPlace } from "../objects/exposure-manifests.ts";
import type { Plan, PlannedExposure } from "../plan/plan.ts";

/**
 * For each exposure that is in both plans as it was: why its connections are cut all the same. ingress-nginx reloads nginx whenever an entry of its
 * ConfigMap comes, goes or leads elsewhere (its own Service, and endpoints that come and go beside others, make it do nothing of the kind).
 * The workers from before then end, and with them every stream that they carry, at the latest after `worker-shutdown-timeout`.
 */
export function reloads(base: Plan, head: Plan): ReadonlyMap<string, string> {
  const [before, after] = [entriesByMap(base), entriesByMap(head)];
  const reloaded = new Set(
    [...after].flatMap(([map, entries]) => {
      const old = before.get(map);
      return old === undefined || same(old, entries) ? [] : [map];
    }),
  );
  return new Map(
    head.exposures.flatMap((exposure): [string, string][] => {
      const map = mapOf(head, exposure);
      if (map === undefined || !reloaded.has(map.key)) return [];
      return [
        [
          exposure.id,
          `the controller ${map.controller} of ${exposure.cluster} reloads, and closes the connection ${within}`,
        ],
      ];
    }),
  );
}

/** ingress-nginx: `worker-shutdown-timeout` is 240s unless its ConfigMap says otherwise. */
const within = "within its worker-shutdown-timeout (240 s by default)";

function mapOf({ clusters }: Plan, { cluster, ingress }: PlannedExposure) {
  const controller = clusters.get(cluster)?.ingresses.get(ingress);
  if (!controller) return undefined;
  const { namespace, name } = tcpServicesPlace(controller);
  const called = controller.hostPorts ? controller.deployment : controller.service;
  return {
    key: `${cluster}/${namespace}/${name}`,
    controller: `${controller.namespace}/${called}`,
    settings: controller,
  };
}

/** The entries of each ConfigMap of TCP services. */
function entriesByMap(plan: Plan): Map<string, Map<string, unknown>> {
  const maps = new Map<string, Map<string, unknown>>();
  for (const exposure of plan.exposures) {
    const map = mapOf(plan, exposure);
    if (!map) continue;
    const entries = maps.get(map.key) ?? new Map<string, unknown>();
    maps.set(map.key, entries);
    const { data } = tcpServicesManifest(map.settings, [exposure]);
    if (typeof data === "object" && data !== null)
      for (const [port, entry] of Object.entries(data)) entries.set(port, entry);
  }
  return maps;
}

function same(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  return one.size === other.size && [...one].every(([port, entry]) => other.get(port) === entry);
}
