/** The addresses of a lab that are reached from all its clusters, and the host names that lead there: its internet and its public DNS. */
import { LabError } from "../lab-error.ts";

/** Behind those of the ingress controllers (lab/addresses.ts), before the service ranges: 127.N.1.32 to 127.N.7.254. */
const thirds = [1, 2, 3, 4, 5, 6, 7];
const [firstFourth, lastFourth] = [32, 254];

export class PublicAddresses {
  readonly #network: number;
  readonly #taken = new Set<string>();
  readonly #hosts = new Map<string, string>();

  /** @param network N of 127.N.0.0/16 */
  constructor(network: number) {
    this.#network = network;
  }

  /** Takes an address that nobody has.
   * @throws LabError when there is none left */
  take(): string {
    for (const third of thirds) {
      for (let fourth = firstFourth; fourth <= lastFourth; fourth++) {
        const address = `127.${this.#network}.${third}.${fourth}`;
        if (this.#taken.has(address)) continue;
        this.#taken.add(address);
        return address;
      }
    }
    throw new LabError("the lab has no loopback address left for another load balancer: declare fewer");
  }

  /** Makes a given address reachable. */
  add(address: string): void {
    this.#taken.add(address);
  }

  /** Gives an address back, with the names that led there. */
  release(address: string): void {
    this.#taken.delete(address);
    this.name(address, []);
  }

  /** The host names that lead to an address, and no others. A name that leads elsewhere already stays where it is. */
  name(address: string, hosts: readonly string[]): void {
    const wanted = new Set(hosts.map(canonical));
    for (const [host, target] of this.#hosts) if (target === address && !wanted.has(host)) this.#hosts.delete(host);
    for (const host of wanted) if (!this.#hosts.has(host)) this.#hosts.set(host, address);
  }

  has(address: string): boolean {
    return this.#taken.has(address);
  }

  /** The address behind a host name. */
  find(host: string): string | undefined {
    return this.#hosts.get(canonical(host));
  }
}

function canonical(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
