import { reasonOf } from "../kubernetes/failure.ts";
import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import type { WaysToPeer } from "./shown-by-peer.ts";
import type { Listener } from "./shown-certificates.ts";

/** Through the API server to each pod behind a Service, as `kubectl port-forward` does. Takes the rights that `bigpeer rbac --for verify` prints. */
export function throughApiServer(source: () => Promise<KubeconfigSource>): NonNullable<WaysToPeer["within"]> {
  return async (service, run) => {
    // Few runs need it, and loading it takes a while.
    const [{ portForwardReach }, { loadKubeConfig }] = await Promise.all([
      import("../verify/port-forward.ts"),
      import("../kubernetes/kubeconfig.ts"),
    ]);
    const reach = portForwardReach(loadKubeConfig(await source()));
    const endpoints = await reach.everyPod(service).catch((error: unknown) => {
      throw new Error(reasonOf(error));
    });
    try {
      return await run(endpoints.map(({ url }) => serverAt(url)));
    } finally {
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    }
  };
}

/** Straight to the Service's address, for a machine that has a route there. */
export function throughClusterIp(source: () => Promise<KubeconfigSource>): NonNullable<WaysToPeer["within"]> {
  return async (service, run) => {
    const [{ clusterIpReach }, { loadKubeConfig }] = await Promise.all([
      import("../verify/cluster-ip.ts"),
      import("../kubernetes/kubeconfig.ts"),
    ]);
    const { url } = await clusterIpReach(loadKubeConfig(await source())).service(service);
    return run([serverAt(url)]);
  };
}

/** The address at which an endpoint listens. */
function serverAt(url: string): Listener {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}
