/**
 * A stand-in of ingress-nginx, as far as TCP services go: it opens a port only if its Deployment's or DaemonSet's flag names the ConfigMap,
 * the ConfigMap has the port, and its Service opens it, too. When an entry comes, goes or leads elsewhere it reloads: ports are opened and
 * closed at once, and every stream from before, of whatever port, is cut after `worker-shutdown-timeout`. It knows nothing of HTTP or of the
 * PROXY protocol, so an entry that asks for PROXY is refused.
 */
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  type V1DaemonSet,
  type V1Deployment,
  type V1Service,
} from "@kubernetes/client-node";
import { tcpServicesRead } from "../../topology/objects/controller-arguments.ts";
import { tcpServicesPlace } from "../../topology/objects/exposure-manifests.ts";
import type { LabCluster } from "../cluster.ts";
import { tellTooManyListeners } from "../exposure/listener-limit.ts";
import { ObjectCache } from "../operator/object-cache.ts";
import { ReconcileLoop } from "../reconcile-loop.ts";
import type { IngressRequest } from "../supervisor-messages.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export interface IngressOptions {
  readonly cluster: LabCluster;
  readonly controller: IngressRequest;
  /** The load balancer's address: loopback. */
  readonly address: string;
  readonly log: (line: string) => void;
}

/** Changes that come within this time are one reload, as ingress-nginx limits the rate of its own. */
const settleMs = 250;
/** ingress-nginx's is 240 s by default, for which nobody waits here. */
const workerShutdownTimeoutMs = 2000;

/** Installs a controller's objects as its Helm chart does, and serves what they say until it is stopped. */
export async function startIngress(options: IngressOptions): Promise<{ stop(): Promise<void> }> {
  const core = options.cluster.kubeConfig.makeApiClient(CoreV1Api);
  const apps = options.cluster.kubeConfig.makeApiClient(AppsV1Api);
  await install(core, apps, options);
  const proxies = new Map<number, { proxy: TcpProxy; entry: string }>();
  /** The proxies of workers that are ending. */
  const retired = new Set<TcpProxy>();
  const timers = new Set<NodeJS.Timeout>();
  let running: string | undefined;
  const told = new Set<number>();

  /** The workers from before end, with the streams that they have. */
  const reload = () => {
    const old = [...proxies.values()].map(({ proxy }) => proxy);
    const streams = [...old, ...retired].flatMap((proxy) => proxy.connected());
    const timer = setTimeout(() => {
      timers.delete(timer);
      for (const stream of streams) stream.destroy();
    }, workerShutdownTimeoutMs);
    timers.add(timer);
  };

  const reconcile = async () => {
    const { wanted, configured } = await wantedPorts(core, apps, options.controller, told);
    if (running !== undefined && running !== configured) reload();
    running = configured;
    for (const [port, { proxy, entry }] of proxies) {
      if (wanted.get(port) === entry) continue;
      proxies.delete(port);
      retired.add(proxy);
      proxy.stopListening();
    }
    for (const [port, entry] of wanted) {
      if (proxies.has(port)) continue;
      const proxy = await TcpProxy.listen(options.address, port, { backend: () => backend(core, entry) });
      proxies.set(port, { proxy, entry });
    }
  };
  const loop = new ReconcileLoop(
    reconcile,
    (line) => options.log(`ingress of ${options.cluster.name}: ${line}`),
    settleMs,
  );
  const watched = watchedObjects(options, loop.changed);
  await Promise.all(watched.map((each) => each.start()));
  loop.start();
  const stop = async () => {
    await loop.stop();
    await Promise.all(watched.map((each) => each.stop()));
    for (const timer of timers) clearTimeout(timer);
    await Promise.all([...[...proxies.values()].map(({ proxy }) => proxy), ...retired].map((proxy) => proxy.close()));
  };
  return { stop };
}

/** All that decides which ports are open: the controller's own objects, and the ConfigMap wherever its flag says that it is. */
function watchedObjects({ cluster, controller }: IngressOptions, onChange: () => void): ObjectCache[] {
  const objects = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const { namespace, kind: workload } = controller;
  const watch = (apiVersion: string, kind: string, path: string, within?: string) =>
    new ObjectCache(cluster.kubeConfig, path, () => objects.list(apiVersion, kind, within), onChange);
  return [
    watch("apps/v1", workload, `/apis/apps/v1/namespaces/${namespace}/${workload.toLowerCase()}s`, namespace),
    watch("v1", "Service", `/api/v1/namespaces/${namespace}/services`, namespace),
    watch("v1", "ConfigMap", "/api/v1/configmaps"),
  ];
}

interface Wanted {
  /** Port -> `<namespace>/<service>:<port>` of the ConfigMap, as far as flag, Service and load balancer allow. */
  readonly wanted: Map<number, string>;
  /** The configuration of nginx: all entries, whether a Service opens their ports or not. */
  readonly configured: string;
}

/** @param told numbers of ports of which an event has said that they are too many */
async function wantedPorts(
  core: CoreV1Api,
  apps: AppsV1Api,
  controller: IngressRequest,
  told: Set<number>,
): Promise<Wanted> {
  const { namespace, deployment: name, hostPorts } = controller;
  const workload =
    controller.kind === "DaemonSet"
      ? await apps.readNamespacedDaemonSet({ namespace, name })
      : await apps.readNamespacedDeployment({ namespace, name });
  const container = workload.spec?.template.spec?.containers.find((each) => each.name === controller.container);
  const args = container?.args ?? [];
  const place = tcpServicesRead({ arguments: args, environment: [["POD_NAMESPACE", namespace]] });
  // Without its own first argument the real controller would not start at all.
  if (place === undefined || !args.includes("/nginx-ingress-controller")) return { wanted: new Map(), configured: "" };
  const [mapNamespace = "", mapName = ""] = place.split("/");
  const [map, service] = await Promise.all([
    core.readNamespacedConfigMap({ namespace: mapNamespace, name: mapName }).catch((error: unknown) => {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    }),
    hostPorts ? undefined : core.readNamespacedService({ namespace, name: controller.service }),
  ]);
  const ports = service?.spec?.ports ?? [];
  const limit = controller.listenerLimit ?? ports.length;
  if (ports.length > limit && !told.has(ports.length)) {
    told.add(ports.length);
    const { uid = "" } = service?.metadata ?? {};
    await tellTooManyListeners(core, { namespace, name: controller.service, uid }, ports.length, limit);
  }
  const open = new Set(ports.slice(0, limit).map(({ port }) => port));
  const entries = Object.entries(map?.data ?? {})
    .map(([port, entry]): [number, string] => [Number(port), entry])
    .sort(([one], [other]) => one - other);
  const served = entries.filter(([port, entry]) => (hostPorts || open.has(port)) && !entry.includes("PROXY"));
  return { wanted: new Map(served), configured: JSON.stringify(entries) };
}

async function backend(core: CoreV1Api, entry: string): Promise<{ host: string; port: number } | undefined> {
  const [, namespace = "", name = "", port = ""] = /^([^/]+)\/([^:]+):(\d+)$/.exec(entry) ?? [];
  if (name === "") return undefined;
  const service = await core.readNamespacedService({ namespace, name }).catch(() => undefined);
  const host = service?.spec?.clusterIP;
  return host === undefined || host === "None" ? undefined : { host, port: Number(port) };
}

async function install(core: CoreV1Api, apps: AppsV1Api, { controller, address }: IngressOptions): Promise<void> {
  const { namespace } = controller;
  const labels = { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/instance": controller.service };
  const workload: V1Deployment & V1DaemonSet = {
    metadata: { name: controller.deployment, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...(controller.hostPorts ? { hostNetwork: true } : {}),
          containers: [
            {
              name: controller.container,
              image: "registry.k8s.io/ingress-nginx/controller:v1.12.1",
              args: [
                "/nginx-ingress-controller",
                `--publish-service=$(POD_NAMESPACE)/${controller.service}`,
                "--ingress-class=nginx",
                ...(controller.flag ? [chartFlag(controller)] : []),
              ],
              env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
            },
          ],
        },
      },
    },
  };
  const service: V1Service = {
    metadata: { name: controller.service, namespace, labels },
    spec: {
      type: "LoadBalancer",
      selector: labels,
      ports: [
        { name: "http", port: 80, targetPort: "http" },
        { name: "https", port: 443, targetPort: "https" },
      ],
    },
  };
  if (controller.kind === "DaemonSet") await apps.createNamespacedDaemonSet({ namespace, body: workload });
  else await apps.createNamespacedDeployment({ namespace, body: workload });
  if (controller.hostPorts) return;
  await core.createNamespacedService({ namespace, body: service });
  await core.patchNamespacedServiceStatus({
    namespace,
    name: controller.service,
    body: [{ op: "add", path: "/status/loadBalancer", value: { ingress: [{ ip: address }] } }],
  });
}

/** As the chart writes it, with the namespace as a variable where it is the controller's own. */
function chartFlag(controller: IngressRequest): string {
  const { namespace, name } = tcpServicesPlace(controller);
  return `--tcp-services-configmap=${namespace === controller.namespace ? "$(POD_NAMESPACE)" : namespace}/${name}`;
}
