import { ingressNginx } from "../file/exposure.ts";
import { mostUsed } from "./apps.ts";
import { hostOf, type JoinedLink } from "./links.ts";
import type { ClusterContents } from "./live-objects.ts";

type Entry = Readonly<Record<string, unknown>>;

/** True if the topology names the ingress-nginx controller of a cluster: others dial it, or nothing else exposes anything there. */
export function namesIngress(cluster: ClusterContents, links: readonly JoinedLink[], ways: Entry | undefined): boolean {
  return cluster.ingress !== undefined && (ways === undefined || dialledController(cluster, links).length > 0);
}

export function isTransport(ways: Entry | undefined): boolean {
  return JSON.stringify(ways ?? {}).includes('"transportServer":');
}

function dialledController({ name }: ClusterContents, links: readonly JoinedLink[]): JoinedLink[] {
  return links.filter(({ target, by, exposure }) => by === "forward" && !exposure && target.cluster === name);
}

/** The entry of a cluster: its names, and how its targets are exposed. */
export function clusterEntry(
  cluster: ClusterContents,
  namespace: string | undefined,
  found: {
    readonly links: readonly JoinedLink[];
    readonly closed: ReadonlySet<string>;
    readonly ways: ReadonlyMap<string, Entry>;
  },
): Entry {
  const { name, context, ingress } = cluster;
  const { links, closed } = found;
  const ways = found.ways.get(name);
  const dialled = dialledController(cluster, links);
  const hosts = dialled.map(({ address }) => hostOf(address));
  const host = hosts.length > 0 ? mostUsed(hosts) : ingress?.host;
  const { first, last } = ingressNginx.parse({}).ports;
  const ports = dialled.map(({ address }) => Number(/:(\d+)$/.exec(address)?.[1]));
  const widened = { first: Math.min(first, ...ports), last: Math.max(last, ...ports) };
  const range = widened.first < first || widened.last > last ? { ports: `${widened.first}-${widened.last}` } : {};
  return {
    ...(context === name ? {} : { context }),
    ...(namespace === undefined || namespace === "" || namespace === "ditto" ? {} : { namespace }),
    ...(closed.has(name) ? { inbound: "none" } : {}),
    ...ways,
    ...(ingress && namesIngress(cluster, links, ways)
      ? { ingress: { ...(host === undefined ? {} : { host }), ...range, ...ingress.settings } }
      : {}),
  };
}
