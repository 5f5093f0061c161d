import { z } from "zod";
import { adopt } from "./adopt.ts";
import { hostAndPort } from "./host-and-port.ts";
import { queries } from "./queries.ts";

const portNumber = z.number().int().min(1).max(65535);

export const replication = z
  .strictObject({
    app: z.string().min(1).describe("The app whose documents flow."),
    between: z.array(z.string().min(1)).length(2).optional().describe("Both subscribe; the first dials."),
    from: z.string().min(1).optional().describe("One-way: the source. It never subscribes."),
    to: z.string().min(1).optional().describe("One-way: the only one that subscribes."),
    address: z
      .union([hostAndPort, z.record(z.string(), hostAndPort)])
      .optional()
      .describe("`host:port` of the target, or of each target by peer, where somebody else exposes it."),
    hub: z.string().min(1).optional().describe("One-to-many: the peer that the spokes dial."),
    spokes: z.array(z.string().min(1)).min(1).optional().describe("One-to-many: the peers around the hub."),
    mesh: z.array(z.string().min(1)).min(2).optional().describe("Everybody with everybody, each pair dialled once."),
    queries: queries.optional().describe("What everybody who subscribes pulls: collection -> DQL predicates."),
    up: queries.optional().describe("Hub and spokes: what the hub subscribes to at each spoke."),
    down: queries.optional().describe("Hub and spokes: what each spoke subscribes to at the hub."),
    perSpoke: z
      .record(z.string().min(1), queries)
      .optional()
      .describe(
        "Hub and spokes: what one spoke subscribes to at the hub beside `down`: spoke -> collection -> DQL predicates.",
      ),
    dial: z
      .string()
      .min(1)
      .optional()
      .describe("Who dials: a peer's name, or `from` or `to`. Says nothing about where data flows."),
    port: z
      .union([portNumber, z.record(z.string(), z.union([portNumber, z.record(z.string(), portNumber)]))])
      .optional()
      .describe(
        "Pins the exposed port of the target, or of each target by peer, or of each way by peer and the name of the way.",
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
