import type { App } from "../file/app.ts";
import type { Cluster } from "../file/cluster.ts";
import { millisecondsOf } from "../file/length-of-time.ts";
import type { Peer } from "../file/peer.ts";
import type { Topology } from "../file/schema.ts";
import { passesThrough } from "../objects/passed-through.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { ownProperty } from "../own-property.ts";
import { exposedAddress, planExposures } from "./exposures.ts";
import { type Link, shapeOf } from "./forms.ts";
import { issuerOf } from "./issuers.ts";
import { withoutLost } from "./lost-clusters.ts";
import {
  apiServiceName,
  appObjectName,
  caSecretName,
  defaultTrustSecret,
  inClusterAddress,
  replicationObjectName,
  replicationServiceName,
  trustedCaKey,
} from "./names.ts";
import type {
  Plan,
  PlannedApp,
  PlannedAppObject,
  PlannedCluster,
  PlannedConnection,
  PlannedExposure,
  PlannedPeer,
  PlannedReplication,
  PlannedSide,
} from "./plan.ts";
import { withStandIns } from "./stand-ins.ts";
import { planWave } from "./waves.ts";
import { ingressesOf, isIngressController, waysOf } from "./ways.ts";

/** Plans a topology whose references are valid. Invalid references are left out, so that the rules can still check the rest. */
export function planTopology(whole: Topology): Plan {
  const { topology, lost } = withoutLost(withStandIns(whole));
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
    const paused = entry.paused === true;
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
          const settings = topology.clusters[target.cluster];
          const ways = clusters.get(target.cluster)?.ways;
          if (!settings || !ways) return [];
          const planned = planExposures(
            { replication: name, entry, peer: target, service },
            { settings, ways },
            operator,
          );
          for (const exposure of planned) exposures.set(exposure.id, exposure);
          const [dialled] = planned;
          return dialled ? [{ peer: target.name, address: exposedAddress(dialled) }] : [];
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
          openConnections: paused ? [] : connections,
          target: dialled.has(peer),
          serviceAddress: inClusterAddress(service, own.namespace, operator.replicationService.port),
        },
      ];
    });
    const { app, probe, spec, adopt } = entry;
    const { form, links } = shape;
    replications.set(name, { name, app, form, sides, links, paused, probe, spec, adopt });
  }
  return {
    environment: topology.environment,
    operator,
    confirmRemoval,
    allowReplace,
    failover: new Map(Object.entries(topology.failover)),
    clusters,
    lost: new Map([...lost].map(([name, cluster]) => [name, planCluster(name, cluster)])),
    peers,
    apps,
    replications,
    exposures: [...exposures.values()],
    waves: topology.waves.map(planWave),
  };
}

function planCluster(name: string, cluster: Cluster): PlannedCluster {
  const ways = waysOf(cluster);
  return {
    name,
    labels: cluster.labels ?? {},
    context: cluster.context ?? name,
    kubeconfig: cluster.kubeconfig,
    namespace: cluster.namespace,
    stack: cluster.stack,
    closed: cluster.inbound === "none",
    ways,
    ingresses: ingressesOf(ways),
  };
}

/** For each peer: whom it has a link with, in the order of the file. */
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
  topology: Pick<Topology, "operator" | "keepFormerCa" | "caIssuer" | "peers">,
): PlannedPeer {
  const { operator, keepFormerCa } = topology;
  const { caIssuer: _, ...others } = settings;
  const issuer = issuerOf(topology, name);
  const { key, keySetting } = trustedCaKey(operator, issuer !== undefined);
  const keptFor = settings.keepFormerCa ?? keepFormerCa;
  const namespace = settings.namespace ?? cluster.namespace;
  // Those with a Secret of their own name come first, in the order of their names: it is the order of the CAs in a Secret of several.
  const named = Object.keys(settings.trustSecrets ?? {}).filter((peer) => linked?.has(peer));
  const trusts = [...new Set([...named, ...(linked ?? [])])]
    .filter((peer) => peer !== name)
    .map((peer) => {
      const signer = issuerOf(topology, peer);
      const secret = ownProperty(settings.trustSecrets, peer) ?? defaultTrustSecret(operator, name, peer, signer);
      return { peer, secret, ...(signer ? { issuer: signer } : {}) };
    });
  return {
    name,
    cluster: cluster.name,
    namespace,
    labels: { ...cluster.labels, ...settings.labels },
    issuer,
    settings: {
      ...others,
      ...(issuer ? { caIssuer: issuer } : {}),
      kafkaListener: settings.kafkaListener ?? kafkaListener(settings, cluster, operator),
    },
    protect,
    keepFormerCaMs: keptFor === undefined ? undefined : millisecondsOf(keptFor),
    caSecret: caSecretName(operator, name),
    caKey: key,
    caKeySetting: keySetting,
    apiAddress: inClusterAddress(apiServiceName(operator, name), namespace, operator.apiService.port),
    trusts,
    otherTrustSecrets: settings.otherTrustSecrets ?? [],
  };
}

/**
 * Kafka's outside listener is an Ingress. It is on by default, and where no Ingress controller runs, the Big Peer never
 * becomes Ready. So it is switched off where the topology names no Ingress controller. Undefined leaves it to the
 * operator, or to `spec`.
 */
function kafkaListener({ host, spec }: Peer, { ways }: PlannedCluster, { fields }: OperatorContract) {
  const ingressRuns = [...ways.values()].some(isIngressController) || host !== undefined;
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
