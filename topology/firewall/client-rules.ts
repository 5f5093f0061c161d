import type { Auth } from "../file/auth.ts";
import type { Plan, PlannedPeer } from "../plan/plan.ts";
import { endOf, type FirewallRule } from "./firewall-rules.ts";

/** The port of HTTPS, at which an Ingress answers. */
const httpsPort = 443;

/** What goes with sign-ins and clients: the webhooks that Big Peers ask, and the hosts under which clients reach them. */
export function clientRules(plan: Plan): FirewallRule[] {
  return [...plan.peers.values()].flatMap((peer) => [
    ...webhooks(peer, peer.settings.auth, `peers.${peer.name}`),
    ...[...plan.apps.values()].flatMap(({ name, auth, objects }) =>
      objects.some((object) => object.peer === peer.name) ? webhooks(peer, auth, `apps.${name}`) : [],
    ),
    ...clients(peer),
  ]);
}

function webhooks(peer: PlannedPeer, auth: Auth | undefined, entry: string): FirewallRule[] {
  return Object.entries(auth?.webhooks ?? {}).map(([provider, { url }]): FirewallRule => {
    const { hostname, port, protocol } = new URL(url);
    return {
      cluster: peer.cluster,
      direction: "egress",
      scope: "network",
      from: endOf(peer),
      to: { host: hostname, port: port === "" ? (protocol === "http:" ? 80 : httpsPort) : Number(port) },
      target: undefined,
      via: undefined,
      leadsTo: undefined,
      dialled: true,
      entry,
      why: `${peer.name} asks the webhook ${provider} who may sign in`,
    };
  });
}

function clients(peer: PlannedPeer): FirewallRule[] {
  const { host } = peer.settings;
  if (host === undefined) return [];
  return [
    {
      cluster: peer.cluster,
      direction: "ingress",
      scope: "network",
      from: undefined,
      to: { host, port: httpsPort },
      target: endOf(peer),
      via: "the Ingress of the operator",
      leadsTo: undefined,
      dialled: true,
      entry: `peers.${peer.name}`,
      why: `SDKs and other clients of ${peer.name} use its HTTP API`,
    },
  ];
}
