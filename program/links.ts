import { type Output, output } from "@pulumi/pulumi";
import type { Plan } from "../topology/plan/plan.ts";
import { type StackReading, trustedPeers } from "./other-stacks.ts";
import type { Pending } from "./stack-exports.ts";
import { trustedCertificates } from "./trust.ts";

/** What stacks have said of themselves: those of other clusters, and this one after its last update. */
export interface Known {
  readonly others: ReadonlyMap<string, StackReading>;
  readonly before: StackReading;
}

/** The CA certificates of everybody that an owned peer trusts, of this stack (`made`) and of others. */
export function trustedCas(
  plan: Plan,
  owned: ReadonlySet<string>,
  made: ReadonlyMap<string, Output<string>>,
  { others, before }: Known,
): { certificates: ReadonlyMap<string, Output<string>>; pending: Pending[] } {
  const certificates = new Map<string, Output<string>>();
  const pending: Pending[] = [];
  for (const name of trustedPeers(plan, owned)) {
    const other = others.get(plan.peers.get(name)?.cluster ?? "");
    const current = made.get(name) ?? other?.exports?.peers[name]?.caCertificate;
    const earlier = before.exports?.trusted[name];
    const pem = current === undefined ? earlier : output(current).apply((now) => trustedCertificates(now, earlier));
    // A stack that cannot be read for a while must not cut off what runs.
    if (pem !== undefined) certificates.set(name, output(pem));
    if (current === undefined) pending.push(missing(`trust of ${name}`, other, `has no Big Peer "${name}" yet`));
  }
  return { certificates, pending };
}

/** Where the targets that owned peers dial are reached: those that this stack exposes (`made`), and those of others. */
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

/** A load balancer that has lost its address for a while must not cut off who dials it. */
function exposedBefore(plan: Plan, before: StackReading): [string, string][] {
  return plan.exposures.flatMap(({ id, port }): [string, string][] => {
    const address = before.exports?.exposures[id];
    return address?.endsWith(`:${port}`) ? [[id, address]] : [];
  });
}

/** Exposures of other stacks, by their load balancer, that owned peers dial: ID -> cluster. */
function dialledElsewhere(plan: Plan, owned: ReadonlySet<string>): Map<string, string> {
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
