import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { AppsV1Api, CoreV1Api, type KubeConfig, PortForward, type V1Pod } from "@kubernetes/client-node";
import type { Endpoint, Reach, ServiceRef } from "./endpoint.ts";

/** Through the API server, as `kubectl port-forward` does: needs nothing but the kubeconfig. */
export function portForwardReach(config: KubeConfig): Reach {
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  return {
    async service({ namespace, name, port }) {
      const service = await core.readNamespacedService({ namespace, name });
      const found = service.spec?.ports?.find((each) => each.port === port)?.targetPort;
      const targetPort = typeof found === "number" ? found : port;
      return forward(
        config,
        await runningPod(core, namespace, service.spec?.selector, `Service ${namespace}/${name}`),
        targetPort,
      );
    },
    async deployment({ namespace, name, port }: ServiceRef) {
      const deployment = await apps.readNamespacedDeployment({ namespace, name });
      const selector = deployment.spec?.selector.matchLabels;
      return forward(config, await runningPod(core, namespace, selector, `Deployment ${namespace}/${name}`), port);
    },
  };
}

async function runningPod(
  core: CoreV1Api,
  namespace: string,
  selector: Record<string, string> | undefined,
  owner: string,
): Promise<V1Pod> {
  const labelSelector = Object.entries(selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  if (labelSelector === "")
    throw new Error(`${owner} selects no pods, so nothing can be forwarded to; use --reach cluster-ip or give the URL`);
  const pods = (await core.listNamespacedPod({ namespace, labelSelector })).items;
  const running = pods.find((pod) => pod.status?.phase === "Running");
  if (!running)
    throw new Error(
      `${owner} has no running pod (${pods.length} in all); look at them with kubectl -n ${namespace} get pods -l ${labelSelector}`,
    );
  return running;
}

async function forward(config: KubeConfig, pod: V1Pod, port: number): Promise<Endpoint> {
  const [namespace, name] = [pod.metadata?.namespace ?? "", pod.metadata?.name ?? ""];
  const tunnel = new PortForward(config);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    tunnel.portForward(namespace, name, [port], socket, null, socket).catch((error: unknown) => {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const local = typeof address === "object" && address !== null ? address.port : 0;
  const close = async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${local}`, close };
}
