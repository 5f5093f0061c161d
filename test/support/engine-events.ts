/** Events of a preview in the form in which the engine sends them, for what a plan's objects would become. */

import { fieldChanges } from "../../topology/diff/object-changes.ts";
import {
  type ClusterManifest,
  clusterManifests,
  type DeployedValues,
} from "../../topology/objects/cluster-manifests.ts";
import type { Plan } from "../../topology/plan/plan.ts";

/** A secret as the engine's events hold it. */
export const maskedSecret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

/** A value that only an update finds out, as the engine's events hold it. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One resource as the engine knows it. */
export interface EngineResource {
  readonly type: string;
  readonly name: string;
  /** Types of the components that it is in, the outermost first. */
  readonly parents?: readonly string[];
  /** Cluster whose provider makes it; none for what is in no cluster. */
  readonly cluster?: string;
  readonly inputs?: unknown;
}

export function preEvent(
  op: string,
  resource: EngineResource,
  { old, detailedDiff }: { old?: unknown; detailedDiff?: Readonly<Record<string, unknown>> } = {},
) {
  return { sequence: 1, timestamp: 1, resourcePreEvent: { metadata: metadata(op, resource, old, detailedDiff) } };
}

/** What a refresh before the preview found. Without `live` the object is gone. */
export function refreshEvent(resource: EngineResource, last: unknown, live: unknown) {
  const found = metadata("refresh", { ...resource, inputs: live }, last);
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata: found } };
}

function metadata(
  op: string,
  { type, name, parents = [], cluster, inputs }: EngineResource,
  old?: unknown,
  detailedDiff?: Readonly<Record<string, unknown>>,
) {
  const stack = "urn:pulumi:dev::bigpeer-topology";
  return {
    op,
    urn: `${stack}::${[...parents, type].join("$")}::${name}`,
    type,
    provider: cluster === undefined ? "" : `${stack}::pulumi:providers:kubernetes::${cluster}::0d6c4f4e-${cluster}`,
    old: old === undefined ? null : { inputs: old },
    new: inputs === undefined ? null : { inputs },
    ...(detailedDiff ? { detailedDiff } : {}),
  };
}

const deployed: DeployedValues = {
  appId: () => "7f3a3f0e-5a3c-4f5e-9d7b-000000000001",
  token: () => maskedSecret,
  caCertificates: (peer) => Buffer.from(`certificate of ${peer}`).toString("base64"),
  loadBalancerAddress: ({ port }) => `203.0.113.7:${port}`,
  serviceBackend: ({ backend }) => ({ selector: { replication: backend.service }, targetPort: 4040 }),
};

/** The Kubernetes objects of a plan as one stack's program makes them, by their names in it. */
export function resourcesOf(plan: Plan): Map<string, EngineResource> {
  return new Map(
    [...plan.clusters.keys()].flatMap((cluster) =>
      clusterManifests(plan, cluster, deployed).map((each) => {
        const resource = resourceOf(cluster, each);
        return [`${resource.type} ${resource.name}`, resource];
      }),
    ),
  );
}

function resourceOf(cluster: string, { manifest, role }: ClusterManifest): EngineResource {
  const { apiVersion, kind, metadata } = manifest;
  const patch = role === "patch" ? "Patch" : "";
  const name = `${cluster}-${metadata.namespace}-${metadata.name}`;
  return { type: `kubernetes:${apiVersion}:${kind}${patch}`, name, cluster, inputs: manifest };
}

/** What the engine says when one set of resources becomes another. */
export function eventsBetween(
  before: ReadonlyMap<string, EngineResource>,
  after: ReadonlyMap<string, EngineResource>,
): unknown[] {
  const events: unknown[] = [];
  for (const [key, resource] of after) {
    const old = before.get(key);
    if (!old) events.push(preEvent("create", resource));
    else {
      const changed = fieldChanges(old.inputs, resource.inputs).length > 0;
      events.push(preEvent(changed ? "update" : "same", resource, { old: old.inputs }));
    }
  }
  for (const [key, { inputs, ...resource }] of before)
    if (!after.has(key)) events.push(preEvent("delete", resource, { old: inputs }));
  return events;
}
