import { KubeConfig } from "@kubernetes/client-node";
import { interceptors } from "undici";

type Request = Parameters<KubeConfig["applySecurityAuthentication"]>[0];
type Connections = ReturnType<Request["getDispatcher"]>;

/**
 * An API server that is busy answers 429, and says with Retry-After when to come again (Kubernetes' API Priority and Fairness).
 * Only requests that change nothing are sent again; one that is refused to the end is answered with the refusal.
 */
const patient = interceptors.retry({ statusCodes: [429], errorCodes: [], methods: ["GET"], throwOnError: false });

/**
 * A kubeconfig whose requests share their connections, and come again where an API server asks for it. The client makes each its
 * own connection, so that reading fifty certificates would be fifty TLS handshakes, and gives up at the first refusal.
 * For one cluster: choose the context before the first request.
 */
export class PooledKubeConfig extends KubeConfig {
  #connections: Connections;

  override async applySecurityAuthentication(request: Request): Promise<void> {
    await super.applySecurityAuthentication(request);
    this.#connections ??= request.getDispatcher()?.compose(patient);
    if (this.#connections) request.setDispatcher(this.#connections);
  }
}
