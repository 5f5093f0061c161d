import { count } from "../../report/words.ts";
import type { Plan, PlannedApp, PlannedCluster, PlannedPeer } from "../plan/plan.ts";
import type { EntryChange, PortChange, TrustChange } from "./schema.ts";
import { shownChanges } from "./shown-fields.ts";

/** Entries of a map that come, go or change. `shown` is what is compared; `summary` names an entry in a few words. */
function entryChanges<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  shown: (entry: T) => unknown,
  summary: (entry: T) => string,
): EntryChange[] {
  const changes: EntryChange[] = [];
  for (const [name, entry] of after) {
    const old = before.get(name);
    if (old === undefined) {
      changes.push({ action: "added", name, summary: summary(entry), fields: [] });
      continue;
    }
    const fields = shownChanges(shown(old), shown(entry));
    if (fields.length > 0) changes.push({ action: "changed", name, summary: summary(entry), fields });
  }
  for (const [name, entry] of before) {
    if (!after.has(name)) changes.push({ action: "removed", name, summary: summary(entry), fields: [] });
  }
  return changes;
}

/** @param base in the head's names
 * @param renamed new name -> former name */
export function clusterChanges(base: Plan, head: Plan, renamed: ReadonlyMap<string, string>): EntryChange[] {
  // Labels of a cluster change nothing that is deployed.
  const shown = ({ ingresses, ways, labels: _, ...cluster }: PlannedCluster) => ({
    ...cluster,
    ingresses: Object.fromEntries(ingresses),
    exposures: Object.fromEntries(
      [...ways].flatMap(([name, { kind, settings }]) =>
        kind === "ingressNginx" ? [] : [[name, { [kind]: settings }]],
      ),
    ),
  });
  const summary = ({ context, closed }: PlannedCluster) => `context ${context}${closed ? ", nobody can dial in" : ""}`;
  const called = ([name, cluster]: [string, PlannedCluster]): [string, PlannedCluster] => [
    name,
    { ...cluster, name: renamed.get(name) ?? name },
  ];
  return entryChanges(new Map([...base.clusters].map(called)), head.clusters, shown, summary);
}

export function peerChanges(base: Plan, head: Plan): EntryChange[] {
  // The report names adopted objects once, for all entries together.
  const shown = ({ cluster, namespace, settings: { adopt: _, ...settings } }: PlannedPeer) => ({
    ...settings,
    cluster,
    namespace,
  });
  const summary = ({ settings, cluster, namespace }: PlannedPeer) =>
    `version ${settings.version} in ${cluster}/${namespace}`;
  return entryChanges(base.peers, head.peers, shown, summary);
}

export function appChanges(base: Plan, head: Plan): EntryChange[] {
  const shown = ({ id, auth, spec, objects }: PlannedApp) => ({
    id,
    auth,
    spec,
    peers: objects.map(({ peer }) => peer),
  });
  const summary = ({ id, objects }: PlannedApp) => `${id ?? "generated ID"}, on ${count(objects.length, "peer")}`;
  return entryChanges(base.apps, head.apps, shown, summary);
}

export function portChanges(base: Plan, head: Plan): PortChange[] {
  const before = new Map(base.exposures.map((exposure) => [exposure.id, exposure]));
  const after = new Map(head.exposures.map((exposure) => [exposure.id, exposure]));
  const changes: PortChange[] = [];
  for (const [id, { cluster, ingress, way, port, replication, peer }] of after) {
    const old = before.get(id);
    const place = { cluster, ingress, way: way.kind, port, replication, peer };
    if (!old) changes.push({ effect: "opened", ...place });
    else if (old.port !== port || old.ingress !== ingress || old.way.kind !== way.kind)
      changes.push({
        effect: "changed",
        before: { ingress: old.ingress, way: old.way.kind, port: old.port },
        ...place,
      });
  }
  for (const [id, { cluster, ingress, way, port, replication, peer }] of before)
    if (!after.has(id)) changes.push({ effect: "closed", cluster, ingress, way: way.kind, port, replication, peer });
  return changes;
}

export function trustChanges(base: Plan, head: Plan): TrustChange[] {
  const pairs = (plan: Plan) =>
    new Map(
      [...plan.peers.values()].flatMap(({ name, trusts }) =>
        trusts.map(({ peer }) => [`${name}/${peer}`, { peer: name, trusts: peer }] as const),
      ),
    );
  const before = pairs(base);
  const after = pairs(head);
  return [
    ...[...after].filter(([key]) => !before.has(key)).map(([, pair]): TrustChange => ({ effect: "added", ...pair })),
    ...[...before].filter(([key]) => !after.has(key)).map(([, pair]): TrustChange => ({ effect: "removed", ...pair })),
  ];
}
