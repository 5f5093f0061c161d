import type { WayKind } from "../file/exposure.ts";
import type { Path } from "../findings/finding.ts";
import { type ClusterManifest, clusterManifests, type DeployedValues } from "../objects/cluster-manifests.ts";
import type { Manifest } from "../objects/manifests.ts";
import type { Plan } from "../plan/plan.ts";
import { DeploymentValue } from "./overwritten-fields.ts";

/** An object that a plan makes in a cluster, with all that is written of it. */
export interface WrittenObject {
  readonly key: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The entry of the topology that it comes from. */
  readonly source: Path;
  /** The way of exposing targets to which it belongs, if it belongs to one. */
  readonly way: WayKind | undefined;
  /** The object and the patch of it, if there is one. */
  readonly manifests: readonly Manifest[];
}

/** The name of an object within its cluster: `BigPeer ditto/bp1`. */
function writtenKey({ kind, metadata }: Pick<Manifest, "kind" | "metadata">): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

/**
 * The objects that a plan makes in a cluster. Patches of other people's objects are none of them: of an ingress controller, nothing that
 * somebody else has written is changed.
 * @param ids App IDs by app, as far as they are known; else they are generated
 */
export function writtenObjects(
  plan: Plan,
  cluster: string,
  ids: ReadonlyMap<string, string> = new Map(),
): WrittenObject[] {
  const all = clusterManifests(plan, cluster, deploymentValues(ids));
  const patches = Map.groupBy(
    all.filter(({ role }) => role === "patch"),
    ({ manifest }) => writtenKey(manifest),
  );
  return all
    .filter(({ role }) => role === "object")
    .map(({ manifest, source, way }: ClusterManifest) => {
      const key = writtenKey(manifest);
      const { apiVersion, kind, metadata } = manifest;
      return {
        ...{ key, apiVersion, kind, source, way, namespace: String(metadata.namespace), name: String(metadata.name) },
        manifests: [manifest, ...(patches.get(key) ?? []).map((patch) => patch.manifest)],
      };
    });
}

function deploymentValues(ids: ReadonlyMap<string, string>): DeployedValues {
  return {
    appId: (app) => ids.get(app) ?? new DeploymentValue("a generated ID"),
    token: () => new DeploymentValue("this stack's token"),
    caCertificates: (...peers) => new DeploymentValue(`the CA certificate of ${peers.join(", ")}`),
    loadBalancerAddress: ({ cluster, port }) =>
      new DeploymentValue(
        `port ${port} of the load balancer of ${cluster}`,
        (live) => typeof live === "string" && live.endsWith(`:${port}`),
      ),
    serviceBackend: () => ({
      selector: new DeploymentValue("the selector of the operator's Service"),
      targetPort: new DeploymentValue("the target port of the operator's Service"),
    }),
  };
}
