import type { LiveExposure } from "./exposing-objects.ts";
import type { LeftOut } from "./left-out.ts";
import type { JoinedLink } from "./links.ts";
import type { ClusterContents, Forward } from "./live-objects.ts";

/** Ports of a controller that nobody dials, or that lead nowhere. */
export function deadPorts(entrances: readonly Forward[], links: readonly JoinedLink[]): LeftOut[] {
  return entrances
    .filter((entrance) => !isDialled(entrance, links))
    .map(({ cluster, port, namespace, service }) => ({
      cluster,
      object: `port ${port} of the ingress controller, to ${namespace}/${service}`,
      reason: "no replication of these clusters dials it",
      offer: "it stays open; close it if nobody else uses it",
    }));
}

/** Clusters in which an import had too few rights to see what exposes targets. */
export function unreadExposures(clusters: readonly ClusterContents[]): LeftOut[] {
  return clusters.flatMap(({ name, unread }) =>
    unread === undefined
      ? []
      : [
          {
            cluster: name,
            object: "Services and routes that expose targets",
            reason: unread,
            offer:
              "run it again with that right; until then the addresses that they give are written as somebody else's",
          },
        ],
  );
}

/** Objects that expose a side at a port that nobody dials. */
export function deadExposures(exposures: readonly LiveExposure[], links: readonly JoinedLink[]): LeftOut[] {
  return exposures
    .filter((exposure) => !isDialled(exposure, links))
    .map(({ cluster, object, namespace, service }) => ({
      cluster,
      object,
      reason: `it exposes ${namespace}/${service}, and no replication of these clusters dials it`,
      offer: "it stays as it is; delete it if nobody else uses it",
    }));
}

function isDialled({ cluster, port, service }: Forward | LiveExposure, links: readonly JoinedLink[]): boolean {
  return links.some(
    ({ target, address }) => target.cluster === cluster && target.service === service && address.endsWith(`:${port}`),
  );
}
