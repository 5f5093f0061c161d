import { kubectlFor } from "../../topology/objects/kubectl.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { type Certificate, certificatesIn, day } from "../../trust/certificates.ts";
import { staleTrust } from "../../trust/stale-trust.ts";
import { diallerOf } from "../dialler-words.ts";
import { type ExplainedLink, planOfLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { kubectl, nameOf, seenReplication, targetService } from "../objects-of-link.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";

/** Judges whether each of the two trusts the certificate of the other: which one is shown, who has signed it, until when, and who trusts that. */
export function tlsLayer(plan: Plan, link: ExplainedLink, seen: LinkSeen): Verdict {
  const { initiator, target } = link;
  const pair = planOfLink(plan, link);
  const service = targetService(link, plan);
  const slices = `${kubectlFor(plan, service.cluster)} -n ${service.namespace} get endpointslices -l kubernetes.io/service-name=${service.name}`;
  const look = seen.trust.shown(target.peer);
  const leaf = look && "chains" in look ? look.chains[0]?.[0] : undefined;
  if (!leaf && seen.here.connection === "open" && seen.here.handshake !== undefined && seen.here.handshake !== "shown")
    return broken(
      "TLS",
      `${seen.address} accepts connections and shows no certificate: ${seen.here.handshake.failure}. It is not the replication port of ${target.peer}, or nothing runs behind ${nameOf(service)}`,
      slices,
    );
  if (leaf && new Date(leaf.validTo) <= seen.now)
    return broken(
      "TLS",
      `${target.peer} shows a certificate that expired on ${day(new Date(leaf.validTo))}`,
      `let cert-manager reissue it: ${kubectlFor(plan, target.cluster)} -n ${target.namespace} get certificates`,
    );
  const [problem] = staleTrust(pair, seen.trust, seen.now);
  if (problem) return broken("TLS", `${problem.truster} ${problem.what}`, problem.mend);
  const dialler = diallerOf(plan, link, seen);
  if (dialler.connected === false && dialler.at === "TLS")
    return broken(
      "TLS",
      `the handshake of ${initiator.peer} fails: ${dialler.message}`,
      kubectl(plan, "describe", seenReplication(plan, initiator, seen).ref),
    );
  const ways = [trustOf(pair, initiator.peer, target.peer, seen), trustOf(pair, target.peer, initiator.peer, seen)];
  const [unread] = ways.flatMap((way) => ("unknown" in way ? [way.unknown] : []));
  const shown = leaf
    ? `${target.peer} shows a certificate of ${oneLine(leaf.subject)}, issued by ${oneLine(leaf.issuer)}, until ${day(new Date(leaf.validTo))}`
    : `the certificate that ${target.peer} shows was not seen${look && "unknown" in look ? `: ${look.unknown}` : ""}`;
  if (unread !== undefined) return unknown("TLS", `${shown}; ${unread}`);
  const trusted = ways.flatMap((way) => ("known" in way ? [way.known] : [])).join("; ");
  return holds("TLS", `${shown}; ${trusted}`);
}

/** The CA certificates by which one peer trusts another, or why they are not known. */
function trustOf(
  plan: Plan,
  truster: string,
  trusted: string,
  seen: LinkSeen,
): { readonly known: string } | { readonly unknown: string } {
  const planned = plan.peers.get(truster)?.trusts.find(({ peer }) => peer === trusted);
  const held = seen.trust.secret(truster, trusted);
  if ("unknown" in held) return { unknown: held.unknown };
  const authority = seen.trust.authority(trusted);
  if ("unknown" in authority) return { unknown: authority.unknown };
  const until = authoritiesOf(seen, truster, trusted).map(
    ({ x509, validTo }) => `${oneLine(x509.subject)} until ${day(validTo)}`,
  );
  return { known: `${truster} trusts ${until.join(" and ")} (Secret ${planned?.secret})` };
}

function authoritiesOf(seen: LinkSeen, truster: string, trusted: string): Certificate[] {
  const held = seen.trust.secret(truster, trusted);
  const texts = "value" in held ? (held.value ?? []) : [];
  const all = texts.flatMap((text) => certificatesIn(text ?? ""));
  return all.filter(({ fingerprint }, index) => all.findIndex((each) => each.fingerprint === fingerprint) === index);
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}
