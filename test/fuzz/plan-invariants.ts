import { clusterManifests } from "../../topology/objects/cluster-manifests.ts";
import { hostPort, isDnsLabel, isDnsSubdomain } from "../../topology/plan/names.ts";
import type { Plan, PlannedConnection, PlannedReplication, PlannedSide } from "../../topology/plan/plan.ts";
import { sharedObjects } from "../../topology/plan/port-advice.ts";
import { portsOf } from "../../topology/plan/ways.ts";

/** What every plan holds to whose topology no rule refuses. @returns what it does not hold to */
export function brokenInvariants(plan: Plan): string[] {
  return [
    ...[...plan.replications.values()].flatMap((replication) => [
      ...links(plan, replication),
      ...sides(plan, replication),
      ...source(replication),
    ]),
    ...trust(plan),
    ...ports(plan),
    ...apps(plan),
    ...objects(plan),
    ...protection(plan),
  ];
}

function links(plan: Plan, { name, links, sides, app }: PlannedReplication): string[] {
  const cluster = (peer: string) => plan.clusters.get(plan.peers.get(peer)?.cluster ?? "");
  const pairs = links.map(({ initiator, target }) => [initiator, target].sort().join(" and "));
  const twice = pairs.length === new Set(pairs).size ? [] : [`${name}: a pair dials twice: ${pairs.join("; ")}`];
  const broken = links.flatMap(({ initiator, target }): string[] => {
    const [from, to] = [initiator, target].map((peer) => sides.find((side) => side.peer === peer));
    const connection = from?.connections.find(({ peer }) => peer === target);
    const served = plan.apps.get(app)?.objects.map(({ peer }) => peer) ?? [];
    return [
      ...(initiator === target ? [`${name}: ${target} dials itself`] : []),
      ...(to?.target ? [] : [`${name}: ${target} is dialled by ${initiator} and is no target`]),
      ...(connection ? [] : [`${name}: ${initiator} has no connection to ${target}`]),
      ...[initiator, target].flatMap((peer) =>
        served.includes(peer) ? [] : [`${name}: ${peer} does not serve ${app}`],
      ),
      ...(cluster(initiator) !== cluster(target) && cluster(target)?.closed
        ? [`${name}: ${initiator} dials ${target}, whom nobody can reach`]
        : []),
    ];
  });
  const dialled = sides.flatMap(({ peer, connections }) => connections.map((each) => `${peer} ${each.peer}`));
  const extra = dialled.filter((each) => !links.some(({ initiator, target }) => each === `${initiator} ${target}`));
  return [...twice, ...broken, ...extra.map((each) => `${name}: a connection without a link: ${each}`)];
}

function sides(plan: Plan, { name, sides, app }: PlannedReplication): string[] {
  return sides.flatMap((side): string[] => {
    const { peer, connections, cluster, namespace, appObject, subscribes } = side;
    const home = plan.peers.get(peer);
    const addresses = connections.map((each) => JSON.stringify(each.address));
    const object = plan.apps.get(app)?.objects.find((each) => each.peer === peer);
    const empty = Object.entries(subscribes).filter(([, predicates]) => predicates.length === 0);
    return [
      ...(home?.cluster === cluster && home.namespace === namespace ? [] : [`${name}: ${peer} is elsewhere`]),
      ...(object?.name === appObject && object.namespace === namespace
        ? []
        : [`${name}: ${peer} has no app ${appObject}`]),
      ...(new Set(addresses).size === addresses.length ? [] : [`${name}: ${peer} has an address twice`]),
      ...(sides.filter((each) => each.peer === peer).length === 1 ? [] : [`${name}: ${peer} has two sides`]),
      ...(empty.length === 0 ? [] : [`${name}: ${peer} subscribes to nothing of ${empty.join()}`]),
      ...connections.flatMap((each) => address(plan, name, side, each, sides)),
    ];
  });
}

/** Every dialled address belongs to a target that exists. */
function address(
  plan: Plan,
  replication: string,
  from: PlannedSide,
  { peer, address }: PlannedConnection,
  sides: readonly PlannedSide[],
): string[] {
  const target = sides.find((side) => side.peer === peer);
  const where = `${replication}: ${from.peer} dials ${peer} by ${JSON.stringify(address)}`;
  if (!target) return [`${where}, which is no side`];
  if (address.kind === "in-cluster")
    return target.cluster === from.cluster && address.address === target.serviceAddress ? [] : [where];
  const exposure = plan.exposures.find(({ id }) => id === address.exposure);
  if (!exposure?.dialled || target.cluster === from.cluster) return [where];
  const right = exposure.cluster === target.cluster && exposure.peer === peer && exposure.replication === replication;
  const leads = `${exposure.backend.service}.${exposure.backend.namespace}.svc.cluster.local:${exposure.backend.port}`;
  if (!right || leads !== target.serviceAddress) return [`${where}, which leads to ${leads}`];
  if (address.kind === "load-balancer")
    return address.port === exposure.port && exposure.host === undefined ? [] : [where];
  const valid = /^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):[0-9]{1,5}$/.test(address.address);
  return valid && exposure.host !== undefined && address.address === hostPort(exposure.host, exposure.port)
    ? []
    : [where];
}

function source({ name, form, sides }: PlannedReplication): string[] {
  const [from] = sides;
  const silent = Object.keys(from?.subscribes ?? {}).length === 0;
  return form !== "one-way" || silent ? [] : [`${name}: the source ${from?.peer} of a one-way replication subscribes`];
}

/** Mutual for every link, and nothing beyond. */
function trust(plan: Plan): string[] {
  const linked = new Set(
    [...plan.replications.values()].flatMap(({ links }) =>
      links.flatMap(({ initiator, target }) => [`${initiator} ${target}`, `${target} ${initiator}`]),
    ),
  );
  const trusted = [...plan.peers.values()].flatMap(({ name, trusts }) => trusts.map(({ peer }) => `${name} ${peer}`));
  return [
    ...[...linked].filter((each) => !trusted.includes(each)).map((each) => `linked and not trusted: ${each}`),
    ...trusted.filter((each) => !linked.has(each)).map((each) => `trusted and not linked: ${each}`),
    ...(new Set(trusted).size === trusted.length ? [] : ["somebody is trusted twice"]),
  ];
}

function ports(plan: Plan): string[] {
  const taken = new Map<string, string>();
  return plan.exposures.flatMap((exposure): string[] => {
    const { id, port, way } = exposure;
    const range = portsOf(way);
    const inRange = !range || (port >= range.first && port <= range.last);
    // The port is opened on a Service, and is a key of a ConfigMap: two controllers may share either.
    const keys = sharedObjects(exposure);
    const clashes = keys.flatMap((key) => {
      const other = taken.get(`${key}:${port}`);
      taken.set(`${key}:${port}`, id);
      return other === undefined ? [] : [`${id} and ${other} have port ${port} of ${key}`];
    });
    return [...clashes, ...(inRange ? [] : [`${id} has port ${port}, which is out of range`])];
  });
}

function apps(plan: Plan): string[] {
  const ids = [...plan.apps.values()].flatMap(({ id, objects }) =>
    id === undefined ? [] : objects.map(({ peer }) => `${peer} ${id.toLowerCase()}`),
  );
  const owners = [...plan.apps.values()].filter(({ idOwner }) => !plan.peers.has(idOwner));
  return [
    ...(new Set(ids).size === ids.length ? [] : [`a peer has two apps of one ID: ${ids.join("; ")}`]),
    ...owners.map(({ name }) => `nobody makes the ID of ${name}`),
  ];
}

/** Names that the API server takes, and that are each one object's alone. */
function objects(plan: Plan): string[] {
  const { operator } = plan;
  return [...plan.clusters.keys()].flatMap((cluster) => {
    const own = <T extends { cluster: string }>(all: Iterable<T>) =>
      [...all].filter((each) => each.cluster === cluster);
    const written = clusterManifests(plan, cluster).map(({ role, manifest: { kind, metadata } }) => ({
      kind: role === "patch" ? `fields of ${kind}` : kind,
      namespace: String(metadata.namespace),
      name: String(metadata.name),
      label: role === "object" && kind !== "Secret",
    }));
    const peers = own(plan.peers.values());
    const sides = own([...plan.replications.values()].flatMap((replication) => replication.sides));
    const services = [
      ...peers.map(({ apiAddress }) => apiAddress),
      ...sides.map(({ serviceAddress }) => serviceAddress),
    ];
    const made = [
      ...peers.map(({ caSecret: name, namespace }) => ({ kind: "Secret", namespace, name, label: false })),
      ...services.map((address) => {
        const [name = "", namespace = ""] = address.split(".");
        return { kind: "Service", namespace, name, label: true };
      }),
    ];
    const seen = new Set<string>();
    return [...written, ...made].flatMap(({ kind, namespace, name, label }): string[] => {
      const key = `${kind} ${namespace}/${name}`;
      // Two controllers may read one ConfigMap; each writes its own keys.
      const again = seen.has(key) && kind !== "fields of ConfigMap";
      seen.add(key);
      const valid = label ? isDnsLabel(name) : isDnsSubdomain(name);
      return [
        ...(again ? [`two objects would be ${key} in ${cluster} (${operator.group})`] : []),
        ...(valid && isDnsLabel(namespace) ? [] : [`${key} is not a name that the API server takes`]),
      ];
    });
  });
}

/** Production never loses what nobody has asked to lose. */
function protection(plan: Plan): string[] {
  if (plan.environment === "development") return [];
  const peers = [...plan.peers.values()].filter(
    ({ name, protect }) => !protect && !plan.confirmRemoval.has(name) && !plan.allowReplace.has(`peers.${name}`),
  );
  const apps = [...plan.apps.values()].filter(
    ({ name, protect }) => !protect && !plan.allowReplace.has(`apps.${name}`),
  );
  return [...peers, ...apps].map(({ name }) => `${name} is not protected in production`);
}
