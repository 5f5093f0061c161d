import type { Plan } from "../topology/plan/plan.ts";
import { certificatesIn } from "./certificates.ts";
import type { TrustSeen } from "./stale-trust.ts";

/** When others stop accepting the certificates of a peer. */
export interface AuthorityExpiry {
  readonly peer: string;
  readonly expires: Date;
}

/**
 * For each peer of which a CA certificate can be read: when it expires, or when the last certificate expires by which some other peer trusts
 * it, if that is earlier. Whoever may not read the CA itself, as with the rights of `verify`, still sees the certificates that others trust.
 */
export function authorityExpiry(plan: Plan, seen: TrustSeen): AuthorityExpiry[] {
  return [...plan.peers.keys()].flatMap((peer) => {
    const found = seen.authority(peer);
    const own = certificatesIn(("value" in found && found.value) || "").slice(0, 1);
    const trusters = [...plan.peers.values()].filter(({ trusts }) => trusts.some((each) => each.peer === peer));
    const trusted = trusters.flatMap(({ name }) => {
      const held = seen.secret(name, peer);
      return "value" in held ? (held.value ?? []).map((text) => certificatesIn(text ?? "")) : [];
    });
    // One of several is enough, and each text and each truster has to have one.
    const ends = [own, ...trusted].flatMap((certificates) =>
      certificates.length === 0 ? [] : [Math.max(...certificates.map(({ validTo }) => validTo.getTime()))],
    );
    return ends.length === 0 ? [] : [{ peer, expires: new Date(Math.min(...ends)) }];
  });
}
