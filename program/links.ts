import { type Output, output } from "@pulumi/pulumi";
import { issuerText } from "../topology/plan/issuers.ts";
import type { Plan } from "../topology/plan/plan.ts";
import type { Look } from "../trust/shown-by-peer.ts";
import { type StackReading, trustedPeers } from "./other-stacks.ts";
import type { Pending, StackExports } from "./stack-exports.ts";
import { type TrustOfPeer, trustOfPeer } from "./trust.ts";

/** What the stacks have exported: those of other clusters, and this one after its last update. */
export interface Known {
  readonly others: ReadonlyMap<string, StackReading>;
  readonly before: StackReading;
}

/** How to read the certificates that a peer shows in its connections. */
export type LookAtPeer = (peer: string) => Promise<Look>;

/** What a stack knows of the CAs of the peers that it owns or trusts. */
export interface TrustedCas {
  /** For each peer that an owned one trusts: its CA certificates, PEM. */
  readonly certificates: ReadonlyMap<string, Output<string>>;
  /** For each peer: former CAs that are still trusted, and which CA has signed what it shows. */
  readonly former: Output<NonNullable<StackExports["former"]>>;
  readonly shown: Output<NonNullable<StackExports["shown"]>>;
  /** What is not known yet, and is pending. */
  readonly pending: Pending[];
  /** Rotations that are under way. */
  readonly rotations: Output<Pending[]>;
}

/**
 * The CA certificates of every peer that an owned peer trusts, from this stack (`made`) and from others, and how far
 * their rotations have come.
 */
export function trustedCas(
  plan: Plan,
  owned: ReadonlySet<string>,
  made: ReadonlyMap<string, Output<string>>,
  { others, before }: Known,
  look: LookAtPeer,
  now = new Date(),
): TrustedCas {
  const certificates = new Map<string, Output<string>>();
  const pending: Pending[] = [];
  const decided: (readonly [string, Output<TrustOfPeer>])[] = [];
  const trusted = trustedPeers(plan, owned);
  const currentOf = (name: string) =>
    made.get(name) ?? others.get(plan.peers.get(name)?.cluster ?? "")?.exports?.peers[name]?.caCertificate;
  const isNew = (name: string) => made.has(name) && before.exports?.peers[name] === undefined;
  const ofIssuers = issuerCertificates(plan, [...made.keys(), ...trusted], (name) =>
    isNew(name) ? undefined : currentOf(name),
  );
  for (const name of new Set([...trusted, ...made.keys()])) {
    const other = others.get(plan.peers.get(name)?.cluster ?? "");
    const current = currentOf(name);
    const earlier = before.exports?.trusted[name];
    const issuer = plan.peers.get(name)?.issuer;
    const ofIssuer = issuer && ofIssuers.get(issuerText(issuer));
    if ((current === undefined || isNew(name)) && earlier === undefined && ofIssuer !== undefined) {
      // Nothing of a new Big Peer itself is needed: its CA will be signed by the issuer that another one has.
      if (trusted.has(name)) certificates.set(name, output(ofIssuer));
      continue;
    }
    if (current === undefined) {
      // A stack that cannot be read for a while must not cut off running connections.
      if (earlier !== undefined) certificates.set(name, output(earlier));
      pending.push(missing(`trust of ${name}`, other, `has no Big Peer "${name}" yet`));
      continue;
    }
    const known = {
      ...{ before: before.exports, other: other?.exports, now },
      ...{ look: () => look(name), limitMs: plan.peers.get(name)?.keepFormerCaMs },
    };
    const decision = output(current).apply((pem) => trustOfPeer(name, pem, known));
    if (trusted.has(name)) certificates.set(name, decision.certificates);
    // Nothing was known of a new Big Peer before, and a preview does not know its CA, so nothing can be said about a
    // rotation.
    if (!made.has(name) || before.exports?.peers[name] || earlier !== undefined) decided.push([name, decision]);
  }
  const all = output(decided.map(([, decision]) => decision));
  const byName = <T>(value: (decision: TrustOfPeer) => T | undefined) =>
    all.apply((decisions) => {
      const entries = decisions.map((decision, index) => [decided[index]?.[0] ?? "", value(decision)] as const);
      return Object.fromEntries(entries.flatMap(([name, found]) => (found === undefined ? [] : [[name, found]])));
    });
  return {
    certificates,
    former: byName(({ former }) => (former.length === 0 ? undefined : [...former])),
    shown: byName(({ shown }) => shown),
    pending,
    rotations: all.apply((decisions) => decisions.flatMap((each) => [...each.pending])),
  };
}

/** For each issuer: the CA certificates (PEM) that are known of the first Big Peer whose CA it has signed.
 * @param currentOf undefined for a Big Peer whose certificates are not known before the update */
function issuerCertificates(
  plan: Plan,
  peers: readonly string[],
  currentOf: (peer: string) => Output<string> | string | undefined,
): ReadonlyMap<string, Output<string> | string> {
  const known = peers.flatMap((name): [string, Output<string> | string][] => {
    const issuer = plan.peers.get(name)?.issuer;
    const current = currentOf(name);
    return issuer && current !== undefined ? [[issuerText(issuer), current]] : [];
  });
  return new Map(known.toReversed());
}

/**
 * The addresses of the targets that owned peers dial: those that this stack exposes (`made`), and those of other
 * stacks.
 */
export function exposedAddresses(
  plan: Plan,
  owned: ReadonlySet<string>,
  made: ReadonlyMap<string, string>,
  { others, before }: Known,
): { known: ReadonlyMap<string, string>; dialled: ReadonlyMap<string, string>; pending: Pending[] } {
  const dialled = new Map<string, string>();
  const pending: Pending[] = [];
  for (const [exposure, cluster] of dialledElsewhere(plan, owned)) {
    const other = others.get(cluster);
    const current = other?.exports?.exposures[exposure];
    const address = current ?? before.exports?.dialled[exposure];
    if (address !== undefined) dialled.set(exposure, address);
    if (current === undefined) pending.push(missing(`address of ${exposure}`, other, "does not expose it yet"));
  }
  return { known: new Map([...exposedBefore(plan, before), ...made, ...dialled]), dialled, pending };
}

/** A load balancer that has lost its address for a while must not cut off the peers that dial it. */
function exposedBefore(plan: Plan, before: StackReading): [string, string][] {
  return plan.exposures.flatMap(({ id, port }): [string, string][] => {
    const address = before.exports?.exposures[id];
    return address?.endsWith(`:${port}`) ? [[id, address]] : [];
  });
}

/** Exposures of other stacks, by their load balancer, that owned peers dial: ID -> cluster. */
export function dialledElsewhere(plan: Plan, owned: ReadonlySet<string>): Map<string, string> {
  const sides = [...plan.replications.values()].flatMap((replication) => replication.sides);
  const addresses = sides
    .filter(({ cluster }) => owned.has(cluster))
    .flatMap(({ connections }) => connections.map(({ address }) => address));
  return new Map(
    addresses.flatMap((address) =>
      address.kind === "load-balancer" && !owned.has(address.cluster) ? [[address.exposure, address.cluster]] : [],
    ),
  );
}

function missing(what: string, other: StackReading | undefined, lacks: string): Pending {
  if (other && !other.exports) return { what, reason: other.reason, next: other.next };
  return { what, reason: `the stack "${other?.name}" ${lacks}`, next: `pulumi up --stack ${other?.name}` };
}
