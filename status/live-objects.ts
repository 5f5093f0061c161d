import { X509Certificate } from "node:crypto";
import type { CoreV1Api } from "@kubernetes/client-node";
import type { CertificateLocation } from "../kubernetes/certificates.ts";
import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { readObject } from "../kubernetes/read-object.ts";
import { readSecretKey, secretsApi } from "../kubernetes/secret-key.ts";
import { clusterManifests } from "../topology/objects/cluster-manifests.ts";
import {
  type ClusterObjectReference,
  type ObjectReference,
  objectKey,
  referenceOf,
} from "../topology/objects/object-reference.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { Observation, Seen } from "./report.ts";

/** Reads every declared object out of its cluster, and when each CA expires. */
export async function readLive(
  plan: Plan,
  kubeconfig: string | undefined,
): Promise<Pick<Observation, "live" | "caExpiry">> {
  const found = new Map<string, Seen>();
  const caExpiry = new Map<string, Date>();
  await Promise.all(
    [...plan.clusters.values()].map(async (cluster) => {
      const source = { kubeconfig: cluster.kubeconfig ?? kubeconfig, context: cluster.context };
      const objects = clusterManifests(plan, cluster.name);
      const { peers } = shareOf(plan, cluster.name);
      let secrets: CoreV1Api | undefined;
      const readCa = async (place: CertificateLocation) => {
        secrets ??= secretsApi(source);
        return readSecretKey(secrets, place, { wait: false });
      };
      await Promise.all([
        ...objects.map(async ({ manifest, role }) => {
          const ref = referenceOf(cluster.name, manifest, role);
          found.set(objectKey(ref), await look(source, ref));
        }),
        ...peers.map(async ({ name, namespace, caSecret }) => {
          const place = { namespace, secret: caSecret, key: plan.operator.caSecret.certificateKey };
          const pem = await readCa(place).catch(() => undefined);
          if (pem !== undefined) caExpiry.set(name, new Date(new X509Certificate(pem).validTo));
        }),
      ]);
    }),
  );
  const live = (ref: ClusterObjectReference): Seen => found.get(objectKey(ref)) ?? { object: undefined };
  return { live, caExpiry };
}

async function look(source: KubeconfigSource, reference: ObjectReference): Promise<Seen> {
  try {
    return { object: await readObject(source, reference) };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}
