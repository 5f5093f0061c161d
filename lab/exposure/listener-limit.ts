import type { CoreV1Api } from "@kubernetes/client-node";

interface LimitedService {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Says as an event of a Service that its load balancer cannot have a listener for each of its ports, as AWS' controller does. */
export async function tellTooManyListeners(
  core: CoreV1Api,
  { namespace, name, uid }: LimitedService,
  ports: number,
  limit: number,
): Promise<void> {
  const now = new Date();
  await core.createNamespacedEvent({
    namespace,
    body: {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: "v1", kind: "Service", namespace, name, uid },
      type: "Warning",
      reason: "FailedDeployModel",
      message: `Failed deploy model due to TooManyListeners: ${ports} ports, and a load balancer of this class has at most ${limit} listeners`,
      source: { component: "service" },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
  });
}
