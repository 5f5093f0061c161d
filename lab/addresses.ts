/** The loopback addresses of a lab: a free /16 of 127.0.0.0/8 for each lab, and in it a fixed place for each cluster. */
import { createServer } from "node:net";
import { LabError } from "./lab-error.ts";

/** The second number of the networks that labs take: 127.16.0.0/16 to 127.250.0.0/16. */
const firstNetwork = 16;
const lastNetwork = 250;

/** The service ranges are /21, the first behind the addresses of the control planes. */
export const maximumClusters = 31;

/** Addresses of one cluster. On Linux all of 127.0.0.0/8 is there without being set up. */
export interface ClusterAddresses {
  /** The address of the API server (port 6443) and of etcd. */
  controlPlane: string;
  /** Range of the ClusterIPs, as `a.b.c.d/21`. */
  serviceCidr: string;
}

/** Addresses of the cluster with this index (from 1) in the network 127.`network`.0.0/16. */
export function clusterAddresses(network: number, index: number): ClusterAddresses {
  if (index < 1 || index > maximumClusters)
    throw new LabError(`a lab has at most ${maximumClusters} clusters, each with its own service range: declare fewer`);
  return {
    controlPlane: `127.${network}.0.${10 + index}`,
    serviceCidr: `127.${network}.${index * 8}.0/21`,
  };
}

/** The service ranges begin behind the addresses of the load balancers. */
const maximumIngresses = 7;

/** Address of the load balancer of a cluster's ingress controller with this number (from 1). */
export function ingressAddress(network: number, index: number, controller: number): string {
  if (controller > maximumIngresses)
    throw new LabError(`a lab has at most ${maximumIngresses} ingress controllers in a cluster: declare fewer`);
  return `127.${network}.${controller}.${index}`;
}

/** The address that stands for all nodes of a cluster: behind those of the control planes. */
export function nodeAddress(network: number, index: number): string {
  return `127.${network}.0.${60 + index}`;
}

/** A network that no other lab can take until it is released or this process ends. */
export interface ClaimedNetwork {
  /** N of 127.N.0.0/16. */
  number: number;
  release(): Promise<void>;
}

function claim(number: number): Promise<ClaimedNetwork | undefined> {
  // A listening port of the network itself is the claim: the kernel grants it once, and takes it back when the process ends.
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ host: `127.${number}.0.1`, port: 6443, exclusive: true }, () => {
      server.unref();
      resolve({ number, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

/** Claims the first free network. `first` spreads labs that start together. */
export async function claimNetwork(first = process.pid): Promise<ClaimedNetwork> {
  const count = lastNetwork - firstNetwork + 1;
  for (let offset = 0; offset < count; offset++) {
    const claimed = await claim(firstNetwork + ((first + offset) % count));
    if (claimed) return claimed;
  }
  throw new LabError(
    `port 6443 is taken in all loopback networks from 127.${firstNetwork}.0.0/16 to 127.${lastNetwork}.0.0/16: by other labs, or by one ` +
      "program that listens on all addresses. `ss -ltnp 'sport = :6443'` shows which. End it, or a lab with `npx bigpeer lab down`.",
  );
}

function toNumber(address: string): number | undefined {
  const parts = address.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 4 || !parts.every((part) => part <= 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** True if an IPv4 address lies in a range such as 127.16.8.0/21. */
export function contains(cidr: string, address: string): boolean {
  const [base = "", bits = "32"] = cidr.split("/");
  const [low, value] = [toNumber(base), toNumber(address)];
  if (low === undefined || value === undefined) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(low / size) === Math.floor(value / size);
}
