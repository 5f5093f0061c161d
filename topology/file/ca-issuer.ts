import { z } from "zod";
import { advised } from "./advised.ts";

/** The API group of cert-manager's own issuers. */
export const certManagerGroup = "cert-manager.io";

const reference = z.strictObject({
  name: advised(z.string(), (name) => name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name), {
    what: "is not the name of an issuer",
    why: "cert-manager would look for an issuer that cannot exist, and issue no CA",
    fix: "write the name of the ClusterIssuer as the cluster has it, in lower case",
  }).describe("Name of the issuer."),
  kind: z
    .string()
    .min(1)
    .default("ClusterIssuer")
    .describe(
      "Kind of the issuer: ClusterIssuer, Issuer (in the Big Peer's namespace), or that of an external issuer.",
    ),
  group: z
    .string()
    .min(1)
    .default(certManagerGroup)
    .describe("API group of the issuer; for an external issuer, a group other than cert-manager.io."),
});

/** The issuer that signs a Big Peer's CA, of all peers and of one. */
export const caIssuer = advised(
  reference,
  ({ kind, group }) => group !== certManagerGroup || kind === "ClusterIssuer" || kind === "Issuer",
  {
    what: "is a kind that cert-manager does not have",
    why: "cert-manager would look for an issuer that cannot exist, and issue no CA",
    fix: "write `kind: ClusterIssuer` or `kind: Issuer`, or the `group` of the external issuer",
  },
).describe("The cert-manager issuer that signs the Big Peer's CA; others then trust the issuer's CA.");

/** An issuer with every default filled in. */
export type CaIssuer = z.output<typeof caIssuer>;
