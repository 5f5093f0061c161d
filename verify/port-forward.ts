import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Writable } from "node:stream";
import { AppsV1Api, CoreV1Api, type KubeConfig, PortForward, type V1Pod } from "@kubernetes/client-node";
import { reasonOf } from "../kubernetes/failure.ts";
import { PooledKubeConfig } from "../kubernetes/pooled-kube-config.ts";
import { UnreadableError } from "../kubernetes/unreadable.ts";
import { shellWord } from "../topology/objects/kubectl.ts";
import { runbook } from "../topology/runbook.ts";
import type { Endpoint, Reach, ServiceRef } from "./endpoint.ts";

/** Through the API server, as `kubectl port-forward` does: needs nothing but the kubeconfig. */
export function portForwardReach(config: KubeConfig): Reach & {
  /** The ways to each running pod behind a Service. */
  everyPod(ref: ServiceRef): Promise<Endpoint[]>;
} {
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const owner = (kind: Owner["kind"], namespace: string, name: string): Owner => {
    return { kind, name: `${kind} ${namespace}/${name}`, context: config.getCurrentContext() };
  };
  return {
    async everyPod({ namespace, name, port }) {
      const { spec } = await core.readNamespacedService({ namespace, name });
      const pods = await runningPods(core, namespace, spec?.selector, owner("Service", namespace, name));
      const target = spec?.ports?.find((each) => each.port === port)?.targetPort ?? port;
      return Promise.all(pods.map((pod) => forward(config, pod, containerPort(target, pod))));
    },
    async service({ namespace, name, port }) {
      const { spec } = await core.readNamespacedService({ namespace, name });
      const pod = await runningPod(core, namespace, spec?.selector, owner("Service", namespace, name));
      return forward(
        config,
        pod,
        containerPort(spec?.ports?.find((each) => each.port === port)?.targetPort ?? port, pod),
      );
    },
    async deployment({ namespace, name, port }: ServiceRef) {
      const deployment = await apps.readNamespacedDeployment({ namespace, name });
      const selector = deployment.spec?.selector.matchLabels;
      return forward(config, await runningPod(core, namespace, selector, owner("Deployment", namespace, name)), port);
    },
  };
}

/** What has the pods that are looked for, and the context in which it is. */
interface Owner {
  readonly kind: "Service" | "Deployment";
  readonly name: string;
  readonly context: string;
}

async function runningPod(...asked: Parameters<typeof runningPods>): Promise<V1Pod> {
  const alive = await runningPods(...asked);
  const running = alive.find(isReady) ?? alive[0];
  if (!running) throw new Error(`${asked[3].name} has no running pod`);
  return running;
}

/** @throws UnreadableError if there is none */
async function runningPods(
  core: CoreV1Api,
  namespace: string,
  selector: Record<string, string> | undefined,
  { kind, name, context }: Owner,
): Promise<V1Pod[]> {
  const labelSelector = Object.entries(selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  if (labelSelector === "")
    throw new UnreadableError(
      `${name} selects no pods, so there is nothing to which a port can be forwarded`,
      "use --reach cluster-ip or give the URL",
    );
  const pods = (await core.listNamespacedPod({ namespace, labelSelector })).items;
  const alive = pods.filter(({ metadata, status }) => status?.phase === "Running" && !metadata?.deletionTimestamp);
  if (alive.length === 0)
    throw new UnreadableError(
      `${name} has no running pod (${pods.length} in all)`,
      `look at them with kubectl${context === "" ? "" : ` --context ${shellWord(context)}`} -n ${namespace} get pods -l ${labelSelector} (${runbook(kind === "Deployment" ? "operator-missing" : "peer-not-ready")})`,
    );
  return alive;
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
}

/** A Service may name the port of its pods, and the pod says which number that is. */
function containerPort(target: string | number, pod: V1Pod): number {
  if (typeof target === "number" || /^\d+$/.test(target)) return Number(target);
  const ports = pod.spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
  const named = ports.find(({ name }) => name === target);
  if (!named)
    throw new Error(`pod ${pod.metadata?.name} has no port named ${target}, to which its Service leads; give the URL`);
  return named.containerPort;
}

async function forward(config: KubeConfig, pod: V1Pod, port: number): Promise<Endpoint> {
  const [namespace, name] = [pod.metadata?.namespace ?? "", pod.metadata?.name ?? ""];
  const tunnel = new PortForward(config);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const open = () => tunnel.portForward(namespace, name, [port], socket, complaints(socket), socket);
    open()
      .catch((error: unknown) => {
        // A credential that the API server refuses may have a successor, as for any other request.
        if (!/\b401\b/.test(reasonOf(error)) || !(config instanceof PooledKubeConfig && config.refused())) throw error;
        return open();
      })
      .then((opened) => {
        // A connection that has ended at one end is ended at the other, too: otherwise a client that keeps its connections would use a dead one.
        const way = typeof opened === "function" ? opened() : opened;
        way?.addEventListener("close", () => socket.destroy());
        socket.once("close", () => way?.close());
        if (socket.destroyed) way?.close();
      })
      .catch((error: unknown) => refuse(socket, reasonOf(error)));
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

/** Takes what the cluster says of a way that it cannot open, such as that nothing listens in the pod. */
function complaints(socket: Socket): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      // The stream begins with the number of the port, without a complaint.
      if (chunk.length > 0) refuse(socket, chunk.toString("utf8").trim());
      done();
    },
  });
}

/** Whoever asks speaks HTTP, and gets the reason as an answer. */
function refuse(socket: Socket, reason: string): void {
  const body = Buffer.from(reason);
  socket.end(`HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${reason}`);
}
