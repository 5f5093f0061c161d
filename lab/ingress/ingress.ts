/**
 * A stand-in of ingress-nginx, as far as TCP services go: it opens a port only if its Deployment's flag names the ConfigMap,
 * the ConfigMap has the port, and its Service opens it, too. It knows nothing of HTTP or of the PROXY protocol, so an entry
 * that asks for PROXY is refused.
 */
import { AppsV1Api, CoreV1Api, type V1Deployment, type V1Service } from "@kubernetes/client-node";
import type { LabCluster } from "../cluster.ts";
import { tellTooManyListeners } from "../exposure/listener-limit.ts";
import type { IngressRequest } from "../supervisor-messages.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export interface IngressOptions {
  readonly cluster: LabCluster;
  readonly controller: IngressRequest;
  /** The load balancer's address: loopback. */
  readonly address: string;
  readonly log: (line: string) => void;
}

const pollMs = 250;

/** Installs a controller's objects as its Helm chart does, and serves what they say until it is stopped. */
export async function startIngress(options: IngressOptions): Promise<{ stop(): Promise<void> }> {
  const core = options.cluster.kubeConfig.makeApiClient(CoreV1Api);
  const apps = options.cluster.kubeConfig.makeApiClient(AppsV1Api);
  await install(core, apps, options);
  const proxies = new Map<number, { proxy: TcpProxy; entry: string }>();
  const told = new Set<number>();
  let stopped = false;
  let complained = "";

  const reconcile = async () => {
    const wanted = await wantedPorts(core, apps, options.controller, told);
    for (const [port, { proxy, entry }] of proxies) {
      if (wanted.get(port) === entry) continue;
      proxies.delete(port);
      await proxy.close();
    }
    for (const [port, entry] of wanted) {
      if (proxies.has(port)) continue;
      const proxy = await TcpProxy.listen(options.address, port, { backend: () => backend(core, entry) });
      proxies.set(port, { proxy, entry });
    }
  };
  const loop = (async () => {
    while (!stopped) {
      await reconcile().catch((error: unknown) => {
        const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
        if (message !== complained) options.log(`ingress of ${options.cluster.name}: ${message}`);
        complained = message ?? "";
      });
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  })();
  const stop = async () => {
    stopped = true;
    await loop;
    await Promise.all([...proxies.values()].map(({ proxy }) => proxy.close()));
  };
  return { stop };
}

/**
 * Port -> `<namespace>/<service>:<port>` of the ConfigMap, as far as flag, Service and load balancer allow.
 * @param told numbers of ports of which an event has said that they are too many
 */
async function wantedPorts(
  core: CoreV1Api,
  apps: AppsV1Api,
  controller: IngressRequest,
  told: Set<number>,
): Promise<Map<number, string>> {
  const { namespace } = controller;
  const deployment = await apps.readNamespacedDeployment({ namespace, name: controller.deployment });
  const container = deployment.spec?.template.spec?.containers.find(({ name }) => name === controller.container);
  const flag = container?.args?.find((argument) => argument.startsWith("--tcp-services-configmap="));
  // Without its own first argument the real controller would not start at all.
  if (flag === undefined || !container?.args?.includes("/nginx-ingress-controller")) return new Map();
  const [mapNamespace = "", mapName = ""] = flag.slice("--tcp-services-configmap=".length).split("/");
  const [map, service] = await Promise.all([
    core.readNamespacedConfigMap({ namespace: mapNamespace, name: mapName }).catch(() => undefined),
    core.readNamespacedService({ namespace, name: controller.service }),
  ]);
  const ports = service.spec?.ports ?? [];
  const limit = controller.listenerLimit ?? ports.length;
  if (ports.length > limit && !told.has(ports.length)) {
    told.add(ports.length);
    const { uid = "" } = service.metadata ?? {};
    await tellTooManyListeners(core, { namespace, name: controller.service, uid }, ports.length, limit);
  }
  const open = new Set(ports.slice(0, limit).map(({ port }) => port));
  const entries = Object.entries(map?.data ?? {}).map(([port, entry]): [number, string] => [Number(port), entry]);
  return new Map(entries.filter(([port, entry]) => open.has(port) && !entry.includes("PROXY")));
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
  const deployment: V1Deployment = {
    metadata: { name: controller.deployment, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: controller.container,
              image: "registry.k8s.io/ingress-nginx/controller:v1.12.1",
              args: [
                "/nginx-ingress-controller",
                `--publish-service=$(POD_NAMESPACE)/${controller.service}`,
                "--ingress-class=nginx",
                ...(controller.flag ? [`--tcp-services-configmap=${namespace}/${controller.configMap}`] : []),
              ],
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
  await apps.createNamespacedDeployment({ namespace, body: deployment });
  await core.createNamespacedService({ namespace, body: service });
  await core.patchNamespacedServiceStatus({
    namespace,
    name: controller.service,
    body: [{ op: "add", path: "/status/loadBalancer", value: { ingress: [{ ip: address }] } }],
  });
}
