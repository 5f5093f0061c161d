/** A stand-in of kube-proxy on the nodes, as far as node ports go. One loopback address stands for all nodes of a cluster. */
import type { ObjectCache, WatchedObject } from "../operator/object-cache.ts";
import { OpenPorts } from "./open-ports.ts";
import { endpointsOf, Rotation, type ServicePort, serviceSpec, tcpPorts } from "./services.ts";

export interface NodePortsOptions {
  /** The address of the nodes. */
  readonly address: string;
  readonly services: ObjectCache;
}

export class NodePorts {
  readonly #options: NodePortsOptions;
  readonly #ports = new OpenPorts();
  readonly #rotations = new Map<number, Rotation>();

  constructor(options: NodePortsOptions) {
    this.#options = options;
  }

  async reconcile(): Promise<void> {
    const { address, services } = this.#options;
    const wanted = services.items().flatMap((service) =>
      nodePortsOf(service).map(({ nodePort, port }) => ({
        host: address,
        port: nodePort,
        key: `${service.metadata.uid}:${port.port}`,
        backend: async () => {
          const rotation = this.#rotations.get(nodePort) ?? new Rotation();
          this.#rotations.set(nodePort, rotation);
          return rotation.pick(endpointsOf(services.items(), service, port));
        },
      })),
    );
    const failures = await this.#ports.apply(wanted);
    if (failures.size > 0) throw new Error(`node ports: ${[...failures.values()].join("; ")}`);
  }

  async stop(): Promise<void> {
    await this.#ports.close();
  }
}

function nodePortsOf(service: WatchedObject): { nodePort: number; port: ServicePort }[] {
  const spec = serviceSpec(service);
  // A Service of type LoadBalancer has node ports, too, unless it says otherwise.
  if (spec.type !== "NodePort" && spec.type !== "LoadBalancer") return [];
  return tcpPorts(spec).flatMap((port) => (port.nodePort === undefined ? [] : [{ nodePort: port.nodePort, port }]));
}
