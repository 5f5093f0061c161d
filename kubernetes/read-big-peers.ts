import { CustomObjectsApi } from "@kubernetes/client-node";
import { z } from "zod";
import type { OperatorContract } from "../topology/operator/contract.ts";
import { resourceOf } from "../topology/plan/names.ts";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { unreadable } from "./unreadable.ts";

/** The operator's objects of one cluster, as plain data. */
export interface OperatorObjects {
  readonly bigPeers: readonly unknown[];
  readonly apps: readonly unknown[];
  readonly replications: readonly unknown[];
}

const list = z.object({ items: z.array(z.unknown()) });

/** Lists the Big Peers of a cluster, their apps and their sides of replications.
 * @param namespace only of this one; undefined: of all
 * @throws UnreadableError if the cluster cannot be reached or refuses */
export async function readBigPeers(
  source: KubeconfigSource,
  { group, version, kinds }: Pick<OperatorContract, "group" | "version" | "kinds">,
  namespace: string | undefined,
): Promise<OperatorObjects> {
  const listed = async (kind: string): Promise<unknown[]> => {
    const plural = resourceOf(kind);
    try {
      // A kubeconfig that cannot be used fails here.
      const api = new CustomObjectsApi(limitedRequests(source));
      const answer: unknown =
        namespace === undefined
          ? await api.listClusterCustomObject({ group, version, plural })
          : await api.listNamespacedCustomObject({ group, version, plural, namespace });
      return list.parse(answer).items;
    } catch (error) {
      throw unreadable(`the ${kind} objects`, error, source, `list ${plural}.${group}`);
    }
  };
  const [bigPeers, apps, replications] = await Promise.all([
    listed(kinds.bigPeer),
    listed(kinds.app),
    listed(kinds.replication),
  ]);
  return { bigPeers, apps, replications };
}
