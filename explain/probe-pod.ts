import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { z } from "zod";
import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { limitedRequests } from "../kubernetes/limited-requests.ts";
import { reasonAt } from "../kubernetes/unreadable.ts";
import type { Listener } from "../trust/shown-certificates.ts";
import type { PathSeen } from "./link-seen.ts";

const pollMs = 250;
/** An image may have to be pulled. */
const patienceMs = 60_000;

/** Looks at an address from a short-lived pod beside a Big Peer, whose image has a shell and `nc`. The pod has no token, no rights and no label of the Big Peer, and is deleted afterwards. */
export async function lookFromPod(
  source: KubeconfigSource & { readonly cluster: string },
  namespace: string,
  listener: Listener,
  { image, signal }: { readonly image: string; readonly signal?: AbortSignal | undefined },
): Promise<PathSeen | { readonly unknown: string }> {
  const where = `from a pod in cluster "${source.cluster}"`;
  const name = `bigpeer-explain-${randomUUID().slice(0, 8)}`;
  let api: CoreV1Api;
  try {
    api = new CoreV1Api(limitedRequests(source));
    await api.createNamespacedPod({ namespace, body: probePod(name, image, listener) });
  } catch (error) {
    return { unknown: reasonAt(error, source, `create pods in namespace ${namespace}`) };
  }
  try {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const { status } = await api.readNamespacedPod({ namespace, name });
      const said = saidBy(status);
      if (said !== undefined) return pathOf(where, said);
      if (performance.now() >= deadline || signal?.aborted)
        return { unknown: `pod ${namespace}/${name} did not end within ${patienceMs / 1000} s${waitingFor(status)}` };
      await delay(pollMs);
    }
  } catch (error) {
    return { unknown: reasonAt(error, source, `get pods in namespace ${namespace}`) };
  } finally {
    // One that was never deleted ends by itself.
    await api.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }).catch(() => {});
  }
}

/** A pod that fulfils the restricted Pod Security Standard. What it sees is in its termination message, so nobody needs the right to read logs. */
export function probePod(name: string, image: string, { host, port }: Listener): V1Pod {
  const script =
    'if said=$(nc -z -w 5 "$HOST" "$PORT" 2>&1); then echo open; else echo "closed $said"; fi > /dev/termination-log';
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { "app.kubernetes.io/name": "bigpeer-explain" } },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: patienceMs / 1000,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "look",
          image,
          command: ["sh", "-c", script],
          env: [
            { name: "HOST", value: host },
            { name: "PORT", value: String(port) },
          ],
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "32Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

const podStatus = z.object({
  containerStatuses: z
    .array(
      z.object({
        state: z.object({
          terminated: z.object({ message: z.string().optional(), reason: z.string().optional() }).optional(),
          waiting: z.object({ reason: z.string().optional() }).optional(),
        }),
      }),
    )
    .default([]),
});

function saidBy(status: unknown): string | undefined {
  const [container] = podStatus.safeParse(status).data?.containerStatuses ?? [];
  const ended = container?.state.terminated;
  return ended && (ended.message ?? `closed the pod ended without a message: ${ended.reason ?? "no reason is given"}`);
}

function waitingFor(status: unknown): string {
  const [container] = podStatus.safeParse(status).data?.containerStatuses ?? [];
  const reason = container?.state.waiting?.reason;
  return reason === undefined ? "" : `: ${reason}`;
}

/** What a pod's `nc` has said, as the way to an address. */
export function pathOf(where: string, said: string): PathSeen {
  if (said.trim() === "open") return { where, name: { addresses: [] }, connection: "open" };
  const failure = said.replace(/^closed\s*/, "").trim() || "the connection is refused or not answered";
  // busybox: `nc: bad address 'host'`; others quote getaddrinfo.
  if (/bad address|not known|could not resolve|name resolution|unknown host/i.test(failure))
    return { where, name: { failure } };
  return { where, name: { addresses: [] }, connection: { failure } };
}
