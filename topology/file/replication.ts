import { z } from "zod";
import { ownProperty } from "../own-property.ts";
import { adopt } from "./adopt.ts";
import { hostAndPort } from "./host-and-port.ts";
import { queries } from "./queries.ts";

const hostsAndPorts = z.array(hostAndPort).min(1);
const portNumber = z.number().int().min(1).max(65535);

export const replication = z
  .strictObject({
    app: z.string().min(1).describe("The app whose documents flow."),
    between: z.array(z.string().min(1)).length(2).optional().describe("Both subscribe; the first dials."),
    from: z.string().min(1).optional().describe("One-way: the source. It never subscribes."),
    to: z.string().min(1).optional().describe("One-way: the only one that subscribes."),
    address: z
      .union([hostAndPort, hostsAndPorts, z.record(z.string(), z.union([hostAndPort, hostsAndPorts]))])
      .optional()
      .describe(
        "`host:port` of the target, or of each target by peer, where somebody else exposes it. The first of a list is dialled, and the others stay open beside it.",
      ),
    hub: z.string().min(1).optional().describe("One-to-many: the peer that the spokes dial."),
    spokes: z.array(z.string().min(1)).min(1).optional().describe("One-to-many: the peers around the hub."),
    mesh: z
      .array(z.string().min(1))
      .min(2)
      .optional()
      .describe("Every peer with every other peer, each pair dialled once."),
    queries: queries.optional().describe("What each subscriber pulls: collection -> DQL predicates."),
    up: queries.optional().describe("Hub and spokes: what the hub subscribes to at each spoke."),
    down: queries.optional().describe("Hub and spokes: what each spoke subscribes to at the hub."),
    perSpoke: z
      .record(z.string().min(1), queries)
      .optional()
      .describe(
        "Hub and spokes: what one spoke subscribes to at the hub in addition to `down`: spoke -> collection -> DQL predicates.",
      ),
    dial: z
      .string()
      .min(1)
      .optional()
      .describe("Who dials: a peer's name, or `from` or `to`. It does not determine where data flows."),
    port: z
      .union([portNumber, z.record(z.string(), z.union([portNumber, z.record(z.string(), portNumber)]))])
      .optional()
      .describe(
        "Pins the exposed port of the target, or of each target by peer, or of each way by peer and the name of the way.",
      ),
    paused: z
      .boolean()
      .optional()
      .describe(
        "`true` closes its connections until it is resumed: no documents flow. Its objects, subscriptions, trust and ports stay.",
      ),
    adopt: adopt.describe(
      "Its BigPeerReplications may exist already, made by somebody else, and are taken over: `true`, or a list of the peers where they do. Needed in production, for one update.",
    ),
    probe: z
      .record(z.string().min(1), z.record(z.string(), z.json()))
      .optional()
      .describe("For `verify`: collection -> fields of a document that the queries match."),
    spec: z
      .record(z.string(), z.json())
      .optional()
      .describe("Anything else of BigPeerReplication.spec, passed through verbatim on every side."),
  })
  .describe("A replication, in one of four forms: between, from/to, hub/spokes, mesh.");

export type ReplicationEntry = z.output<typeof replication>;

/** The addresses by which an entry says that a target is reached, the one that is dialled first; none where it gives none. */
export function givenAddresses({ address }: Pick<ReplicationEntry, "address">, peer: string): readonly string[] {
  const given = isForOneTarget(address) ? address : ownProperty(address, peer);
  return given === undefined ? [] : [given].flat();
}

/** True if an address names no peer, so that it is that of the one target. */
export function isForOneTarget(address: ReplicationEntry["address"]): address is string | string[] {
  return typeof address === "string" || Array.isArray(address);
}
