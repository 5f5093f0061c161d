import type { CaIssuer } from "../topology/file/ca-issuer.ts";
import { kubectlFor, shellWord } from "../topology/objects/kubectl.ts";
import { issuerText } from "../topology/plan/issuers.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { type Certificate, type Chain, certificatesIn, day, signerOf } from "./certificates.ts";
import type { Look } from "./shown-by-peer.ts";

/** The value that was found at a place; undefined where nothing is there. */
export type Found<T> = { readonly value: T | undefined } | { readonly unknown: string };

/** The trust of a plan's peers as it is in their clusters. */
export interface TrustSeen {
  /** For each peer: the CA certificate (PEM) that its operator keeps now. */
  readonly authority: (peer: string) => Found<string>;
  /** The texts in the Secret by which a peer trusts another one, one for each data key of its certificates; undefined where a key is missing. */
  readonly secret: (truster: string, trusted: string) => Found<readonly (string | undefined)[]>;
  /** Names of the Secrets that a BigPeer lists; undefined where there is no such BigPeer. */
  readonly listed: (truster: string) => Found<readonly string[]>;
  /** The certificates that a peer shows in its connections; undefined if nobody has looked. */
  readonly shown: (peer: string) => Look | undefined;
}

/** Something about trust that breaks a connection, now or later. */
export interface TrustProblem {
  /** The peer that trusts, and the peer that it trusts; they are the same where it is about the peer's own CA. */
  readonly truster: string;
  readonly trusted: string;
  /** A sentence without its subject: `does not trust the CA that bp2 has since 2026-11-26`. */
  readonly what: string;
  readonly mend: string;
}

/** Compares what peers trust with the CAs that there are now, and with what peers show where that is known. Pure. */
export function staleTrust(plan: Plan, seen: TrustSeen, now = new Date()): TrustProblem[] {
  return [...plan.peers.values()].flatMap((truster) => [
    ...authorityProblems(plan, truster.name, seen, now),
    ...truster.trusts.flatMap(({ peer, secret, issuer }) =>
      problemsOf(plan, { truster: truster.name, trusted: peer, secret, issuer }, seen, now),
    ),
  ]);
}

/** A CA that is there and is none: everything that trusts it would trust nobody. */
function authorityProblems(plan: Plan, peer: string, seen: TrustSeen, now: Date): TrustProblem[] {
  const found = seen.authority(peer);
  if (!("value" in found) || found.value === undefined) return [];
  const planned = plan.peers.get(peer);
  const place = `Secret ${planned?.namespace}/${planned?.caSecret}`;
  const key = planned?.caKey;
  const kubectl = kubectlFor(plan, planned?.cluster ?? "");
  const look = `${kubectl} -n ${planned?.namespace} describe secret ${planned?.caSecret}`;
  const problem = (what: string, mend: string): TrustProblem[] => [{ truster: peer, trusted: peer, what, mend }];
  const [ca] = certificatesIn(found.value);
  if (!ca) {
    return problem(
      `has no CA certificate: ${place} holds none under ${key} (cert-manager fills it; if the CA is under another key, set ${planned?.caKeySetting} to that one)`,
      look,
    );
  }
  if (!ca.x509.ca) {
    return problem(
      `has a certificate in ${place}, key ${key}, that is not a CA's (${nameOf(ca)}): it cannot be used to trust anybody, so operator.caSecret has to name where the operator keeps the CA`,
      `npx bigpeer contract --context ${contextOf(plan, peer)}`,
    );
  }
  if (ca.validTo.getTime() <= now.getTime())
    return problem(
      `has a CA certificate that expired on ${day(ca.validTo)}, and cert-manager has not renewed it: other peers no longer accept its certificates`,
      `${look} && ${mendCommand(plan, peer, peer)}`,
    );
  return [];
}

/** A peer that trusts, one that it trusts, the Secret for it, and the issuer that it trusts in that peer's place. */
interface Pair {
  readonly truster: string;
  readonly trusted: string;
  readonly secret: string;
  readonly issuer: CaIssuer | undefined;
}

function problemsOf(
  plan: Plan,
  { truster, trusted, secret, issuer }: Pair,
  seen: TrustSeen,
  now: Date,
): TrustProblem[] {
  const [held, authority, listed] = [seen.secret(truster, trusted), seen.authority(trusted), seen.listed(truster)];
  // Trust that has not been deployed yet cannot have become stale.
  if (!("value" in held) || held.value === undefined) return [];
  // An update does not see what was edited by hand, unless it refreshes.
  const refresh = upCommand(plan, truster, " --refresh");
  const edited = (what: string): TrustProblem[] => [{ truster, trusted, what, mend: refresh }];
  const mend = mendCommand(plan, truster, trusted);
  const stale = (what: string): TrustProblem[] => [{ truster, trusted, what, mend }];
  const namespace = plan.peers.get(truster)?.namespace;
  if ("value" in listed && listed.value && !listed.value.includes(secret))
    return edited(`does not list the Secret ${namespace}/${secret}, so it does not trust ${trusted}`);
  const texts = held.value;
  const keys = plan.operator.trustSecret.certificateKey;
  const trusting = texts.map((text) => certificatesIn(text ?? ""));
  const empty = trusting.findIndex((certificates) => certificates.length === 0);
  if (empty >= 0)
    return edited(`holds no certificate of ${trusted} in the Secret ${namespace}/${secret} under ${keys[empty]}`);
  const strange = trusting.flat().find(({ x509 }) => !x509.ca);
  if (strange)
    return edited(
      `trusts ${trusted} by a certificate that is not a CA's (${nameOf(strange)}): connections cannot be verified with it`,
    );

  const shown = seen.shown(trusted);
  const chains = shown && "chains" in shown ? shown.chains : [];
  // Each key has to do: nobody but the operator knows which it reads.
  const refused = chains.find((chain) => trusting.some((certificates) => !signedByValid(chain, certificates, now)));
  const leaf = refused?.[0];
  if (leaf) {
    const since = day(new Date(leaf.validFrom));
    if (issuer && refused?.length === 1 && leaf.issuer !== trusting[0]?.[0]?.x509.subject)
      return [
        {
          ...{ truster, trusted },
          what: `cannot verify the certificate that ${trusted} shows since ${since}: ${trusted} does not send along its CA (${issuerOf(leaf.issuer)}), and ${truster} trusts ${issuerText(issuer)} alone: their connection fails the next time it is opened`,
          mend: `write the issuer in \`spec\` of ${trusted} instead of \`caIssuer\`, so that its own CA is trusted, and run ${mend}`,
        },
      ];
    return stale(
      `does not trust the certificate that ${trusted} shows since ${since} (issued by ${issuerOf(leaf.issuer)}): their connection fails the next time it is opened`,
    );
  }
  const [ca] = certificatesIn(("value" in authority && authority.value) || "");
  if (!ca?.x509.ca) return [];
  const lacking = trusting.some(
    (certificates) => !certificates.some(({ fingerprint }) => fingerprint === ca.fingerprint),
  );
  if (!lacking) return [];
  const other = `does not trust the CA that ${trusted} has since ${day(ca.validFrom)}`;
  const [showing] = chains;
  return stale(
    showing?.[0]
      ? `${other}: their connection fails when ${trusted} gets a new certificate, by ${day(new Date(showing[0].validTo))} at the latest`
      : `${other}: their connection fails the next time it is opened, or when ${trusted} gets a new certificate`,
  );
}

function signedByValid(chain: Chain, authorities: readonly Certificate[], now: Date): boolean {
  const valid = authorities.filter(({ validTo }) => validTo.getTime() > now.getTime());
  return signerOf(chain, valid) !== undefined;
}

/**
 * The stack of the truster writes its trust, also where somebody has edited the Secret; what it writes comes from the outputs of the stack
 * that owns the other peer.
 */
function mendCommand(plan: Plan, truster: string, trusted: string): string {
  const own = upCommand(plan, truster, " --refresh");
  return stackOf(plan, truster) === stackOf(plan, trusted) ? own : `${upCommand(plan, trusted)} && ${own}`;
}

function upCommand(plan: Plan, peer: string, refresh = ""): string {
  const stack = stackOf(plan, peer);
  return `pulumi up${refresh}${stack === undefined ? "" : ` --stack ${stack}`}`;
}

function stackOf(plan: Plan, peer: string): string | undefined {
  return plan.clusters.get(plan.peers.get(peer)?.cluster ?? "")?.stack;
}

function contextOf(plan: Plan, peer: string): string {
  return shellWord(plan.clusters.get(plan.peers.get(peer)?.cluster ?? "")?.context ?? "");
}

function nameOf({ x509 }: Certificate): string {
  return x509.subject.replaceAll("\n", ", ");
}

function issuerOf(issuer: string): string {
  return `"${issuer.replaceAll("\n", ", ")}"`;
}
