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
import { observeTrust, type Read, type WaysTo } from "../trust/observed-trust.ts";
import type { Observation, Seen } from "./status-row.ts";

/** Reads every declared object out of its cluster, when each CA expires, and who trusts which.
 * @param ways how to look at what peers show; default: nobody looks */
export async function readLive(
  plan: Plan,
  kubeconfig: string | undefined,
  ways: WaysTo = () => undefined,
): Promise<Pick<Observation, "live" | "caExpiry" | "trust">> {
  const read = eachOnce();
  const trusting = observeTrust(plan, kubeconfig, ways, read);
  const live = await readObjects(plan, kubeconfig, read);
  const trust = await trusting;
  const expiry = [...plan.peers.keys()].flatMap((peer) => {
    const authority = trust.authority(peer);
    const [ca] = certificatesIn(("value" in authority && authority.value) || "");
    return ca ? [[peer, ca.validTo] as const] : [];
  });
  return { live, caExpiry: new Map(expiry), trust };
}

/** Reads every declared object out of its cluster. */
export async function readObjects(
  plan: Plan,
  kubeconfig: string | undefined,
  read: Read = eachOnce(),
): Promise<NonNullable<Observation["live"]>> {
  const found = new Map<string, Seen>();
  await Promise.all(
    [...plan.clusters.values()].map(async (cluster) => {
      const source = {
        cluster: cluster.name,
        kubeconfig: cluster.kubeconfig ?? kubeconfig,
        context: cluster.context,
      };
      await Promise.all(
        clusterManifests(plan, cluster.name).map(async ({ manifest, role }) => {
          const ref = referenceOf(cluster.name, manifest, role);
          found.set(objectKey(ref), await look(read, source, ref));
        }),
      );
    }),
  );
  return (ref: ClusterObjectReference): Seen => found.get(objectKey(ref)) ?? { object: undefined };
}

/** BigPeers and trust Secrets are declared objects, and what trust is judged by. */
function eachOnce(): Read {
  const reads = new Map<string, Promise<unknown>>();
  return (source, { apiVersion, kind, namespace, name }) => {
    const key = JSON.stringify([source.kubeconfig, source.context, apiVersion, kind, namespace, name]);
    const reading = reads.get(key) ?? readObject(source, { apiVersion, kind, namespace, name });
    reads.set(key, reading);
    return reading;
  };
}

async function look(read: Read, source: KubeconfigSource, reference: ObjectReference): Promise<Seen> {
  try {
    return { object: await read(source, reference) };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}
