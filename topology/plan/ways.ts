import type { Cluster } from "../file/cluster.ts";
import type { Ingress, Way, WayOf } from "../file/exposure.ts";
import type { Peer } from "../file/peer.ts";
import type { PortRange } from "./ports.ts";

/** The name of a cluster's own way: its `exposure`, or its `ingress`. */
export const defaultWay = "default";

/** A way of a cluster; `former` where the file says it as `ingress` or `ingresses`. */
export type ClusterWay = Way & { readonly former?: true };

/** Every way of a cluster by its name, the default last. */
export function waysOf({ ingress, ingresses, exposure, exposures }: Cluster): ReadonlyMap<string, ClusterWay> {
  const ways = new Map<string, ClusterWay>();
  for (const [name, settings] of Object.entries(ingresses ?? {}))
    ways.set(name, { kind: "ingressNginx", settings, former: true });
  for (const [name, way] of Object.entries(exposures ?? {})) ways.set(name, way);
  if (ingress) ways.set(defaultWay, { kind: "ingressNginx", settings: ingress, former: true });
  if (exposure && !Array.isArray(exposure)) ways.set(defaultWay, exposure);
  return ways;
}

/** The ingress-nginx controllers among them. */
export function ingressesOf(ways: ReadonlyMap<string, Way>): ReadonlyMap<string, Ingress> {
  return new Map(
    [...ways].flatMap(([name, { kind, settings }]): [string, Ingress][] =>
      kind === "ingressNginx" ? [[name, settings]] : [],
    ),
  );
}

/** The ways by which a peer is exposed, by name: the first is dialled, the others are open beside it. */
export function wayNamesOf(
  { exposure, ingress }: Pick<Peer, "exposure" | "ingress">,
  cluster: Cluster,
): readonly string[] {
  if (exposure) return [...new Set(exposure)];
  if (ingress !== undefined) return [ingress];
  return Array.isArray(cluster.exposure) ? [...new Set(cluster.exposure)] : [defaultWay];
}

/** The range from which ports are given; undefined: every target has the same port, or one that the file names. */
export function portsOf({ kind, settings }: Way): PortRange | undefined {
  return kind === "address" ? undefined : settings.ports;
}

/** The host that the file gives, which may have placeholders. */
export function hostOf({ settings }: Way): string | undefined {
  return settings.host;
}

/** True if the way is an Ingress controller, by which the operator can also expose an API or Kafka. */
export function isIngressController({ kind }: Way): boolean {
  return kind === "ingressNginx" || kind === "transportServer";
}

/** The name of the way as people say it. */
export const wayNoun: Readonly<Record<Way["kind"], string>> = {
  ingressNginx: "ingress-nginx",
  address: "an address of somebody else",
  loadBalancer: "a Service of type LoadBalancer",
  nodePort: "a Service of type NodePort",
  gateway: "a Gateway",
  transportServer: "F5 NGINX Ingress Controller",
};

/** The place of a Gateway: `infra/tcp`. */
export function gatewayPlace({ settings: { namespace, name } }: WayOf<"gateway">): string {
  return `${namespace}/${name}`;
}
