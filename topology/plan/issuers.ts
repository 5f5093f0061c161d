import { type CaIssuer, certManagerGroup } from "../file/ca-issuer.ts";
import type { Topology } from "../file/schema.ts";

/** The issuer that signs a peer's CA; undefined where the peer has a CA of its own. */
export function issuerOf(
  { caIssuer, peers }: Pick<Topology, "caIssuer" | "peers">,
  peer: string,
): CaIssuer | undefined {
  const own = peers[peer]?.caIssuer ?? caIssuer;
  return own === "none" ? undefined : own;
}

/** An issuer as text, different for every issuer of a topology: `ClusterIssuer big-peers`, with the group of an external one. */
export function issuerText({ kind, group, name }: CaIssuer): string {
  return group === certManagerGroup ? `${kind} ${name}` : `${kind}.${group} ${name}`;
}
