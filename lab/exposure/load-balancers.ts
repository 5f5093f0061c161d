/**
 * A stand-in of a cloud's controller of load balancers: gives each Service of type LoadBalancer an address of its own, and forwards its
 * ports. It shows no health checks, no node ports behind the load balancer, no UDP, and no delay.
 */
import { isDeepStrictEqual } from "node:util";
import { CoreV1Api } from "@kubernetes/client-node";
import { fieldAt } from "../../topology/value-at.ts";
import type { LabCluster } from "../cluster.ts";
import type { ObjectCache, WatchedObject } from "../operator/object-cache.ts";
import { tellTooManyListeners } from "./listener-limit.ts";
import { type OpenPort, OpenPorts } from "./open-ports.ts";
import type { PublicAddresses } from "./public-addresses.ts";
import type { LoadBalancerClass, LoadBalancersRequest } from "./requests.ts";
import { endpointsOf, Rotation, serviceSpec, tcpPorts } from "./services.ts";
import { canBeShown, letsIn } from "./source-ranges.ts";

/** The annotation by which external-dns gives a Service a public name, or several with commas between. */
const externalDns = "external-dns.alpha.kubernetes.io/hostname";

export interface LoadBalancersOptions {
  readonly cluster: LabCluster;
  readonly request: LoadBalancersRequest;
  readonly services: ObjectCache;
  readonly addresses: PublicAddresses;
  /** Services, as `<namespace>/<name>`, whose address is given by somebody else. */
  readonly others: ReadonlySet<string>;
  readonly log: (line: string) => void;
}

export class LoadBalancers {
  readonly #options: LoadBalancersOptions;
  readonly #core: CoreV1Api;
  readonly #ports = new OpenPorts();
  /** The address of each Service, by its UID. */
  readonly #addresses = new Map<string, string>();
  readonly #rotations = new Map<string, Rotation>();
  readonly #said = new Set<string>();

  constructor(options: LoadBalancersOptions) {
    this.#options = options;
    this.#core = options.cluster.kubeConfig.makeApiClient(CoreV1Api);
  }

  async reconcile(): Promise<void> {
    const { services, addresses } = this.#options;
    const mine = services.items().flatMap((service) => {
      const taken = this.#classOf(service);
      return taken ? [{ service, taken }] : [];
    });
    for (const [uid, address] of this.#addresses) {
      if (mine.some(({ service }) => service.metadata.uid === uid)) continue;
      addresses.release(address);
      this.#addresses.delete(uid);
    }
    const open: OpenPort[] = [];
    for (const { service, taken } of mine) open.push(...(await this.#serve(service, taken)));
    const failures = await this.#ports.apply(open);
    if (failures.size > 0) throw new Error(`load balancers: ${[...failures.values()].join("; ")}`);
    for (const { service, taken } of mine) await this.#writeStatus(service, taken);
  }

  async stop(): Promise<void> {
    await this.#ports.close();
  }

  #classOf(service: WatchedObject): LoadBalancerClass | undefined {
    const { request, others } = this.#options;
    const { namespace, name } = service.metadata;
    const { type, loadBalancerClass } = serviceSpec(service);
    if (type !== "LoadBalancer" || others.has(`${namespace}/${name}`)) return undefined;
    return request.classes.find((each) => each.name === loadBalancerClass);
  }

  async #serve(service: WatchedObject, { listenerLimit }: LoadBalancerClass): Promise<OpenPort[]> {
    const { services, addresses, request, log } = this.#options;
    const { uid, namespace, name, annotations } = service.metadata;
    const spec = serviceSpec(service);
    const host = this.#addresses.get(uid) ?? addresses.take();
    this.#addresses.set(uid, host);
    addresses.name(host, [
      ...request.hosts.filter((each) => each.namespace === namespace && each.name === name).map((each) => each.host),
      ...(annotations[externalDns] ?? "").split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()])),
      this.#hostname(service),
    ]);
    const ranges = spec.loadBalancerSourceRanges;
    if (ranges.length > 0 && !ranges.some(canBeShown) && this.#first(`${uid} ranges ${ranges.join()}`))
      log(
        `load balancer of ${namespace}/${name}: no client of a lab has an address in ${ranges.join(", ")}; all are let in`,
      );
    const ports = tcpPorts(spec);
    const limit = listenerLimit ?? ports.length;
    if (ports.length > limit && this.#first(`${uid} ${ports.length} ports`))
      await tellTooManyListeners(this.#core, service.metadata, ports.length, limit);
    return ports.slice(0, limit).map((port) => ({
      host,
      port: port.port,
      key: uid,
      backend: async () => {
        const rotation = this.#rotations.get(`${uid}:${port.port}`) ?? new Rotation();
        this.#rotations.set(`${uid}:${port.port}`, rotation);
        return rotation.pick(endpointsOf(services.items(), service, port));
      },
      admits: (client) => letsIn(ranges, client),
    }));
  }

  #hostname({ metadata: { namespace, name } }: WatchedObject): string {
    return `${name}.${namespace}.${this.#options.cluster.name.toLowerCase()}.elb.lab.test`;
  }

  #first(what: string): boolean {
    if (this.#said.has(what)) return false;
    this.#said.add(what);
    return true;
  }

  async #writeStatus(service: WatchedObject, { status }: LoadBalancerClass): Promise<void> {
    const { namespace, name, uid } = service.metadata;
    const ip = this.#addresses.get(uid);
    if (ip === undefined) return;
    const ingress = [status === "ip" ? { ip, ipMode: "VIP" } : { hostname: this.#hostname(service) }];
    if (isDeepStrictEqual(fieldAt(service, "status.loadBalancer.ingress"), ingress)) return;
    await this.#core
      .patchNamespacedServiceStatus({
        namespace,
        name,
        body: [{ op: "add", path: "/status/loadBalancer", value: { ingress } }],
      })
      .catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
  }
}

function isGone(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === 404;
}
