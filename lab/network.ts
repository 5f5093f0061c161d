/** Name resolution as a workload inside a cluster sees it: its own Services, and the world outside; never another cluster's Services. */
import { isIP } from "node:net";
import { contains } from "./addresses.ts";
import type { PublicAddresses } from "./exposure/public-addresses.ts";

export interface LabNetwork {
  /** The address behind a host name or literal address, seen from a cluster. Rejects as a failed lookup or connection does. */
  resolve(fromCluster: string, host: string): Promise<string>;
}

/** One cluster, as far as the network knows it. */
export interface NetworkCluster {
  name: string;
  /** Its ingress controllers: the load balancer's address, and the public host name that leads there. */
  ingresses: readonly { address: string; host?: string | undefined }[];
  serviceCidr: string;
  /** The ClusterIP of a Service, or undefined if there is none or it is headless. */
  clusterIp(namespace: string, service: string): Promise<string | undefined>;
}

class NetworkError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const serviceName = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local$/;

/** @param published what is reached from every cluster besides the ingress controllers */
export function createNetwork(
  clusters: readonly NetworkCluster[],
  published: Pick<PublicAddresses, "has" | "find">,
): LabNetwork {
  const ingresses = clusters.flatMap((cluster) => cluster.ingresses);
  return {
    async resolve(fromCluster, host) {
      const from = clusters.find(({ name }) => name === fromCluster);
      if (!from)
        throw new Error(`the lab has no cluster ${fromCluster}; it has ${clusters.map(({ name }) => name).join(", ")}`);
      if (isIP(host)) {
        const forwarded = published.find(host);
        if (forwarded !== undefined) return forwarded;
        // In a real network, too, another cluster's service range leads nowhere.
        const reached = published.has(host) || ingresses.some(({ address }) => address === host);
        if (reached || contains(from.serviceCidr, host)) return host;
        throw new NetworkError("ENETUNREACH", `connect ENETUNREACH ${host}`);
      }
      const name = host.toLowerCase().replace(/\.$/, "");
      const service = serviceName.exec(name);
      const address = service
        ? await from.clusterIp(service[2] ?? "", service[1] ?? "")
        : (ingresses.find((ingress) => ingress.host?.toLowerCase() === name)?.address ?? published.find(name));
      if (address === undefined) throw new NetworkError("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
      return address;
    },
  };
}
