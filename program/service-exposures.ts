import { ServiceExposure, type ServiceExposureArgs } from "../components/service-exposure.ts";
import type { WayOf } from "../topology/file/exposure.ts";
import { givenBackend } from "../topology/objects/service-manifests.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { foreignServicePorts, type ServiceTargets } from "./foreign-service-ports.ts";
import { type LiveService, liveService } from "./live-service.ts";
import type { ReadObject } from "./read-controller.ts";
import { addressesOf, placeOf, type SeenWay } from "./seen-way.ts";
import type { Pending } from "./stack-exports.ts";

/** A target with the Services that lead to it. */
interface SeenTarget {
  readonly exposure: PlannedExposure;
  /** The Service of ours. */
  readonly own: LiveService | undefined;
  /** The pods behind it; undefined: the operator has not made its Service yet. */
  readonly pods: Pick<ServiceExposureArgs, "selector" | "targetPort"> | undefined;
}

/** Reads the Services of targets that are exposed by Services of ours. */
export async function lookAtServices(
  plan: Plan,
  cluster: string,
  { way, exposures, file }: ServiceTargets,
  read: ReadObject,
): Promise<SeenWay> {
  const [targets, foreign] = await Promise.all([
    Promise.all(exposures.map((exposure) => lookAt(exposure, read))),
    foreignServicePorts(plan, cluster, { way, exposures, file }, read),
  ]);
  const byId = new Map(targets.map((target) => [target.exposure.id, target]));
  const known = addressesOf(
    exposures,
    ({ id }) => byId.get(id)?.own?.loadBalancer,
    ({ object, backend: { namespace } }) => ({
      reason: `the Service ${namespace}/${object} has no load balancer address yet`,
      next: "wait for the load balancer and run pulumi up again, or set the `host` of the exposure",
    }),
  );
  return {
    cluster,
    addresses: known.addresses,
    pending: [...targets.flatMap(unknownPods), ...known.pending],
    ...foreign,
    makes: targets.filter(({ pods }) => pods).map(({ exposure }) => placeOf(exposure)),
    declare: (options, transform) => {
      for (const { exposure, pods } of targets) {
        if (!pods) continue;
        const { type, settings } = way.kind === "loadBalancer" ? asLoadBalancer(way) : asNodePort(way);
        const service: ServiceExposureArgs["service"] =
          type === "LoadBalancer" ? { type, settings } : { type, settings };
        const args = { service, target: exposure, ...pods, transform: { service: transform?.exposedService } };
        new ServiceExposure(`${cluster}/${exposure.object}`, args, options);
      }
    },
  };
}

function asLoadBalancer({ settings }: WayOf<"loadBalancer">) {
  return { type: "LoadBalancer", settings } as const;
}

function asNodePort({ settings }: WayOf<"nodePort">) {
  return { type: "NodePort", settings } as const;
}

async function lookAt(exposure: PlannedExposure, read: ReadObject): Promise<SeenTarget> {
  const { namespace, service, port } = exposure.backend;
  const given = givenBackend(exposure);
  const [own, operators] = await Promise.all(
    [exposure.object, ...(given ? [] : [service])].map(async (name) =>
      liveService(await read("Service", namespace, name), `${namespace}/${name}`),
    ),
  );
  // If the operator recreates its Service, ours must stay, since its load balancer and its address would go with it.
  const pods = given ?? podsBehind(operators, port) ?? podsBehind(own, own?.ports[0]?.port);
  return { exposure, own, pods };
}

function podsBehind(service: LiveService | undefined, port: number | undefined): SeenTarget["pods"] {
  const open = service?.ports.find((each) => each.port === port);
  if (!service?.selector || !open) return undefined;
  return { selector: service.selector, targetPort: open.targetPort ?? open.port };
}

function unknownPods({ exposure, pods }: SeenTarget): Pending[] {
  if (pods) return [];
  const { namespace, service, port } = exposure.backend;
  return [
    {
      what: `exposure of ${exposure.id}`,
      reason: `the operator has no Service ${namespace}/${service} with a selector and port ${port} yet, to whose pods it would lead`,
      next: "wait for the Big Peer and run pulumi up again",
    },
  ];
}
