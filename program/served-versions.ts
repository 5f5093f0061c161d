import { Finding } from "../topology/findings/finding.ts";
import { definitionsOf } from "../topology/operator/custom-resource-definition.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import type { ReadObject } from "./read-controller.ts";

/** The versions in which a cluster serves a custom resource; none where it does not.
 * @param definition `<plural>.<group>` */
export async function servedVersions(definition: string, read: ReadObject): Promise<string[]> {
  const object = await read("CustomResourceDefinition", "", definition);
  const [found] = object === undefined ? [] : definitionsOf([object]);
  return (found?.versions ?? []).filter(({ served }) => served).map(({ name }) => name);
}

/**
 * Why nothing may be written while a cluster serves a kind in other versions only: the objects of the version that the
 * file writes would be refused, and those that exist already would be deleted together with their entries in the state.
 * @param kind such as `TCPRoute of gateway.networking.k8s.io/v1`
 * @param versions that are served
 */
export function servedOtherwise(cluster: string, kind: string, versions: readonly string[], fix: string): Finding {
  return new Finding(liveRules.versionNotServed, {
    path: ["clusters", cluster],
    what: `cluster "${cluster}" does not serve ${kind}; it serves ${versions.join(", ")}`,
    fix,
  });
}
