import { certificatesIn } from "../trust/certificates.ts";
import {
  type FormerAuthority,
  formerAuthorities,
  keptAuthorities,
  rotationUnderWay,
  type Shown,
} from "../trust/former-authorities.ts";
import { type Look, shownOf } from "../trust/shown-by-peer.ts";
import type { Pending, StackExports } from "./stack-exports.ts";

/** What the stacks exported of a peer's CA before this update. */
export interface KnownOfPeer {
  /** What this stack exported after its last update. */
  readonly before: StackExports | undefined;
  /** The stack of the peer's cluster, where that is another one. */
  readonly other: StackExports | undefined;
  /** Reads the certificate that the peer shows; called only where a former CA is in question. */
  readonly look: () => Promise<Look>;
  readonly now: Date;
  readonly limitMs: number | undefined;
}

/** The CAs by which a peer is trusted, and what its rotation waits for. */
export interface TrustOfPeer {
  /** CA certificates (PEM): the one that it has, and the former ones that are still trusted. */
  readonly certificates: string;
  readonly former: readonly FormerAuthority[];
  /** Fingerprint of the CA that has signed what it shows, where that is known. */
  readonly shown: string | undefined;
  readonly pending: readonly Pending[];
}

/**
 * Decides which CA certificates of a peer are trusted. A stack knows which ones its own peers have had, and another
 * stack that trusts a peer may know further ones, which it trusted while the first was being updated. So the evidence
 * of all of them counts.
 */
export async function trustOfPeer(peer: string, current: string, known: KnownOfPeer): Promise<TrustOfPeer> {
  const { before, other, now, limitMs } = known;
  const recorded = [before, other].flatMap((stack) => stack?.former?.[peer] ?? []);
  const former = formerAuthorities(current, recorded, trustedBefore(peer, before), now);
  const said = [other, before].map((stack) => stack?.shown?.[peer]).find((signer) => signer !== undefined);
  const shown = former.length === 0 ? asSaid(said) : await evidence(current, former, said, known.look);
  const kept = keptAuthorities({ current, former, shown, now, limitMs });
  return {
    certificates:
      kept.length === 0 ? current : `${current.trimEnd()}\n${kept.map(({ certificate }) => certificate).join("")}`,
    former: kept,
    shown: "signer" in shown ? shown.signer : undefined,
    pending: rotationUnderWay(peer, kept, { shown, limitMs }),
  };
}

/** The certificates by which this stack has trusted the peer until now, or those that it has exported for its own peer. */
function trustedBefore(peer: string, before: StackExports | undefined): string {
  return [before?.trusted[peer], before?.peers[peer]?.caCertificate].filter((pem) => pem !== undefined).join("\n");
}

async function evidence(
  current: string,
  former: readonly FormerAuthority[],
  said: string | undefined,
  look: () => Promise<Look>,
): Promise<Shown> {
  // A peer's certificates are only ever issued by the CA that it has at the time, so what was once shown stays true.
  if (certificatesIn(current).some(({ fingerprint }) => fingerprint === said)) return asSaid(said);
  const authorities = certificatesIn([current, ...former.map(({ certificate }) => certificate)].join("\n"));
  const seen = shownOf(await look(), authorities);
  return "unknown" in seen && said !== undefined && authorities.some(({ fingerprint }) => fingerprint === said)
    ? asSaid(said)
    : seen;
}

function asSaid(signer: string | undefined): Shown {
  return signer === undefined ? { unknown: "its certificate has not been checked yet" } : { signer };
}
