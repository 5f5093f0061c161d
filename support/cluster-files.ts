import { reachCluster } from "../kubernetes/cluster-reach.ts";
import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { readBigPeers } from "../kubernetes/read-big-peers.ts";
import { readDefinitions } from "../kubernetes/read-definitions.ts";
import { readEvents } from "../kubernetes/read-events.ts";
import { readObject } from "../kubernetes/read-object.ts";
import { readPods } from "../kubernetes/read-pods.ts";
import { clusterManifests } from "../topology/objects/cluster-manifests.ts";
import { apiVersionOf } from "../topology/objects/manifests.ts";
import { objectKey, referenceOf } from "../topology/objects/object-reference.ts";
import type { Plan, PlannedCluster } from "../topology/plan/plan.ts";
import { fieldAt } from "../topology/value-at.ts";
import { type BundleFile, type Collected, joined, pathPart, sentenceOf } from "./bundle.ts";
import { type LogLimits, workloadLogs, workloadsOf } from "./pod-logs.ts";

/**
 * What one cluster says about itself and about the topology's objects in it. Secrets are never read. What cannot be read is listed, and
 * the rest is collected all the same.
 */
export async function clusterFiles(
  plan: Plan,
  cluster: PlannedCluster,
  kubeconfig: string | undefined,
  limits: LogLimits,
): Promise<Collected> {
  const { name, context } = cluster;
  const source = { cluster: name, context, kubeconfig: cluster.kubeconfig ?? kubeconfig };
  const reach = await reachCluster(source).catch((error: unknown) => ({
    answers: false as const,
    reason: sentenceOf(error),
  }));
  if (!reach.answers) {
    const reason = `nothing of this cluster was read, since it cannot be reached: ${reach.reason}`;
    return { files: [], missing: [{ cluster: name, reason }] };
  }
  const folder = `clusters/${pathPart(name)}`;
  const namespaces = [
    ...new Set([...plan.peers.values()].flatMap((peer) => (peer.cluster === name ? [peer.namespace] : []))),
  ];
  return joined(
    await Promise.all([
      readable(name, async () => {
        const { version, definitions } = await readDefinitions(source);
        const ours = definitions.filter(({ group }) => group === plan.operator.group);
        const content = { kubernetes: version, identity: reach.identity, definitions: ours };
        const about = "version, identity, and the operator's definitions";
        // A definition names fields that hold secrets, and holds none.
        return [{ path: `${folder}/cluster.yaml`, content: plain(content), clean: true, about }];
      }),
      ownKinds(plan, source, folder, namespaces),
      declaredObjects(plan, source, folder),
      ...namespaces.map((namespace) => namespaceFiles(plan, source, folder, namespace)),
      ...workloadsOf(plan, cluster).map((workload) => workloadLogs(source, folder, workload, limits)),
    ]),
  );
}

/** Files, or why they could not be had. */
async function readable(cluster: string, read: () => Promise<readonly BundleFile[]>): Promise<Collected> {
  try {
    return { files: await read(), missing: [] };
  } catch (error) {
    return { files: [], missing: [{ cluster, reason: sentenceOf(error) }] };
  }
}

/** Every Big Peer, app and side of a replication, declared or not: of the whole cluster, or of the topology's namespaces where only these may be listed. */
async function ownKinds(
  plan: Plan,
  source: KubeconfigSource & { readonly cluster: string },
  folder: string,
  namespaces: readonly string[],
): Promise<Collected> {
  const { operator } = plan;
  const listed = async (namespace: string | undefined) => {
    const { bigPeers, apps, replications } = await readBigPeers(source, operator, namespace);
    const kinds = [
      [operator.kinds.bigPeer, bigPeers],
      [operator.kinds.app, apps],
      [operator.kinds.replication, replications],
    ] as const;
    return kinds.flatMap(([kind, objects]) =>
      objects.map((object) => objectFile(folder, apiVersionOf(operator), kind, object)),
    );
  };
  const all = await readable(source.cluster, () => listed(undefined));
  if (all.missing.length === 0) return all;
  return joined(await Promise.all(namespaces.map((namespace) => readable(source.cluster, () => listed(namespace)))));
}

/** What exposes targets: Services, routes, the controller's ConfigMap. */
async function declaredObjects(
  plan: Plan,
  source: KubeconfigSource & { readonly cluster: string },
  folder: string,
): Promise<Collected> {
  const refs = clusterManifests(plan, source.cluster)
    .filter(({ manifest: { kind }, way }) => way !== undefined && kind !== "Secret")
    .map(({ manifest, role }) => referenceOf(source.cluster, manifest, role));
  const once = [...new Map(refs.map((ref) => [objectKey({ ...ref, role: "object" }), ref])).values()];
  return joined(
    await Promise.all(
      once.map(({ apiVersion, kind, namespace, name }) =>
        readable(source.cluster, async () => {
          const object = await readObject(source, { apiVersion, kind, namespace, name });
          if (object === undefined) throw new Error(`${kind} ${namespace}/${name} is declared, but does not exist`);
          return [objectFile(folder, apiVersion, kind, object)];
        }),
      ),
    ),
  );
}

async function namespaceFiles(
  { operator }: Plan,
  source: KubeconfigSource & { readonly cluster: string },
  folder: string,
  namespace: string,
): Promise<Collected> {
  const place = `${folder}/${pathPart(namespace)}`;
  return joined([
    await readable(source.cluster, async () => [
      { path: `${place}/events.yaml`, content: plain(await readEvents(source, namespace)), about: "events" },
    ]),
    await readable(source.cluster, async () => {
      const pods = await readPods(source, namespace, operator.labels.bigPeer);
      const told = pods.map(({ metadata, status }) => ({ name: metadata?.name, labels: metadata?.labels, status }));
      return [{ path: `${place}/pods.yaml`, content: plain(told), about: "pods of Big Peers, with their states" }];
    }),
  ]);
}

function objectFile(folder: string, apiVersion: string, kind: string, object: unknown): BundleFile {
  const [namespace, name] = ["metadata.namespace", "metadata.name"].map((path) => String(fieldAt(object, path) ?? ""));
  // A list leaves these out of its items.
  const content = { apiVersion, kind, ...Object(plain(object)) };
  const path = `${folder}/objects/${pathPart(namespace ?? "")}/${pathPart(kind)}-${pathPart(name ?? "")}.yaml`;
  return { path, content, about: "objects with their conditions, as they are in the cluster" };
}

/** Data without the classes and dates of the Kubernetes client. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
