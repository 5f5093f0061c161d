import type { Plan } from "../topology/plan/plan.ts";
import { appIdLayer } from "./layers/app-id.ts";
import { conditionsLayer } from "./layers/conditions.ts";
import { dnsLayer } from "./layers/dns.ts";
import { exposureLayer } from "./layers/exposure.ts";
import { objectsLayer } from "./layers/objects.ts";
import { subscriptionLayer } from "./layers/subscription.ts";
import { tcpLayer } from "./layers/tcp.ts";
import { tlsLayer } from "./layers/tls.ts";
import type { ExplainedLink } from "./link.ts";
import type { LinkSeen, Sample } from "./link-seen.ts";
import type { Verdict } from "./verdict.ts";

/** The verdict on every layer of a link but the last, for which a document has to be sent. Pure: all that was seen is given. */
export function verdictsOn(plan: Plan, link: ExplainedLink, seen: LinkSeen, sample?: Sample): Verdict[] {
  const layers = [objectsLayer, conditionsLayer, appIdLayer, exposureLayer, dnsLayer, tcpLayer, tlsLayer];
  return [
    ...layers.map((layer) => layer(plan, link, seen)),
    ...link.directions.map((direction) => subscriptionLayer(plan, link, seen, direction, sample)),
  ];
}
