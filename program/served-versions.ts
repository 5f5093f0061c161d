import { definitionsOf } from "../topology/operator/custom-resource-definition.ts";
import type { ReadObject } from "./read-controller.ts";

/** The versions in which a cluster serves a custom resource; none where it does not.
 * @param definition `<plural>.<group>` */
export async function servedVersions(definition: string, read: ReadObject): Promise<string[]> {
  const object = await read("CustomResourceDefinition", "", definition);
  const [found] = object === undefined ? [] : definitionsOf([object]);
  return (found?.versions ?? []).filter(({ served }) => served).map(({ name }) => name);
}
