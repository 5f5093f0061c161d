import { ApiextensionsV1Api, VersionApi } from "@kubernetes/client-node";
import { type Definition, definitionsOf } from "../topology/operator/custom-resource-definition.ts";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { unreadable } from "./unreadable.ts";

/** The facts that a cluster states about itself, read before anything else is asked of it. */
export interface ClusterFacts {
  /** Kubernetes' version, such as `v1.36.3`. */
  readonly version: string;
  readonly definitions: readonly Definition[];
}

/** Reads a cluster's version and its custom resource definitions.
 * @throws UnreadableError if it cannot be reached or refuses */
export async function readDefinitions(source: KubeconfigSource): Promise<ClusterFacts> {
  const requests = limitedRequests(source);
  const [{ gitVersion }, { items }] = await Promise.all([
    new VersionApi(requests).getCode(),
    new ApiextensionsV1Api(requests).listCustomResourceDefinition(),
  ]).catch((error: unknown) => {
    throw unreadable("the custom resource definitions", error, source, "list customresourcedefinitions");
  });
  return { version: gitVersion, definitions: definitionsOf(items) };
}
