import { X509Certificate } from "node:crypto";
import { type CoreV1Api, KubernetesObjectApi } from "@kubernetes/client-node";
import type { CertificateLocation } from "../components/certificate-reader.ts";
import { loadKubeConfig, readSecretKey, secretsApi } from "../components/secret-key.ts";
import { clusterManifests } from "../topology/objects/cluster-manifests.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { ObjectRef, Observation, Seen } from "./report.ts";

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
      const read = reader(source);
      let secrets: CoreV1Api | undefined;
      const readCa = async (place: CertificateLocation) => {
        secrets ??= secretsApi(source);
        return readSecretKey(secrets, place, { wait: false });
      };
      await Promise.all([
        ...objects.map(async ({ manifest: { apiVersion, kind, metadata } }) => {
          const ref = { apiVersion, kind, namespace: String(metadata.namespace), name: String(metadata.name) };
          found.set(keyOf({ cluster: cluster.name, ...ref }), await read(ref));
        }),
        ...peers.map(async ({ name, namespace, caSecret }) => {
          const place = { namespace, secret: caSecret, key: plan.operator.caSecret.certificateKey };
          const pem = await readCa(place).catch(() => undefined);
          if (pem !== undefined) caExpiry.set(name, new Date(new X509Certificate(pem).validTo));
        }),
      ]);
    }),
  );
  const live = (ref: ObjectRef): Seen => found.get(keyOf(ref)) ?? { object: undefined };
  return { live, caExpiry };
}

function reader(source: { kubeconfig: string | undefined; context: string }) {
  let api: KubernetesObjectApi | undefined;
  return async ({ apiVersion, kind, namespace, name }: Omit<ObjectRef, "cluster" | "role">): Promise<Seen> => {
    try {
      api ??= KubernetesObjectApi.makeApiClient(loadKubeConfig(source));
      const object: unknown = await api.read({ apiVersion, kind, metadata: { namespace, name } });
      return { object };
    } catch (error) {
      const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
      if (code === 404) return { object: undefined };
      const reason = typeof code === "number" ? `HTTP ${code}` : error instanceof Error ? error.message : String(error);
      return { unknown: `${kind} ${namespace}/${name} cannot be read: ${reason}` };
    }
  };
}

function keyOf({ cluster, apiVersion, kind, namespace, name }: Omit<ObjectRef, "role">): string {
  return [cluster, apiVersion, kind, namespace, name].join("/");
}
