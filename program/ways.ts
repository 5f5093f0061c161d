import type { ProviderResource } from "@pulumi/pulumi";
import type { TopologyTransforms } from "../components/topology-transforms.ts";
import { type Finding, TopologyError } from "../topology/findings/finding.ts";
import { kubectlAt } from "../topology/objects/kubectl.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { type PlannedWay, shareOf } from "../topology/plan/share.ts";
import { lookAtGateway } from "./gateway-exposures.ts";
import { unreadController } from "./live-controllers.ts";
import type { ReadObject } from "./read-controller.ts";
import type { FormerNames } from "./renamed-clusters.ts";
import { addressesOf, type SeenWay } from "./seen-way.ts";
import { lookAtServices } from "./service-exposures.ts";
import type { Pending } from "./stack-exports.ts";
import { lookAtTransportController } from "./transport-exposures.ts";

/**
 * Reads every way of the owned clusters that has something to expose, except ingress-nginx, before anything is written.
 * @param file the topology, as a command names it
 * @throws TopologyError if a way cannot be read, or would cut somebody else off
 */
export async function ownedWays(
  plan: Plan,
  owned: ReadonlySet<string>,
  readers: ReadonlyMap<string, ReadObject>,
  file?: string,
): Promise<SeenWay[]> {
  const ways = [...owned].flatMap((cluster) => {
    const read = readers.get(cluster);
    return read ? shareOf(plan, cluster).ways.map((way) => ({ cluster, way, read })) : [];
  });
  const looks = await Promise.allSettled(
    ways.map(({ cluster, way, read }) => lookAtWay(plan, cluster, way, read, file)),
  );
  const unseen = looks.flatMap((look, index): Finding[] =>
    look.status === "rejected"
      ? [unreadController(ways[index]?.cluster ?? "", look.reason, "what exposes its targets")]
      : [],
  );
  const seen = looks.flatMap((look) => (look.status === "fulfilled" && look.value ? [look.value] : []));
  const refused = [...unseen, ...seen.flatMap((each) => each.refused)];
  if (refused.length > 0) throw new TopologyError(refused);
  return seen;
}

/** Reads one way; undefined for ingress-nginx, which has a reader of its own. */
export async function lookAtWay(
  plan: Plan,
  cluster: string,
  { name, way, exposures }: PlannedWay,
  read: ReadObject,
  file?: string,
): Promise<SeenWay | undefined> {
  const kubectl = kubectlAt(plan.clusters.get(cluster)?.context);
  switch (way.kind) {
    case "ingressNginx":
      return undefined;
    case "address":
      return elsewhere(cluster, exposures);
    case "loadBalancer":
    case "nodePort":
      return lookAtServices(plan, cluster, { way, exposures, file }, read);
    case "gateway":
      return lookAtGateway(cluster, { name, way, kubectl }, exposures, read);
    case "transportServer":
      return lookAtTransportController(cluster, { name, way, kubectl, file }, exposures, read);
  }
}

/** Nothing has to be made, and the file gives every address. */
function elsewhere(cluster: string, exposures: PlannedWay["exposures"]): SeenWay {
  const nobody = () => ({ reason: "the file does not give its host", next: "write it" });
  const { addresses, pending } = addressesOf(exposures, () => undefined, nobody);
  return { cluster, addresses, pending, refused: [], notes: [], makes: [], declare: () => undefined };
}

/** Makes the objects that expose the targets. What a cluster lacks for that is pending. */
export function exposeWays(
  seen: readonly SeenWay[],
  providers: ReadonlyMap<string, ProviderResource>,
  former: FormerNames,
  transform?: TopologyTransforms,
): {
  addresses: ReadonlyMap<string, string>;
  pending: Pending[];
  /** By cluster: what was made, as `<namespace>/<name>`. */
  made: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const made = new Map<string, Set<string>>();
  for (const { cluster, declare, makes } of seen) {
    const provider = providers.get(cluster);
    if (!provider) continue;
    declare({ ...former.options(cluster), providers: [provider] }, transform);
    made.set(cluster, new Set([...(made.get(cluster) ?? []), ...makes]));
  }
  return {
    addresses: new Map(seen.flatMap(({ addresses }) => [...addresses])),
    pending: seen.flatMap(({ pending }) => pending),
    made,
  };
}
