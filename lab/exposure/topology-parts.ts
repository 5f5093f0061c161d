/** Finds the parts that a cluster of the lab needs for the ways that a topology declares there besides ingress-nginx. */
import type { Way, WayKind, WayOf } from "../../topology/file/exposure.ts";
import { listenerName } from "../../topology/objects/gateway-manifests.ts";
import { transportListener } from "../../topology/objects/transport-server-manifests.ts";
import type { Plan, PlannedCluster, PlannedExposure } from "../../topology/plan/plan.ts";
import { shareOf } from "../../topology/plan/share.ts";
import { gatewayPlace } from "../../topology/plan/ways.ts";
import { LabError } from "../lab-error.ts";
import type { LabClusterRequest } from "../supervisor-messages.ts";

type Parts = Pick<LabClusterRequest, "gateway" | "loadBalancers" | "nodePorts" | "nginxF5" | "forwards">;

/** The class of Gateways that are somebody else's. */
const labClass = "lab";

/** AWS gives a load balancer a host name, and a Network Load Balancer has 50 listeners. */
const amazonClass = "service.k8s.aws/nlb";
const amazonListeners = 50;

/**
 * The parts for every way that a cluster declares, so that a target can move to it while the lab runs. What a platform team would have
 * installed before is there: their Gateway with its listeners, F5 NGINX with its GlobalConfiguration, the addresses of somebody else.
 * @throws LabError where the lab cannot have what the topology needs
 */
export function exposurePartsOf(plan: Plan, cluster: PlannedCluster): Parts {
  const { exposures } = shareOf(plan, cluster.name);
  const balancers = declared(cluster, "loadBalancer");
  const nodes = declared(cluster, "nodePort");
  const gateways = declared(cluster, "gateway");
  const forwards = exposures.filter(({ way }) => way.kind === "address");
  return {
    ...(balancers.length > 0 ? { loadBalancers: loadBalancersFor(balancers, exposures) } : {}),
    ...(nodes.length > 0 ? { nodePorts: { hosts: hostsOf(exposures, (way) => way.kind === "nodePort") } } : {}),
    ...(gateways.length > 0 ? { gateway: gatewayPartFor(gateways, exposures) } : {}),
    ...nginxF5For(cluster, exposures),
    ...(forwards.length > 0 ? { forwards: forwards.flatMap(forwardTo) } : {}),
  };
}

/** The namespaces of what the platform team has. */
export function exposureNamespaces(cluster: PlannedCluster): string[] {
  return [...declared(cluster, "gateway"), ...declared(cluster, "transportServer")].map(
    ({ settings }) => settings.namespace,
  );
}

function declared<K extends WayKind>({ ways }: PlannedCluster, kind: K): WayOf<K>[] {
  return [...ways.values()].filter((way): way is Extract<typeof way, { kind: K }> => way.kind === kind);
}

function hostsOf(exposures: readonly PlannedExposure[], among: (way: Way) => boolean): string[] {
  const hosts = exposures.flatMap(({ way, host }) => (host !== undefined && among(way) ? [host] : []));
  return [...new Set(hosts)];
}

function loadBalancersFor(
  ways: readonly WayOf<"loadBalancer">[],
  exposures: readonly PlannedExposure[],
): Parts["loadBalancers"] {
  const names = new Set(ways.map(({ settings }) => settings.class));
  return {
    classes: [...names].map((name) => ({
      ...(name === undefined ? {} : { name }),
      ...(name === amazonClass ? { status: "hostname" as const, listenerLimit: amazonListeners } : {}),
    })),
    hosts: exposures.flatMap(({ way, host, object, backend: { namespace } }) =>
      way.kind === "loadBalancer" && host !== undefined ? [{ host, namespace, name: object }] : [],
    ),
  };
}

function gatewayPartFor(ways: readonly WayOf<"gateway">[], exposures: readonly PlannedExposure[]): Parts["gateway"] {
  const byPlace = Map.groupBy(ways, gatewayPlace);
  const classes = ways.flatMap(({ settings: { className } }) => className ?? []);
  return {
    channel: ways.some(({ settings }) => settings.routeVersion === "v1alpha2") ? "experimental" : "standard",
    classes: [...new Set([labClass, ...classes])],
    gateways: [...byPlace].flatMap(([place, ofPlace]) => {
      const [first] = ofPlace;
      if (!first) return [];
      const { namespace, name } = first.settings;
      const hosts = hostsOf(exposures, (way) => way.kind === "gateway" && gatewayPlace(way) === place);
      // One of this topology's own comes with its deployment.
      if (ofPlace.some(({ settings }) => settings.listeners === "gateway")) return [{ namespace, name, hosts }];
      const listeners = exposures.flatMap((exposure) => {
        const { way, port } = exposure;
        if (way.kind !== "gateway" || gatewayPlace(way) !== place || way.settings.listeners !== "existing") return [];
        return [{ name: listenerName(way.settings, exposure), port }];
      });
      return [{ namespace, name, hosts, installed: { className: labClass, listeners } }];
    }),
  };
}

function nginxF5For(cluster: PlannedCluster, exposures: readonly PlannedExposure[]): Pick<Parts, "nginxF5"> {
  const ways = declared(cluster, "transportServer");
  const [first] = ways;
  if (!first) return {};
  const { namespace, service, globalConfiguration, ingressClass, host } = first.settings;
  if (ways.some(({ settings }) => settings.namespace !== namespace || settings.service !== service))
    throw new LabError(
      `the lab runs one F5 NGINX Ingress Controller in a cluster, and ${cluster.name} names several: leave one in the topology`,
    );
  // With `manage: check` somebody else has made the listeners before; the ports of the Service are the topology's.
  const checked = exposures.filter(({ way }) => way.kind === "transportServer" && way.settings.manage === "check");
  const listeners = checked.map((each) => ({ name: transportListener(each).name, port: each.port, open: false }));
  return {
    nginxF5: {
      ...{ namespace, service, globalConfiguration, listeners },
      ...(ingressClass === undefined ? {} : { ingressClass }),
      ...(host === undefined ? {} : { host }),
    },
  };
}

function forwardTo({ host, port, backend }: PlannedExposure) {
  return host === undefined
    ? []
    : [{ host, port, namespace: backend.namespace, service: backend.service, servicePort: backend.port }];
}
