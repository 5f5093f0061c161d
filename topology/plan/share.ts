import type { Ingress, Way, WayKind, WayOf } from "../file/exposure.ts";
import type {
  Plan,
  PlannedApp,
  PlannedAppObject,
  PlannedExposure,
  PlannedPeer,
  PlannedReplication,
  PlannedSide,
} from "./plan.ts";

/** The part of a plan that is in one cluster, each list in the order of the file. */
export interface PlannedShare {
  readonly peers: readonly PlannedPeer[];
  /** Each app that a peer of the cluster has, with its objects there. */
  readonly apps: readonly { readonly app: PlannedApp; readonly objects: readonly PlannedAppObject[] }[];
  /** Each replication that a peer of the cluster takes part in, with its sides there. */
  readonly replications: readonly {
    readonly replication: PlannedReplication;
    readonly sides: readonly PlannedSide[];
  }[];
  /** The targets that peers of other clusters dial. */
  readonly exposures: readonly PlannedExposure[];
  /** The ingress-nginx controllers that expose anything. */
  readonly controllers: readonly PlannedController[];
  /** Every way that exposes anything, ingress-nginx among them. */
  readonly ways: readonly PlannedWay[];
}

/** A way, and the targets that it exposes. */
export interface PlannedWay {
  /** Its name in the topology: `default`, or one of the cluster's `ingresses` or `exposures`. */
  readonly name: string;
  readonly way: Way;
  /** At least one. */
  readonly exposures: readonly PlannedExposure[];
}

/** An ingress controller, and the targets that it exposes. */
export interface PlannedController {
  /** Its name in the topology: `default`, or one of the cluster's `ingresses`. */
  readonly name: string;
  readonly ingress: Ingress;
  /** At least one. */
  readonly exposures: readonly PlannedExposure[];
}

const nothing: PlannedShare = { peers: [], apps: [], replications: [], exposures: [], controllers: [], ways: [] };

const shares = new WeakMap<Plan, ReadonlyMap<string, PlannedShare>>();

/**
 * A cluster's part of a plan; empty for a cluster that the plan does not have. A plan is divided once, however often
 * its parts are asked for.
 */
export function shareOf(plan: Plan, cluster: string): PlannedShare {
  const known = shares.get(plan) ?? divide(plan);
  shares.set(plan, known);
  return known.get(cluster) ?? nothing;
}

function divide(plan: Plan): ReadonlyMap<string, PlannedShare> {
  const peers = Map.groupBy(plan.peers.values(), ({ cluster }) => cluster);
  const exposures = Map.groupBy(plan.exposures, ({ cluster }) => cluster);
  const apps = new Map<string, PlannedShare["apps"][number][]>();
  for (const app of plan.apps.values())
    for (const [cluster, objects] of Map.groupBy(app.objects, (object) => object.cluster))
      append(apps, cluster, { app, objects });
  const replications = new Map<string, PlannedShare["replications"][number][]>();
  for (const replication of plan.replications.values())
    for (const [cluster, sides] of Map.groupBy(replication.sides, (side) => side.cluster))
      append(replications, cluster, { replication, sides });
  return new Map(
    [...plan.clusters.values()].map(({ name, ways: declared }) => {
      const exposed = exposures.get(name) ?? [];
      const byWay = Map.groupBy(exposed, ({ ingress }) => ingress);
      const ways = [...declared].flatMap(([way, settings]): PlannedWay[] => {
        const own = byWay.get(way)?.filter((exposure) => exposure.way === settings);
        return own?.length ? [{ name: way, way: settings, exposures: own }] : [];
      });
      const controllers = ways.flatMap(({ name: controller, way, exposures: own }): PlannedController[] =>
        way.kind === "ingressNginx" ? [{ name: controller, ingress: way.settings, exposures: own }] : [],
      );
      const share: PlannedShare = {
        peers: peers.get(name) ?? [],
        apps: apps.get(name) ?? [],
        replications: replications.get(name) ?? [],
        exposures: exposed,
        controllers,
        ways,
      };
      return [name, share];
    }),
  );
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** The ways of one kind in a cluster that expose anything. */
export function waysOfKind<K extends WayKind>(
  { ways }: PlannedShare,
  kind: K,
): { readonly name: string; readonly way: WayOf<K>; readonly exposures: readonly PlannedExposure[] }[] {
  return ways.flatMap(({ name, way, exposures }) => (isOfKind(way, kind) ? [{ name, way, exposures }] : []));
}

function isOfKind<K extends WayKind>(way: Way, kind: K): way is WayOf<K> {
  return way.kind === kind;
}

const exposuresById = new WeakMap<Plan, ReadonlyMap<string, PlannedExposure>>();

/** An exposure by its ID. */
export function exposureOf(plan: Plan, id: string): PlannedExposure | undefined {
  const known = exposuresById.get(plan) ?? new Map(plan.exposures.map((exposure) => [exposure.id, exposure]));
  exposuresById.set(plan, known);
  return known.get(id);
}
