import type { ClusterSource } from "../program/contract-check.ts";
import { controllerCheck } from "../program/controller-check.ts";
import { exposureRows } from "../status/exposure-rows.ts";
import { rowOf } from "../status/object-row.ts";
import { notKnown } from "../status/report.ts";
import type { Observation, Problem, StatusRow } from "../status/status-row.ts";
import { type ClusterManifest, clusterManifests } from "../topology/objects/cluster-manifests.ts";
import { type ClusterObjectReference, objectKey, referenceOf } from "../topology/objects/object-reference.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import type { ExposureFault } from "./link-seen.ts";

/** What `declaredFaults` says of one port, and `controllerCheck` of all. */
const toldOtherwise: ReadonlySet<string> = new Set([liveRules.portEdited.id, liveRules.exposureEdited.id]);

/** The objects that expose a target, alone or with others. */
export function exposingObjects(plan: Plan, exposure: PlannedExposure): ClusterObjectReference[] {
  return manifestsOf(plan, exposure).map(({ manifest, role }) => referenceOf(exposure.cluster, manifest, role));
}

/** Where the objects that expose a target are not as declared, or their controllers refuse them. */
export function declaredFaults(
  plan: Plan,
  exposure: PlannedExposure,
  live: NonNullable<Observation["live"]>,
  now: Date,
): ExposureFault[] {
  const cluster = plan.clusters.get(exposure.cluster);
  if (!cluster) return [];
  const manifests = manifestsOf(plan, exposure);
  const declared = new Map(
    manifests.map(({ manifest, role }) => [objectKey(referenceOf(cluster.name, manifest, role)), manifest]),
  );
  // What is declared is taken for deployed: here it counts alone what the cluster has of it.
  const deployed = (ref: ClusterObjectReference) => ({ object: declared.get(objectKey(ref)) });
  const seen: Observation = { deployed, live, leftovers: () => [], caExpiry: new Map() };
  const rows: StatusRow[] =
    exposure.way.kind === "ingressNginx"
      ? exposureRows(plan, cluster, seen, now).filter(
          (row) =>
            row.source === `replications.${exposure.replication}` &&
            row.exposure?.peer === exposure.peer &&
            row.exposure.port === exposure.port,
        )
      : manifests.map((manifest) => rowOf(plan, cluster, manifest, seen, now));
  return rows.flatMap((row) => row.problems.map((problem) => faultOf(row, problem)));
}

/** What else keeps the port from being reached: a controller that is not there, does not read the ConfigMap, or waits for a load balancer. */
export async function controllerFaults(
  plan: Plan,
  exposure: PlannedExposure,
  source: ClusterSource,
): Promise<ExposureFault[]> {
  const findings = await controllerCheck(plan, [source]);
  return findings
    .filter(
      ({ rule, path }) => !toldOtherwise.has(rule) && (path[0] === "clusters" || path[1] === exposure.replication),
    )
    .map(({ what, fix }) => ({ what, mend: fix }));
}

function faultOf({ ref, exposure }: StatusRow, { what, mend }: Problem): ExposureFault {
  const subject = `${ref.kind} ${ref.namespace}/${ref.name}`;
  return { what: exposure ? `port ${exposure.port} of ${subject} ${what}` : `${subject} ${what}`, mend };
}

function manifestsOf(plan: Plan, { cluster, way, replication }: PlannedExposure): ClusterManifest[] {
  return clusterManifests(plan, cluster, notKnown).filter(
    ({ way: kind, source }) => kind === way.kind && (source[0] === "clusters" || source[1] === replication),
  );
}
