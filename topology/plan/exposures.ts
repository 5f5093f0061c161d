import type { Cluster } from "../file/cluster.ts";
import type { Way } from "../file/exposure.ts";
import { splitAddress } from "../file/host-and-port.ts";
import { givenAddresses, type ReplicationEntry } from "../file/replication.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { ownProperty } from "../own-property.ts";
import { exposedObjectName, exposureId, hostPort } from "./names.ts";
import type { Address, PlannedExposure, PlannedPeer } from "./plan.ts";
import { portOf } from "./ports.ts";
import { defaultWay, hostOf, portsOf, wayNamesOf } from "./ways.ts";

/** What is known of a target that peers of other clusters dial. */
export interface ExposedTarget {
  readonly replication: string;
  readonly entry: ReplicationEntry;
  readonly peer: PlannedPeer;
  /** Name of the Service that the operator makes for it. */
  readonly service: string;
}

/** The cluster of a target in the file, with its ways by name. */
export interface ExposingCluster {
  readonly settings: Cluster;
  readonly ways: ReadonlyMap<string, Way>;
}

/** Every exposure of a target, the one that is dialled first; none where nothing in the topology leads to it. */
export function planExposures(
  target: ExposedTarget,
  { settings, ways }: ExposingCluster,
  operator: OperatorContract,
): PlannedExposure[] {
  const { ways: given, listedBy: giver } = addressWays(target);
  if (given.length > 0)
    return given.map((way, index) => {
      const name = index === 0 ? addressWay : `${addressWay}-${index + 1}`;
      return planned(target, { name, way, plain: index === 0, dialled: index === 0, listedBy: giver }, operator);
    });
  const named = wayNamesOf(target.peer.settings, settings).flatMap((name) => {
    const way = ways.get(name);
    return way ? [{ name, way }] : [];
  });
  // An earlier release wrote states in which the ID of an exposure has no name of a way.
  const former = named.findIndex(({ name }) => name === defaultWay || ownProperty(settings.ingresses, name));
  const { exposure, ingress } = target.peer.settings;
  const listedBy = exposure !== undefined || ingress !== undefined ? "peer" : "cluster";
  return named.map((each, index) =>
    planned(target, { ...each, plain: index === former, dialled: index === 0, listedBy }, operator),
  );
}

/** The name of the way of a target whose address the file gives. */
const addressWay = "address";

/** Each `address` of the replication, or of the peer. */
function addressWays({ entry, peer }: ExposedTarget): {
  readonly ways: readonly Way[];
  readonly listedBy: "replication" | "peer";
} {
  const given = givenAddresses(entry, peer.name).flatMap((text) => splitAddress(text) ?? []);
  if (given.length > 0)
    return { ways: given.map((settings) => ({ kind: "address", settings })), listedBy: "replication" };
  const hosts = [peer.settings.address ?? []].flat();
  return { ways: hosts.map((host) => ({ kind: "address", settings: { host } })), listedBy: "peer" };
}

/** A way by which a target is exposed. */
interface PlannedWay extends Pick<PlannedExposure, "dialled" | "listedBy"> {
  readonly name: string;
  readonly way: Way;
  /** True if the ID of the exposure has no name of a way. */
  readonly plain: boolean;
}

function planned(
  { replication, entry, peer, service }: ExposedTarget,
  { name, way, plain, dialled, listedBy }: PlannedWay,
  operator: OperatorContract,
): PlannedExposure {
  const { cluster, namespace } = peer;
  const { port: servicePort } = operator.replicationService;
  const pin = pinOf(entry, peer.name, { name, way, dialled });
  const range = portsOf(way);
  const own = way.kind === "address" ? (way.settings.port ?? servicePort) : servicePort;
  const port = pin ?? (range ? portOf(range, replication, peer.name) : own);
  const names = { peer: peer.name, replication, service, namespace, port: String(port) };
  const host = hostOf(way);
  return {
    id: exposureId(cluster, replication, peer.name, plain ? undefined : name),
    cluster,
    ingress: name,
    way,
    replication,
    peer: peer.name,
    port,
    pinned: pin !== undefined,
    dialled,
    listedBy,
    backend: { namespace, service, port: servicePort },
    object: exposedObjectName(replication, peer.name, name === defaultWay ? undefined : name),
    names,
    host: host === undefined ? undefined : fillNames(host, names),
  };
}

/**
 * A pin without the name of a way is meant for the way that is dialled. Another way takes the pinned port only if its
 * range has it.
 */
function pinOf(
  { port, address }: ReplicationEntry,
  peer: string,
  { name, way, dialled }: { name: string; way: Way; dialled: boolean },
): number | undefined {
  const pin = typeof port === "number" ? port : ownProperty(port, peer);
  if (pin === undefined || (way.kind === "address" && address !== undefined)) return undefined;
  if (typeof pin === "object") return ownProperty(pin, name);
  const range = portsOf(way);
  const fits = !range || (pin >= range.first && pin <= range.last);
  return dialled || fits ? pin : undefined;
}

/** Fills the placeholders of a host, an annotation or the name of a listener. */
export function fillNames(text: string, names: PlannedExposure["names"]): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => ownProperty(names, key) ?? whole);
}

/** How an exposed target is dialled. */
export function exposedAddress({ id, cluster, ingress, port, host }: PlannedExposure): Address {
  if (host !== undefined) return { kind: "host", address: hostPort(host, port), exposure: id };
  return { kind: "load-balancer", cluster, ingress, port, exposure: id };
}
