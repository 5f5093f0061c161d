import type { Ingress } from "../file/schema.ts";
import type {
  Plan,
  PlannedApp,
  PlannedAppObject,
  PlannedExposure,
  PlannedPeer,
  PlannedReplication,
  PlannedSide,
} from "./plan.ts";

/** All of a plan that is in one cluster, each list in the order of the file. */
export interface PlannedShare {
  readonly peers: readonly PlannedPeer[];
  /** Each app that a peer of the cluster has, with its objects there. */
  readonly apps: readonly { readonly app: PlannedApp; readonly objects: readonly PlannedAppObject[] }[];
  /** Each replication that a peer of the cluster takes part in, with its sides there. */
  readonly replications: readonly {
    readonly replication: PlannedReplication;
    readonly sides: readonly PlannedSide[];
  }[];
  /** What peers of other clusters dial. */
  readonly exposures: readonly PlannedExposure[];
  /** The ingress controllers that expose anything. */
  readonly controllers: readonly PlannedController[];
}

/** An ingress controller, and what it exposes. */
export interface PlannedController {
  /** Its name in the topology: `default`, or one of the cluster's `ingresses`. */
  readonly name: string;
  readonly ingress: Ingress;
  /** At least one. */
  readonly exposures: readonly PlannedExposure[];
}

const nothing: PlannedShare = { peers: [], apps: [], replications: [], exposures: [], controllers: [] };

const shares = new WeakMap<Plan, ReadonlyMap<string, PlannedShare>>();

/** What a cluster has of a plan; nothing for a cluster that the plan does not have. A plan is divided once, however often it is asked. */
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
    [...plan.clusters.values()].map(({ name, ingresses }) => {
      const exposed = exposures.get(name) ?? [];
      const byIngress = Map.groupBy(exposed, ({ ingress }) => ingress);
      const controllers = [...ingresses].flatMap(([controller, ingress]): PlannedController[] => {
        const own = byIngress.get(controller);
        return own ? [{ name: controller, ingress, exposures: own }] : [];
      });
      const share: PlannedShare = {
        peers: peers.get(name) ?? [],
        apps: apps.get(name) ?? [],
        replications: replications.get(name) ?? [],
        exposures: exposed,
        controllers,
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
