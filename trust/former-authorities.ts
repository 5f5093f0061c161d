import { type Certificate, certificatesIn, day } from "./certificates.ts";

/** A CA certificate that a peer has had, and that is trusted beside the one that it has now. */
export interface FormerAuthority {
  /** PEM. */
  readonly certificate: string;
  /** The time at which a stack first saw another one in its place (ISO 8601). */
  readonly since: string;
}

/** The certificates that a peer shows in its connections, or the reason why they are not known. */
export type Shown =
  | {
      /** Fingerprint of the CA that has signed them; of the oldest, where several have. */
      readonly signer: string;
    }
  | {
      /** The reason why nothing is known, as a sentence about the peer without its name: `it is never dialled`. */
      readonly unknown: string;
    };

/** The progress of a rotation of a peer's CA. */
export interface Rotation {
  /** The CA certificate that the peer has now, PEM; with those that come with it. */
  readonly current: string;
  /** Those that it has had, the newest first. */
  readonly former: readonly FormerAuthority[];
  readonly shown: Shown;
  readonly now: Date;
  /** The longest time for which a former CA stays trusted, in milliseconds; undefined means until it expires. */
  readonly limitMs: number | undefined;
}

/**
 * The former CA certificates of a peer, the newest first: those that stacks have recorded, and those that were trusted until now.
 * @param recorded what stacks have noted; the earliest date of each counts
 * @param trusted what was trusted after the last update (PEM), the newest first
 */
export function formerAuthorities(
  current: string,
  recorded: readonly FormerAuthority[],
  trusted: string | undefined,
  now: Date,
): FormerAuthority[] {
  const present = new Set(certificatesIn(current).map(({ fingerprint }) => fingerprint));
  const found = new Map<string, FormerAuthority>();
  const noticed = certificatesIn(trusted ?? "").map(({ pem }) => ({ certificate: pem, since: now.toISOString() }));
  for (const { certificate, since } of [...recorded, ...noticed]) {
    for (const { fingerprint, pem } of certificatesIn(certificate)) {
      if (present.has(fingerprint)) continue;
      const known = found.get(fingerprint);
      const earliest = known && known.since <= since ? known.since : since;
      found.set(fingerprint, { certificate: pem, since: earliest });
    }
  }
  // The sort is stable: what is noticed at once stays in the order in which it was trusted.
  return [...found.values()].sort((one, other) => other.since.localeCompare(one.since));
}

/**
 * Those former CAs that are still trusted: whoever trusts the new one alone would refuse a peer that still shows a certificate of a
 * former one, and cert-manager reissues certificates only when they are about to expire (cert-manager v1.21.2,
 * internal/controller/certificates/policies: nothing there looks at the issuer's CA). A former CA goes when the peer shows
 * certificates of a newer one alone, when it has expired, or at the limit.
 */
export function keptAuthorities({ current, former, shown, now, limitMs }: Rotation): FormerAuthority[] {
  const signer = "signer" in shown ? shown.signer : undefined;
  const isCurrent = certificatesIn(current).some(({ fingerprint }) => fingerprint === signer);
  if (isCurrent) return [];
  const shownAt = former.findIndex(({ certificate }) => only(certificate)?.fingerprint === signer);
  const inUse = shownAt < 0 ? former : former.slice(0, shownAt + 1);
  return inUse.filter((each) => endOf(each, limitMs).getTime() > now.getTime());
}

/** The latest time at which a former CA stops being trusted. */
function endOf({ certificate, since }: FormerAuthority, limitMs: number | undefined): Date {
  const expiry = only(certificate)?.validTo.getTime() ?? 0;
  return new Date(Math.min(expiry, limitMs === undefined ? expiry : Date.parse(since) + limitMs));
}

function only(certificate: string): Certificate | undefined {
  return certificatesIn(certificate)[0];
}

/** A rotation that is under way, in words. */
export interface RotationUnderWay {
  readonly what: string;
  readonly reason: string;
  readonly next: string;
  /** The latest time at which it ends (ISO 8601). */
  readonly until: string;
}

/** Says what a rotation waits for, and until when; nothing where no former CA is trusted any longer.
 * @param kept the former CAs that are still trusted */
export function rotationUnderWay(
  peer: string,
  kept: readonly FormerAuthority[],
  { shown, limitMs }: Pick<Rotation, "shown" | "limitMs">,
): RotationUnderWay[] {
  if (kept.length === 0) return [];
  const until = new Date(Math.max(...kept.map((each) => endOf(each, limitMs).getTime())));
  const since = kept.map((each) => each.since).sort()[0] ?? "";
  const those = kept.length === 1 ? "its former CA is" : `its ${kept.length} former CAs are`;
  const why = "signer" in shown ? "it still shows a certificate of a former one" : shown.unknown;
  return [
    {
      what: `rotation of the CA of ${peer}`,
      reason: `${peer} has had a different CA since ${since.slice(0, 10)}, and ${those} also trusted until ${peer} shows a certificate of the new one, or until ${day(until)}: ${why}`,
      next:
        `wait until cert-manager has reissued the certificate of ${peer} (\`cmctl renew\` makes it reissue the certificate at once), and run pulumi up again; ` +
        `or set peers.${peer}.keepFormerCa`,
      until: until.toISOString(),
    },
  ];
}
