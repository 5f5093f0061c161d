import { millisecondsOf } from "../file/length-of-time.ts";
import type { App, Auth, Cluster, Ingress, Peer, Queries, ReplicationEntry, Topology } from "../file/schema.ts";
import { passesThrough } from "../objects/passed-through.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { type Form, type Link, shapeOf } from "./forms.ts";
import { withoutLost } from "./lost-clusters.ts";
import {
  apiServiceName,
  appObjectName,
  caSecretName,
  exposureId,
  hostPort,
  inClusterAddress,
  replicationObjectName,
  replicationServiceName,
  trustSecretName,
} from "./names.ts";
import { portOf } from "./ports.ts";

/**
 * The plan: everything that is decided, and nothing that is not. Names, addresses, ports, sides, trust and queries are decided
 * here and nowhere else; components carry it out, rules judge it, verify probes it. It is a pure function of the topology.
 */
export interface Plan {
  readonly environment: Topology["environment"];
  readonly operator: OperatorContract;
  /** Peers that may be deleted. */
  readonly confirmRemoval: ReadonlySet<string>;
  /** `peers.<name>` and `apps.<name>` that a change may make anew. */
  readonly allowReplace: ReadonlySet<string>;
  readonly clusters: ReadonlyMap<string, PlannedCluster>;
  /** Clusters that are gone for ever. Nothing else in the plan is of them. */
  readonly lost: ReadonlyMap<string, PlannedCluster>;
  readonly peers: ReadonlyMap<string, PlannedPeer>;
  readonly apps: ReadonlyMap<string, PlannedApp>;
  readonly replications: ReadonlyMap<string, PlannedReplication>;
  /** Every target that a peer of another cluster dials. */
  readonly exposures: readonly PlannedExposure[];
}

export interface PlannedCluster {
  readonly name: string;
  readonly context: string;
  readonly kubeconfig: string | undefined;
  readonly namespace: string;
  /** The Pulumi stack that owns the cluster, where the topology says it. */
  readonly stack: string | undefined;
  readonly closed: boolean;
  readonly ingresses: ReadonlyMap<string, Ingress>;
}

export interface PlannedPeer {
  readonly name: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly settings: Peer;
  /** The Secret in which the operator keeps its CA. */
  readonly caSecret: string;
  /** In-cluster `host:port` of its HTTP API. */
  readonly apiAddress: string;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
  /** How long a former CA of it is trusted at most, in milliseconds; undefined: until it expires. */
  readonly keepFormerCaMs: number | undefined;
  /** Whom it has a link with, in the order of the file. */
  readonly trusts: readonly PlannedTrust[];
}

export interface PlannedTrust {
  readonly peer: string;
  /** The Secret with that peer's CA certificate, in the truster's namespace. */
  readonly secret: string;
}

export interface PlannedApp {
  readonly name: string;
  /** UUID; undefined: generated once, by the stack that owns `idOwner`'s cluster. */
  readonly id: string | undefined;
  readonly idOwner: string;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
  readonly auth: Auth | undefined;
  /** Further fields of each BigPeerApp's `spec`. */
  readonly spec: App["spec"];
  /** Which of its objects may be taken over from somebody else. */
  readonly adopt: App["adopt"];
  readonly objects: readonly PlannedAppObject[];
}

export interface PlannedAppObject {
  readonly name: string;
  readonly peer: string;
  readonly cluster: string;
  readonly namespace: string;
}

export interface PlannedReplication {
  readonly name: string;
  readonly app: string;
  readonly form: Form;
  readonly sides: readonly PlannedSide[];
  readonly links: readonly Link[];
  readonly probe: ReplicationEntry["probe"];
  /** Further fields of each BigPeerReplication's `spec`. */
  readonly spec: ReplicationEntry["spec"];
  /** Which of its objects may be taken over from somebody else. */
  readonly adopt: ReplicationEntry["adopt"];
}

/** One BigPeerReplication: what one peer dials and subscribes to in one replication. */
export interface PlannedSide {
  /** Name of the BigPeerReplication. */
  readonly name: string;
  readonly peer: string;
  readonly cluster: string;
  readonly namespace: string;
  /** Name of the BigPeerApp on the same peer. */
  readonly appObject: string;
  readonly subscribes: Queries;
  /** Empty on a pure target (guide: the target has no connections). */
  readonly connections: readonly PlannedConnection[];
  /** Whether somebody dials it. */
  readonly target: boolean;
  /** In-cluster `host:port` of the Service that the operator makes for it. */
  readonly serviceAddress: string;
}

export interface PlannedConnection {
  readonly peer: string;
  readonly address: Address;
}

/** How one peer reaches another: inside a cluster by DNS, else by what the target's cluster exposes. */
export type Address =
  | { readonly kind: "in-cluster"; readonly address: string }
  | { readonly kind: "host"; readonly address: string; readonly exposure: string }
  | {
      readonly kind: "load-balancer";
      readonly cluster: string;
      readonly ingress: string;
      readonly port: number;
      readonly exposure: string;
    };

export interface PlannedExposure {
  /** `<cluster>/<replication>/<peer>`, see `exposureId`. */
  readonly id: string;
  readonly cluster: string;
  readonly ingress: string;
  readonly replication: string;
  readonly peer: string;
  readonly port: number;
  /** Whether the file pins the port. */
  readonly pinned: boolean;
  /** What the port leads to: `namespace`, Service name and its port. */
  readonly backend: { readonly namespace: string; readonly service: string; readonly port: number };
}

/** Plans a topology whose references hold. What does not hold is left out, so that rules can still judge the rest. */
export function planTopology(whole: Topology): Plan {
  const { topology, lost } = withoutLost(whole);
  const operator = topology.operator;
  const confirmRemoval = new Set(topology.confirmRemoval);
  const allowReplace = new Set(topology.allowReplace);
  const production = topology.environment !== "development";
  const clusters = new Map(
    Object.entries(topology.clusters).map(([name, cluster]) => [name, planCluster(name, cluster)]),
  );
  const shapes = Object.entries(topology.replications).flatMap(([name, entry]) => {
    const shape = shapeOf(topology, name, entry);
    const declared = (peer: string) => topology.peers[peer] !== undefined && clusters.has(topology.peers[peer].cluster);
    return shape?.members.every(({ peer }) => declared(peer)) ? [{ name, entry, shape }] : [];
  });
  const linked = linkedPeers(shapes.flatMap(({ shape }) => shape.links));

  const peers = new Map<string, PlannedPeer>();
  for (const [name, settings] of Object.entries(topology.peers)) {
    const cluster = clusters.get(settings.cluster);
    const protect = production && !confirmRemoval.has(name) && !allowReplace.has(`peers.${name}`);
    if (cluster) peers.set(name, planPeer({ name, settings, protect }, cluster, linked.get(name), topology));
  }
  const apps = new Map(
    Object.entries(topology.apps).map(([name, app]) => {
      const protect = production && !allowReplace.has(`apps.${name}`);
      return [name, planApp({ name, app, protect }, peers)];
    }),
  );

  const exposures = new Map<string, PlannedExposure>();
  const replications = new Map<string, PlannedReplication>();
  for (const { name, entry, shape } of shapes) {
    const dialled = new Set(shape.links.map((link) => link.target));
    const sides = shape.members.flatMap(({ peer, subscribes }): PlannedSide[] => {
      const own = peers.get(peer);
      if (!own) return [];
      const object = replicationObjectName(name, peer);
      const connections = shape.links
        .filter((link) => link.initiator === peer)
        .flatMap((link): PlannedConnection[] => {
          const target = peers.get(link.target);
          if (!target) return [];
          const service = replicationServiceName(operator, target.name, replicationObjectName(name, target.name));
          if (target.cluster === own.cluster) {
            const address = inClusterAddress(service, target.namespace, operator.replicationService.port);
            return [{ peer: target.name, address: { kind: "in-cluster", address } }];
          }
          const exposure = planExposure(name, entry, target, service, clusters, operator);
          if (!exposure) return [];
          exposures.set(exposure.id, exposure);
          return [{ peer: target.name, address: exposedAddress(exposure, clusters) }];
        });
      const service = replicationServiceName(operator, peer, object);
      return [
        {
          name: object,
          peer,
          cluster: own.cluster,
          namespace: own.namespace,
          appObject: appObjectName(entry.app, peer),
          subscribes,
          connections,
          target: dialled.has(peer),
          serviceAddress: inClusterAddress(service, own.namespace, operator.replicationService.port),
        },
      ];
    });
    const { app, probe, spec, adopt } = entry;
    replications.set(name, { name, app, form: shape.form, sides, links: shape.links, probe, spec, adopt });
  }
  return {
    environment: topology.environment,
    operator,
    confirmRemoval,
    allowReplace,
    clusters,
    lost: new Map([...lost].map(([name, cluster]) => [name, planCluster(name, cluster)])),
    peers,
    apps,
    replications,
    exposures: [...exposures.values()],
  };
}

function planCluster(name: string, cluster: Cluster): PlannedCluster {
  const ingresses = new Map(Object.entries(cluster.ingresses ?? {}));
  if (cluster.ingress) ingresses.set("default", cluster.ingress);
  return {
    name,
    context: cluster.context ?? name,
    kubeconfig: cluster.kubeconfig,
    namespace: cluster.namespace,
    stack: cluster.stack,
    closed: cluster.inbound === "none",
    ingresses,
  };
}

/** By peer: whom it has a link with, in the order of the file. */
function linkedPeers(links: readonly Link[]): ReadonlyMap<string, ReadonlySet<string>> {
  const linked = new Map<string, Set<string>>();
  const add = (peer: string, other: string) => {
    const others = linked.get(peer);
    if (others) others.add(other);
    else linked.set(peer, new Set([other]));
  };
  for (const { initiator, target } of links) {
    add(initiator, target);
    add(target, initiator);
  }
  return linked;
}

function planPeer(
  { name, settings, protect }: { name: string; settings: Peer; protect: boolean },
  cluster: PlannedCluster,
  linked: ReadonlySet<string> | undefined,
  { operator, keepFormerCa }: Pick<Topology, "operator" | "keepFormerCa">,
): PlannedPeer {
  const keptFor = settings.keepFormerCa ?? keepFormerCa;
  const namespace = settings.namespace ?? cluster.namespace;
  const trusts = [...(linked ?? [])]
    .filter((peer) => peer !== name)
    .map((peer) => ({ peer, secret: trustSecretName(name, peer) }));
  return {
    name,
    cluster: cluster.name,
    namespace,
    settings: { ...settings, kafkaListener: settings.kafkaListener ?? kafkaListener(settings, cluster, operator) },
    protect,
    keepFormerCaMs: keptFor === undefined ? undefined : millisecondsOf(keptFor),
    caSecret: caSecretName(operator, name),
    apiAddress: inClusterAddress(apiServiceName(operator, name), namespace, operator.apiService.port),
    trusts,
  };
}

/**
 * Kafka's outside listener is an Ingress, on by default, and where no Ingress controller runs no Big Peer ever becomes Ready. So it is
 * switched off where nothing in the topology says that there is one; undefined leaves it to the operator, or to what `spec` passes on.
 */
function kafkaListener({ host, spec }: Peer, { ingresses }: PlannedCluster, { fields }: OperatorContract) {
  const ingressRuns = ingresses.size > 0 || host !== undefined;
  return ingressRuns || passesThrough(spec, fields.bigPeer.kafkaListener) ? undefined : false;
}

function planApp(
  { name, app, protect }: { name: string; app: App; protect: boolean },
  peers: ReadonlyMap<string, PlannedPeer>,
): PlannedApp {
  const objects = app.peers.flatMap((peerName): PlannedAppObject[] => {
    const peer = peers.get(peerName);
    return peer
      ? [{ name: appObjectName(name, peerName), peer: peerName, cluster: peer.cluster, namespace: peer.namespace }]
      : [];
  });
  const { id, auth, spec, adopt } = app;
  return { name, id, idOwner: app.peers[0] ?? "", protect, auth, spec, adopt, objects };
}

function planExposure(
  replication: string,
  entry: ReplicationEntry,
  target: PlannedPeer,
  service: string,
  clusters: ReadonlyMap<string, PlannedCluster>,
  operator: OperatorContract,
): PlannedExposure | undefined {
  const ingressName = target.settings.ingress ?? "default";
  const ingress = clusters.get(target.cluster)?.ingresses.get(ingressName);
  if (!ingress) return undefined;
  const pin = typeof entry.port === "number" ? entry.port : entry.port?.[target.name];
  return {
    id: exposureId(target.cluster, replication, target.name),
    cluster: target.cluster,
    ingress: ingressName,
    replication,
    peer: target.name,
    port: pin ?? portOf(ingress.ports, replication, target.name),
    pinned: pin !== undefined,
    backend: { namespace: target.namespace, service, port: operator.replicationService.port },
  };
}

function exposedAddress(exposure: PlannedExposure, clusters: ReadonlyMap<string, PlannedCluster>): Address {
  const host = clusters.get(exposure.cluster)?.ingresses.get(exposure.ingress)?.host;
  if (host !== undefined) return { kind: "host", address: hostPort(host, exposure.port), exposure: exposure.id };
  return {
    kind: "load-balancer",
    cluster: exposure.cluster,
    ingress: exposure.ingress,
    port: exposure.port,
    exposure: exposure.id,
  };
}
