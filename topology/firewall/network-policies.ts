import { isIP } from "node:net";
import { type Manifest, managedByUs } from "../objects/manifests.ts";
import { givenBackend } from "../objects/service-manifests.ts";
import type { Plan, PlannedExposure, PlannedPeer } from "../plan/plan.ts";
import { type FirewallRule, firewallRules, type KnownAddresses } from "./firewall-rules.ts";

/** The label by which the API server names each namespace (Kubernetes, since 1.22). */
const namespaceName = "kubernetes.io/metadata.name";

/** Everybody, inside the cluster and outside of it: a rule of a NetworkPolicy says so by leaving out `from` or `to`. */
const anybody = undefined;

const dns = { ports: [port("UDP", 53), port("TCP", 53)] };

/** A NetworkPolicy, and the entry of the topology that it belongs to. */
export interface PlannedPolicy {
  readonly cluster: string;
  readonly peer: string;
  readonly manifest: Manifest;
}

/**
 * The NetworkPolicies of every Big Peer. They add up, so each allows one thing, and one that is not wanted is left out:
 * `<peer>-replication-ingress` lets those in that dial it, `<peer>-replication-egress` lets it dial others, and `<peer>-others` allows what is
 * no replication: its own namespace, clients on every port but that of replication, and webhooks.
 */
export function networkPolicies(plan: Plan, known: KnownAddresses = () => undefined): PlannedPolicy[] {
  const rules = firewallRules(plan, known);
  return [...plan.peers.values()].flatMap((peer) => {
    const dialled = rules.filter(({ direction, target, entry }) => {
      return direction === "ingress" && target?.peer === peer.name && entry.startsWith("replications.");
    });
    const own = rules.filter(({ direction, from }) => direction === "egress" && from?.peer === peer.name);
    const dials = own.filter(({ target }) => target !== undefined);
    const webhooks = own.filter(({ target }) => target === undefined);
    return [
      ...(dialled.length > 0 ? [replicationIngress(plan, peer, dialled)] : []),
      ...(dials.length > 0 ? [replicationEgress(plan, peer, dials)] : []),
      others(plan, peer, webhooks),
    ].map((manifest) => ({ cluster: peer.cluster, peer: peer.name, manifest }));
  });
}

function replicationIngress(plan: Plan, peer: PlannedPeer, rules: readonly FirewallRule[]): Manifest {
  const near = rules.flatMap(({ scope, from }) => (scope === "cluster" && from ? [podsOf(plan, from)] : []));
  const exposures = plan.exposures.filter((exposure) => exposure.peer === peer.name);
  const far = exposures.map(entrance);
  const open = far.includes(anybody);
  const from = open ? {} : { from: unique([...near, ...far.flatMap((each) => each ?? [])]) };
  const ports = replicationPorts(plan, peer).map((each) => port("TCP", each));
  return policy(plan, peer, "replication-ingress", { policyTypes: ["Ingress"], ingress: [{ ...from, ports }] });
}

function replicationEgress(plan: Plan, peer: PlannedPeer, rules: readonly FirewallRule[]): Manifest {
  const egress = rules.map(({ scope, target, to }) => {
    if (scope === "network" || !target) return { ...toHost(to.host), ports: [port("TCP", to.port)] };
    const other = plan.peers.get(target.peer);
    const ports = other ? replicationPorts(plan, other) : [to.port];
    return { to: [podsOf(plan, target)], ports: ports.map((each) => port("TCP", each)) };
  });
  const spec = { policyTypes: ["Egress"], egress: unique([dns, ...egress]) };
  return policy(plan, peer, "replication-egress", spec);
}

function others(plan: Plan, peer: PlannedPeer, webhooks: readonly FirewallRule[]): Manifest {
  const asked = webhooks.map(({ to }) => ({ ...toHost(to.host), ports: [port("TCP", to.port)] }));
  const ofReplication = replicationPorts(plan, peer).filter((each) => typeof each === "number");
  // Other Big Peers may run in its namespace, so the port of replication is left out there, too.
  const ports = portsWithout(ofReplication);
  return policy(plan, peer, "others", {
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports }],
    egress: unique([dns, { to: [{ podSelector: {} }], ports }, ...asked]),
  });
}

function policy(plan: Plan, peer: PlannedPeer, suffix: string, spec: object): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `${peer.name}-${suffix}`, namespace: peer.namespace, labels: managedByUs },
    spec: { podSelector: { matchLabels: { [plan.operator.labels.bigPeer]: peer.name } }, ...spec },
  };
}

/** From where the connections of an exposure reach the pods of its target. */
function entrance({ way }: PlannedExposure): object[] | undefined {
  switch (way.kind) {
    case "ingressNginx":
      // A controller in the network of its nodes comes with their addresses.
      return way.settings.hostPorts ? anybody : [namespaceOf(way.settings.namespace)];
    case "transportServer":
      return [namespaceOf(way.settings.namespace)];
    case "gateway":
      // The proxies of a Gateway may run in its namespace or in that of their controller.
      return [{ namespaceSelector: {} }];
    case "loadBalancer": {
      const { sourceRanges, externalTrafficPolicy } = way.settings;
      // Without `Local`, the connection comes with the address of a node.
      const kept = externalTrafficPolicy === "Local" && sourceRanges !== undefined;
      return kept ? sourceRanges.map((cidr) => ({ ipBlock: { cidr } })) : anybody;
    }
    case "nodePort":
    case "address":
      return anybody;
  }
}

/** A NetworkPolicy knows no host names: where a host is no IP address, its port is open to everybody. */
function toHost(host: string | undefined): { readonly to?: readonly object[] } {
  const bare = host?.replace(/^\[(.*)\]$/, "$1") ?? "";
  const family = isIP(bare);
  if (family === 0) return {};
  return { to: [{ ipBlock: { cidr: `${bare}/${family === 4 ? 32 : 128}` } }] };
}

/** The ports of the pods. The operator's Service may lead to another one, which only the file can say. */
function replicationPorts(plan: Plan, peer: PlannedPeer): (number | string)[] {
  const given = plan.exposures
    .filter((exposure) => exposure.peer === peer.name)
    .flatMap((exposure) => givenBackend(exposure)?.targetPort ?? []);
  return [...new Set([plan.operator.replicationService.port, ...given])];
}

/** Every TCP port but these, as ranges. */
function portsWithout(left: readonly number[]): object[] {
  const bounds = [0, ...left.toSorted((a, b) => a - b), 65_536];
  return bounds.slice(1).flatMap((end, index) => {
    const first = (bounds[index] ?? 0) + 1;
    if (first > end - 1) return [];
    return [{ protocol: "TCP", port: first, endPort: end - 1 }];
  });
}

function port(protocol: "TCP" | "UDP", number: number | string) {
  return { protocol, port: number };
}

function namespaceOf(name: string) {
  return { namespaceSelector: { matchLabels: { [namespaceName]: name } } };
}

function podsOf(plan: Plan, { namespace, peer }: { readonly namespace: string; readonly peer: string }) {
  return { ...namespaceOf(namespace), podSelector: { matchLabels: { [plan.operator.labels.bigPeer]: peer } } };
}

function unique<T extends object>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((each) => [JSON.stringify(each), each])).values()];
}
