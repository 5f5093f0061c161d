/** A stand-in of whoever exposes Services by a way of their own. Each host has an address, and each of its ports leads to a Service. */
import type { ObjectCache } from "../operator/object-cache.ts";
import { OpenPorts } from "./open-ports.ts";
import type { PublicAddresses } from "./public-addresses.ts";
import type { ForwardRequest } from "./requests.ts";
import { endpointsOf, Rotation, serviceSpec, tcpPorts } from "./services.ts";

export interface ForwardsOptions {
  readonly forwards: readonly ForwardRequest[];
  readonly services: ObjectCache;
  readonly addresses: PublicAddresses;
}

export class Forwards {
  readonly #services: ObjectCache;
  readonly #open: readonly {
    readonly forward: ForwardRequest;
    readonly address: string;
    readonly rotation: Rotation;
  }[];
  readonly #ports = new OpenPorts();

  constructor({ forwards, services, addresses }: ForwardsOptions) {
    this.#services = services;
    const byHost = Map.groupBy(forwards, ({ host }) => host.toLowerCase());
    this.#open = [...byHost].flatMap(([host, ofHost]) => {
      const known = addresses.find(host);
      const address = known ?? addresses.take();
      if (known === undefined) addresses.name(address, [host]);
      return ofHost.map((forward) => ({ forward, address, rotation: new Rotation() }));
    });
  }

  async reconcile(): Promise<void> {
    const failures = await this.#ports.apply(
      this.#open.map(({ forward: { host, port, namespace, service, servicePort }, address, rotation }) => ({
        host: address,
        port,
        key: `${host}:${port}`,
        backend: async () => {
          const services = this.#services.items();
          const found = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === service);
          const open = found && tcpPorts(serviceSpec(found)).find((each) => each.port === servicePort);
          return found && open && rotation.pick(endpointsOf(services, found, open));
        },
      })),
    );
    if (failures.size > 0) throw new Error([...failures.values()].join("; "));
  }

  async stop(): Promise<void> {
    await this.#ports.close();
  }
}
