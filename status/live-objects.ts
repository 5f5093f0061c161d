import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { readObject } from "../kubernetes/read-object.ts";
import { clusterManifests } from "../topology/objects/cluster-manifests.ts";
import {
  type ClusterObjectReference,
  type ObjectReference,
  objectKey,
  referenceOf,
} from "../topology/objects/object-reference.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { certificatesIn } from "../trust/certificates.ts";
import { observeTrust, type WaysTo } from "../trust/observed-trust.ts";
import type { Observation, Seen } from "./report.ts";

/** Reads every declared object out of its cluster, when each CA expires, and who trusts which.
 * @param ways how to look at what peers show; default: nobody looks */
export async function readLive(
  plan: Plan,
  kubeconfig: string | undefined,
  ways: WaysTo = () => undefined,
): Promise<Pick<Observation, "live" | "caExpiry" | "trust">> {
  const found = new Map<string, Seen>();
  const trusting = observeTrust(plan, kubeconfig, ways);
  await Promise.all(
    [...plan.clusters.values()].map(async (cluster) => {
      const source = { kubeconfig: cluster.kubeconfig ?? kubeconfig, context: cluster.context };
      await Promise.all(
        clusterManifests(plan, cluster.name).map(async ({ manifest, role }) => {
          const ref = referenceOf(cluster.name, manifest, role);
          found.set(objectKey(ref), await look(source, ref));
        }),
      );
    }),
  );
  const live = (ref: ClusterObjectReference): Seen => found.get(objectKey(ref)) ?? { object: undefined };
  const trust = await trusting;
  const expiry = [...plan.peers.keys()].flatMap((peer) => {
    const authority = trust.authority(peer);
    const [ca] = certificatesIn(("value" in authority && authority.value) || "");
    return ca ? [[peer, ca.validTo] as const] : [];
  });
  return { live, caExpiry: new Map(expiry), trust };
}

async function look(source: KubeconfigSource, reference: ObjectReference): Promise<Seen> {
  try {
    return { object: await readObject(source, reference) };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}
