import { isDeepStrictEqual } from "node:util";
import { exposedObjectName } from "../plan/names.ts";
import type { LiveExposure } from "./exposing-objects.ts";
import type { LeftOut } from "./left-out.ts";
import { baseName, hostOf, type JoinedLink } from "./links.ts";

/** The ways of a cluster's targets other than ingress-nginx, as the topology writes them. */
export interface ImportedWays {
  /** The keys of each cluster's entry, by cluster. */
  readonly clusters: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** By peer: `exposure`, where it has another way than its cluster's default. */
  readonly peers: ReadonlyMap<string, string>;
  /** Links that a way of the topology explains; the others by a way keep the address that is dialled. */
  readonly explained: ReadonlySet<JoinedLink>;
  readonly leftOut: readonly LeftOut[];
}

interface Used {
  readonly link: JoinedLink;
  readonly exposure: LiveExposure;
  /** `default`, or the name in `exposures`; undefined: not the name that the topology gives such an object. */
  readonly way: string | undefined;
}

const defaultPorts = { gateway: [4040, 5039], transportServer: [4040, 5039], nodePort: [30000, 32767] } as const;

/**
 * Ways of the objects that have the names that the topology gives them. What has another name stays as it is: a Service under a new name
 * would get a new load balancer with another address, so its address is written as one that somebody else provides.
 */
export function importWays(links: readonly JoinedLink[]): ImportedWays {
  const used = links.flatMap((link): Used[] => {
    const { exposure, target } = link;
    if (!exposure) return [];
    const named = (way?: string) => exposedObjectName(baseName(target), target.peer, way);
    const own = `${named("")}`;
    const suffix = exposure.name.startsWith(own) ? exposure.name.slice(own.length) : "";
    return [{ link, exposure, way: suffix === "" ? undefined : exposure.name === named() ? "default" : suffix }];
  });
  const clusters = new Map<string, Readonly<Record<string, unknown>>>();
  const peers = new Map<string, string>();
  const explained = new Set<JoinedLink>();
  for (const [cluster, all] of Map.groupBy(used, ({ exposure }) => exposure.cluster)) {
    const entries: Record<string, Readonly<Record<string, unknown>>> = {};
    // A controller of ingress-nginx that others dial is the cluster's default already.
    const taken = links.some(({ target, by, exposure }) => by === "forward" && !exposure && target.cluster === cluster);
    for (const [way, group] of Map.groupBy(all, (each) => each.way)) {
      if (way === undefined || (way === "default" && taken)) continue;
      const [first] = group;
      if (!first) continue;
      const alike = group.filter((each) => isAlike(first, each));
      const fitting = alike.filter(({ link }) => (peers.get(link.target.peer) ?? way) === way);
      entries[way] = { [first.exposure.kind]: settingsOf(fitting) };
      for (const { link } of fitting) {
        explained.add(link);
        peers.set(link.target.peer, way);
      }
    }
    const { default: own, ...others } = entries;
    clusters.set(cluster, {
      ...(own ? { exposure: own } : {}),
      ...(Object.keys(others).length > 0 ? { exposures: others } : {}),
    });
  }
  const named = [...peers].filter(([, way]) => way !== "default");
  const leftOut = used
    .filter(({ link }) => !explained.has(link))
    .map(({ link: { target, address }, exposure }) => ({
      cluster: exposure.cluster,
      object: exposure.object,
      reason: `it exposes ${target.namespace}/${target.name} in a way or under a name that the topology would not give it, so the topology treats ${address} as one that somebody else provides`,
      offer: `nothing to do while it stays; to have it declared, add a second way in \`exposures\` and follow docs/exposure.md to move to it without a gap`,
    }));
  return { clusters, peers: new Map(named), explained, leftOut };
}

function isAlike(one: Used, other: Used): boolean {
  return (
    one.exposure.kind === other.exposure.kind &&
    isDeepStrictEqual(one.exposure.settings, other.exposure.settings) &&
    givenHost(one) === givenHost(other)
  );
}

/** The host that the file has to say: the cluster does not know it. */
function givenHost({ link, exposure }: Used): string | undefined {
  const host = hostOf(link.address);
  return host === exposure.host ? undefined : host;
}

function settingsOf(group: readonly Used[]): Readonly<Record<string, unknown>> {
  const [first] = group;
  if (!first) return {};
  const host = givenHost(first);
  const ports = group.map(({ exposure }) => exposure.port);
  const { kind } = first.exposure;
  const [low, high] = kind === "loadBalancer" ? [0, 65535] : defaultPorts[kind];
  const wide = [Math.min(low, ...ports), Math.max(high, ...ports)] as const;
  const range = wide[0] < low || wide[1] > high ? { ports: `${wide[0]}-${wide[1]}` } : {};
  return { ...first.exposure.settings, ...(host === undefined ? {} : { host }), ...range };
}
