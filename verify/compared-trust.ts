import type { Plan } from "../topology/plan/plan.ts";
import { type AuthorityExpiry, authorityExpiry } from "../trust/authority-expiry.ts";
import { staleTrust, type TrustProblem } from "../trust/stale-trust.ts";
import type { Session } from "./session.ts";

/** The trust that peers have in each other, and what could be seen of their CAs. */
export interface ComparedTrust {
  readonly problems: readonly TrustProblem[];
  /** What the trust could not be compared with, each with the reason. */
  readonly notCompared: readonly string[];
  readonly authorities: readonly AuthorityExpiry[];
}

/** No trust was compared. */
export const noTrust: ComparedTrust = {
  problems: [],
  notCompared: [],
  authorities: [],
};

/** Compares the trust in the clusters with the certificates that peers show. */
export async function comparedTrust(plan: Plan, session: Session): Promise<ComparedTrust> {
  // Whoever has no link trusts nobody.
  if (plan.replications.size === 0) return noTrust;
  const seen = await session.trust(plan);
  const trusted = new Set([...plan.peers.values()].flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
  const notCompared = [...trusted].flatMap((peer) => {
    const authority = seen.authority(peer);
    return "unknown" in authority ? [`the CA of ${peer}: ${authority.unknown}`] : [];
  });
  return { problems: staleTrust(plan, seen), notCompared, authorities: authorityExpiry(plan, seen) };
}
