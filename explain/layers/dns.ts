import { isIP } from "node:net";
import { kubectlFor } from "../../topology/objects/kubectl.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { listenerOf } from "../../trust/shown-certificates.ts";
import { diallerOf } from "../dialler-words.ts";
import type { ExplainedLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { otherAddress } from "../other-address.ts";
import { podHint, podOf } from "../pod-hint.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";

/** Judges whether the host that is dialled has an address. What the dialler and a pod beside it say goes before what is seen from here. */
export function dnsLayer(plan: Plan, link: ExplainedLink, seen: LinkSeen): Verdict {
  const { initiator, target } = link;
  const host = seen.address === undefined ? undefined : listenerOf(seen.address)?.host;
  if (host === undefined) return unknown("DNS", `the address at which ${target.peer} is dialled is not known here`);
  if (isIP(host) !== 0) return holds("DNS", `${host} is an IP address`);
  const dialler = diallerOf(plan, link, seen);
  const pod = podOf(seen);
  const mend = mendOf(plan, link, host);
  if (pod?.name)
    return "failure" in pod.name
      ? broken("DNS", `${host} is not resolved ${pod.where}: ${pod.name.failure}`, mend)
      : holds("DNS", `${host} is resolved ${pod.where}`);
  if (dialler.connected === false && dialler.at === "DNS")
    return broken("DNS", `${initiator.peer} cannot resolve ${host}: ${dialler.message}`, mend);
  const { name, where } = seen.here;
  if (name && "addresses" in name) return holds("DNS", `${host} is ${name.addresses.join(", ")} ${where}`);
  const failure = name ? `: ${name.failure}` : "";
  const here = `${host} is not resolved ${where}${failure}`;
  if (dialler.connected === true) return holds("DNS", `${here}, but ${initiator.peer} is connected`);
  // It came further than to the name.
  if (dialler.connected === false && dialler.at !== undefined)
    return holds("DNS", `${here}, but ${initiator.peer} resolves it`);
  return unknown("DNS", here, podHint(initiator.cluster, seen));
}

function mendOf(plan: Plan, link: ExplainedLink, host: string): string {
  const { target, exposure } = link;
  if (!exposure) return `${kubectlFor(plan, target.cluster)} -n kube-system get pods -l k8s-app=kube-dns`;
  return `let ${host} resolve in the cluster of the dialler (\`dig ${host}\` there), or correct the host of cluster "${exposure.cluster}" in the topology, and run \`npx bigpeer deploy\`${otherAddress(plan, link)}`;
}
