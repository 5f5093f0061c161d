import { liveConditions } from "../status/live-conditions.ts";
import type { Plan } from "../topology/plan/plan.ts";
import type { ExplainedLink } from "./link.ts";
import type { LinkSeen, Reached } from "./link-seen.ts";
import { seenReplication } from "./objects-of-link.ts";

/** What the operator of the initiator's cluster reports of a link: nothing, that it is connected, or in its words why not. */
export type Dialler =
  | { readonly connected: undefined }
  | { readonly connected: true }
  | {
      readonly connected: false;
      readonly message: string /** The layer at which it failed, by its words. */;
      readonly at: Reached | undefined;
    };

/** Words of Node.js, Go and libc for each layer at which a connection fails. The operator's own words are not published. */
const words: readonly (readonly [Reached, RegExp])[] = [
  ["DNS", /ENOTFOUND|EAI_AGAIN|NXDOMAIN|no such host|name resolution|server misbehaving/i],
  [
    "TCP",
    /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|connection refused|no route to host|network is unreachable|i\/o timeout|timed out/i,
  ],
  ["TLS", /\bTLS\b|x509|certificate|handshake/i],
];

/** The dialler's side of a link. A replication that dials several targets names each address in its message. */
export function diallerOf(plan: Plan, link: ExplainedLink, seen: LinkSeen): Dialler {
  const { object } = seenReplication(plan, link.initiator, seen);
  const { connected } = liveConditions(object, "Ready");
  if (!connected) return { connected: undefined };
  if (connected.holds) return { connected: true };
  const others = link.initiator.connections
    .filter(({ peer }) => peer !== link.target.peer)
    .flatMap(({ address }) => (address.kind === "load-balancer" ? [] : [address.address]));
  const parts = connected.message.split("; ");
  const own = parts.filter((part) => seen.address !== undefined && part.includes(seen.address));
  // It speaks of other targets alone.
  if (own.length === 0 && parts.every((part) => others.some((other) => part.includes(other))))
    return { connected: undefined };
  const message = own.length > 0 ? own.join("; ") : connected.message;
  return { connected: false, message, at: words.find(([, pattern]) => pattern.test(message))?.[0] };
}
