import { z } from "zod";
import { adopt } from "./adopt.ts";
import { advised } from "./advised.ts";
import { auth } from "./auth.ts";

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const app = z
  .strictObject({
    id: advised(z.string(), (text) => uuidPattern.test(text), {
      what: "is not a UUID",
      why: "the operator refuses the app, and both ends of a replication must name the same ID",
      fix: "write a UUID such as 2164bef3-37c0-489c-9ac6-c94b034525d7, or leave `id` out to have one generated",
    })
      .optional()
      .describe("App ID (UUID), the same on every peer. Default: generated once."),
    peers: z.array(z.string().min(1)).min(1).describe("The Big Peers that serve it."),
    auth: auth.optional().describe("Auth providers of this app alone."),
    adopt: adopt.describe(
      "Its BigPeerApps may exist already, made by somebody else, and are taken over: `true`, or a list of the peers where they do. Give `id`, too. Needed in production, for one update.",
    ),
    spec: z
      .record(z.string(), z.json())
      .optional()
      .describe("Anything else of BigPeerApp.spec, passed through verbatim on every peer."),
    collections: z
      .array(z.string().min(1))
      .optional()
      .describe("Every collection that it writes; queries on others are then refused."),
  })
  .describe("An app (v5 of the SDKs calls it a database).");

export type App = z.output<typeof app>;
