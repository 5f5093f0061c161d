import { KubeConfig } from "@kubernetes/client-node";

type Request = Parameters<KubeConfig["applySecurityAuthentication"]>[0];
type Connections = ReturnType<Request["getDispatcher"]>;

/**
 * A kubeconfig whose requests share their connections. The client makes each its own, so that reading fifty certificates would be
 * fifty TLS handshakes. For one cluster: choose the context before the first request.
 */
export class PooledKubeConfig extends KubeConfig {
  #connections: Connections;

  override async applySecurityAuthentication(request: Request): Promise<void> {
    await super.applySecurityAuthentication(request);
    this.#connections ??= request.getDispatcher();
    if (this.#connections) request.setDispatcher(this.#connections);
  }
}
