import { exposedNow } from "../../program/exposed-now.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { WaysTo } from "../../trust/observed-trust.ts";
import type { WaysToPeer } from "../../trust/shown-by-peer.ts";
import { throughApiServer } from "../../trust/ways-within-cluster.ts";

/** How a command looks at what peers show: where they are exposed, else in their clusters. */
export async function waysToPeers(
  plan: Plan,
  options: {
    readonly kubeconfig: string | undefined;
    /** The way into a cluster's network. Default: through the API server. */
    readonly within?: ((cluster: string) => WaysToPeer["within"]) | undefined;
  },
): Promise<WaysTo> {
  const sources = new Map(
    [...plan.clusters.values()].map(({ name, context, kubeconfig }) => [
      name,
      { cluster: name, context, kubeconfig: kubeconfig ?? options.kubeconfig },
    ]),
  );
  const addresses = await exposedNow(plan, [...sources.values()]);
  return ({ cluster }) => ({
    exposed: (id) => addresses.get(id),
    within: options.within ? options.within(cluster) : throughApiServer(async () => sources.get(cluster) ?? {}),
  });
}
