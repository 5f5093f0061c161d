import { z } from "zod";
import { operatorSchema } from "../operator/contract.ts";
import { app } from "./app.ts";
import { caIssuer } from "./ca-issuer.ts";
import { cluster } from "./cluster.ts";
import { keepFormerCa } from "./keep-former-ca.ts";
import { peer } from "./peer.ts";
import { replication } from "./replication.ts";
import { wave } from "./wave.ts";

/**
 * The topology file. Every property is documented here, and the JSON Schema for editors is generated from it.
 * Everything that takes more than one place of the file to judge (references, lengths of composed names, reachability)
 * is in rules/.
 */

export const topologySchema = z
  .strictObject({
    $schema: z.string().optional().describe("Where an editor finds the JSON Schema of this file."),
    environment: z
      .enum(["development", "production"])
      .default("production")
      .describe("Decides what is refused; production is stricter than development."),
    operator: operatorSchema.describe("What this project assumes about the operator; change it where yours differs."),
    confirmRemoval: z
      .array(z.string().min(1))
      .default([])
      .describe("Peers that may be deleted, with the documents that only they hold. Needed in production."),
    allowReplace: z
      .array(z.string().regex(/^(peers|apps)\.[^.]+$/, "peers.<name> or apps.<name>"))
      .default([])
      .describe("Peers and apps (`peers.bp1`, `apps.cars`) that a change may recreate, without their documents."),
    failover: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .describe(
        "Peers whose place another one has taken, each with its standby: every replication links the standby instead. " +
          "Written and removed by `bigpeer failover`.",
      ),
    keepFormerCa: keepFormerCa
      .optional()
      .describe(
        "How long the former CA of a peer is trusted at most, beside the present one, such as 90d; it is removed sooner if the peer " +
          "is seen to use only the new one. 0d: not at all, for a CA whose key has leaked. Default: until it expires.",
      ),
    caIssuer: caIssuer
      .optional()
      .describe(
        "The cert-manager issuer that signs the CA of every Big Peer. Others then trust the issuer's CA, in one Secret for all Big Peers of that " +
          "issuer. No public source says whether a Big Peer sends its CA along with its certificate, as it has to for that: try it on " +
          "development Big Peers, and prove it with `bigpeer verify`. Default: each Big Peer has a CA of its own.",
      ),
    clusters: z.record(z.string(), cluster).describe("The Kubernetes clusters, by name."),
    peers: z.record(z.string(), peer).describe("The Big Peers, by name; it is the name of the BigPeer, too."),
    apps: z.record(z.string(), app).default({}).describe("The apps, by name."),
    replications: z.record(z.string(), replication).default({}).describe("What replicates where, by name."),
    waves: z
      .array(wave)
      .default([])
      .describe(
        "The waves in which `bigpeer deploy` goes through the stacks, in this order; each stack is in the first wave that selects it, and stacks " +
          "that no wave selects come last. Nothing in a cluster depends on them.",
      ),
  })
  .describe("A topology of Ditto Big Peers.");

/** A topology with every default filled in. */
export type Topology = z.output<typeof topologySchema>;
