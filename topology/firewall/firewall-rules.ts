import { splitAddress } from "../file/host-and-port.ts";
import type { Plan, PlannedConnection, PlannedExposure, PlannedPeer, PlannedReplication } from "../plan/plan.ts";
import { exposureOf } from "../plan/share.ts";
import { gatewayPlace, wayNoun } from "../plan/ways.ts";
import { clientRules } from "./client-rules.ts";

/** One end of a connection that a firewall sees. */
export interface FirewallEnd {
  readonly cluster: string;
  readonly namespace: string;
  readonly peer: string;
}

/** A connection that the firewall of one cluster has to let through. All of them are TCP. */
export interface FirewallRule {
  /** The cluster whose firewall lets it through. */
  readonly cluster: string;
  /** `egress`: a peer of the cluster dials out; `ingress`: it is dialled. */
  readonly direction: "egress" | "ingress";
  /** `cluster`: within one cluster, where only NetworkPolicies see it; `network`: between clusters, or with others. */
  readonly scope: "cluster" | "network";
  /** Who dials; undefined: whoever is a client of the Big Peer. */
  readonly from: FirewallEnd | undefined;
  /** What is dialled. A host that only a deployment knows is undefined. */
  readonly to: { readonly host: string | undefined; readonly port: number };
  /** The Big Peer that is dialled; undefined: somebody else, such as a webhook. */
  readonly target: FirewallEnd | undefined;
  /** What lets the connection into the target's cluster, as a person calls it. */
  readonly via: string | undefined;
  /** Where it leads inside the target's cluster: `<namespace>/<Service>:<port>`. */
  readonly leadsTo: string | undefined;
  /** False for a way that is open beside the one that is dialled. */
  readonly dialled: boolean;
  /** The entry of the topology that needs it, such as `replications.blue-cars`. */
  readonly entry: string;
  /** What it is for, in one sentence without a full stop. */
  readonly why: string;
}

/** The `host:port` of an exposure (by its ID), as the stacks have exported it; undefined: they have not. */
export type KnownAddresses = (exposure: string) => string | undefined;

/**
 * Every connection that a topology needs, once for each cluster whose firewall sees it: as egress where somebody dials, as ingress where
 * somebody is dialled. Sorted by cluster, in the order of the file.
 * @param known the addresses that only a deployment gives
 */
export function firewallRules(plan: Plan, known: KnownAddresses = () => undefined): FirewallRule[] {
  const replicated = [...plan.replications.values()].flatMap((replication) =>
    replicationRules(plan, replication, known),
  );
  const rules = [...replicated, ...besideRules(plan, known), ...clientRules(plan)];
  const order = [...plan.clusters.keys()];
  const place = ({ cluster, direction }: FirewallRule) => order.indexOf(cluster) * 2 + (direction === "egress" ? 0 : 1);
  return rules.sort((a, b) => place(a) - place(b));
}

/** The end at a peer. */
export function endOf({ cluster, namespace, name }: PlannedPeer): FirewallEnd {
  return { cluster, namespace, peer: name };
}

function replicationRules(plan: Plan, replication: PlannedReplication, known: KnownAddresses): FirewallRule[] {
  return replication.sides.flatMap((side) =>
    side.connections.flatMap((connection) => {
      const from = plan.peers.get(side.peer);
      const target = plan.peers.get(connection.peer);
      return from && target ? bothSides(plan, { replication, from, target, connection }, known) : [];
    }),
  );
}

interface Dialling {
  readonly replication: PlannedReplication;
  readonly from: PlannedPeer;
  readonly target: PlannedPeer;
  readonly connection: PlannedConnection;
}

function bothSides(plan: Plan, { replication, from, target, connection }: Dialling, known: KnownAddresses) {
  const { address } = connection;
  const exposure = address.kind === "in-cluster" ? undefined : exposureOf(plan, address.exposure);
  const service = replication.sides.find(({ peer }) => peer === target.name)?.serviceAddress;
  const to =
    exposure !== undefined
      ? exposedAt(exposure, known)
      : splitAddress(address.kind === "load-balancer" ? "" : address.address);
  if (!to) return [];
  const rule = {
    scope: exposure === undefined ? ("cluster" as const) : ("network" as const),
    from: endOf(from),
    to,
    target: endOf(target),
    via: exposure && placeOf(exposure),
    leadsTo: exposure ? backendOf(exposure) : service,
    dialled: true,
    entry: `replications.${replication.name}`,
    why: `${from.name} dials ${target.name} to replicate the app ${replication.app}`,
  };
  return [
    { ...rule, cluster: from.cluster, direction: "egress" as const },
    { ...rule, cluster: target.cluster, direction: "ingress" as const },
  ];
}

/** What is open beside the way that is dialled, for each peer of another cluster that may come that way. */
function besideRules(plan: Plan, known: KnownAddresses): FirewallRule[] {
  return plan.exposures
    .filter(({ dialled }) => !dialled)
    .flatMap((exposure) => {
      const target = plan.peers.get(exposure.peer);
      const replication = plan.replications.get(exposure.replication);
      if (!target || !replication) return [];
      const diallers = replication.links.flatMap(({ initiator, target: dialled }) => {
        const peer = plan.peers.get(initiator);
        return dialled === target.name && peer && peer.cluster !== target.cluster ? [peer] : [];
      });
      return diallers.flatMap((from): FirewallRule[] => {
        const rule: Omit<FirewallRule, "cluster" | "direction"> = {
          scope: "network",
          from: endOf(from),
          to: exposedAt(exposure, known),
          target: endOf(target),
          via: placeOf(exposure),
          leadsTo: backendOf(exposure),
          dialled: false,
          entry: `replications.${exposure.replication}`,
          why: `open beside the way by which ${from.name} dials ${target.name}; nobody dials it now`,
        };
        const ingress: FirewallRule = { ...rule, cluster: target.cluster, direction: "ingress" };
        // A further address is there to be dialled when the first one fails, and a firewall that is asked then is asked too late.
        return exposure.way.kind === "address"
          ? [{ ...rule, cluster: from.cluster, direction: "egress" }, ingress]
          : [ingress];
      });
    });
}

function exposedAt({ id, host, port }: PlannedExposure, known: KnownAddresses): FirewallRule["to"] {
  if (host !== undefined) return { host, port };
  const address = known(id);
  return (address === undefined ? undefined : splitAddress(address)) ?? { host: undefined, port };
}

function backendOf({ backend: { namespace, service, port } }: PlannedExposure): string {
  return `${namespace}/${service}:${port}`;
}

/** A way with the place of what accepts the connections: `ingress-nginx (ingress-nginx/ingress-nginx-controller)`. */
function placeOf({ way, backend, object }: PlannedExposure): string {
  const noun = wayNoun[way.kind];
  switch (way.kind) {
    case "address":
      return noun;
    case "loadBalancer":
    case "nodePort":
      return `${noun} (${backend.namespace}/${object})`;
    case "gateway":
      return `${noun} (${gatewayPlace(way)})`;
    case "ingressNginx":
    case "transportServer":
      return `${noun} (${way.settings.namespace}/${way.settings.service})`;
  }
}
