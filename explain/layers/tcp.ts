import type { Plan } from "../../topology/plan/plan.ts";
import { diallerOf } from "../dialler-words.ts";
import type { ExplainedLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { kubectl, targetService } from "../objects-of-link.ts";
import { otherAddress } from "../other-address.ts";
import { podHint, podOf } from "../pod-hint.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";

/** Judges whether something accepts connections at the address. */
export function tcpLayer(plan: Plan, link: ExplainedLink, seen: LinkSeen): Verdict {
  const { initiator, target } = link;
  if (seen.address === undefined)
    return unknown("TCP", `the address at which ${target.peer} is dialled is not known here`);
  const dialler = diallerOf(plan, link, seen);
  const pod = podOf(seen);
  const { connection, where } = seen.here;
  const mend = mendOf(plan, link, seen.address);
  if (pod?.connection !== undefined)
    return pod.connection === "open"
      ? holds("TCP", `${seen.address} accepts connections ${pod.where}`)
      : broken("TCP", `${seen.address} does not accept connections ${pod.where}: ${pod.connection.failure}`, mend);
  if (dialler.connected === false && dialler.at === "TCP") {
    const here = connection === "open" ? `, although ${seen.address} accepts connections ${where}` : "";
    return broken("TCP", `${initiator.peer} cannot connect to ${seen.address}: ${dialler.message}${here}`, mend);
  }
  if (connection === "open") return holds("TCP", `${seen.address} accepts connections ${where}`);
  const failure = connection ? `: ${connection.failure}` : "";
  const here = `${seen.address} is not reached ${where}${failure}`;
  if (dialler.connected === true) return holds("TCP", `${here}, but ${initiator.peer} is connected`);
  if (dialler.connected === false && dialler.at === "TLS")
    return holds("TCP", `${here}, but ${initiator.peer} reaches it`);
  return unknown("TCP", here, podHint(initiator.cluster, seen));
}

function mendOf(plan: Plan, link: ExplainedLink, address: string): string {
  const { initiator, exposure } = link;
  if (!exposure) return kubectl(plan, "describe", targetService(link, plan));
  return `let cluster "${initiator.cluster}" connect to ${address} (\`npx bigpeer firewall --cluster ${initiator.cluster}\` lists what has to be open), and check that something listens there (\`nc -vz ${address.replace(/:(\d+)$/, " $1")}\`)${otherAddress(plan, link)}`;
}
