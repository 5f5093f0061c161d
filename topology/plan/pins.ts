import { stringify } from "yaml";
import type { Plan, PlannedExposure } from "./plan.ts";

/** The value of a replication's `port`: by peer, and by the name of the way where a peer is exposed in several ways. */
export type PortsByPeer = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** The pinned ports of a plan, and those that are added to them. */
export class Pins {
  readonly #exposures: ReadonlyMap<string, readonly PlannedExposure[]>;
  readonly #ports = new Map<string, number>();

  constructor({ exposures }: Plan) {
    this.#exposures = Map.groupBy(exposures, ({ replication }) => replication);
    for (const exposure of exposures) if (exposure.pinned) this.set(exposure, exposure.port);
  }

  set({ id }: PlannedExposure, port: number): void {
    this.#ports.set(id, port);
  }

  /** All pins of a replication, since a mapping in the file replaces another as a whole. */
  of(replication: string): PortsByPeer {
    const byPeer = Map.groupBy(this.#exposures.get(replication) ?? [], ({ peer }) => peer);
    return Object.fromEntries(
      [...byPeer].flatMap(([peer, exposures]) => {
        const ports = exposures.flatMap(({ id, ingress }): [string, number][] => {
          const port = this.#ports.get(id);
          return port === undefined ? [] : [[ingress, port]];
        });
        const [first] = ports;
        if (first === undefined) return [];
        return [[peer, exposures.length === 1 ? first[1] : Object.fromEntries(ports)]];
      }),
    );
  }

  /** `port: { bp2: 4044 }`: as it is written in the file. */
  text(replication: string): string {
    return `port: ${stringify(this.of(replication), { collectionStyle: "flow", lineWidth: 0 }).trim()}`;
  }
}
