import { getStack } from "@pulumi/pulumi";
import { z } from "zod";
import { parseUrn } from "../engine/urn.ts";
import { qualified, readResourcesByEngine } from "./stack-outputs.ts";

/** The part of a stack's state by which an object in a cluster is recognised. */
export interface StateObjects {
  /** `<cluster> <kind> <namespace>/<name>`; the cluster by the name that the resource has. */
  readonly objects: ReadonlySet<string>;
  /** App IDs that the stack has generated, by app. */
  readonly ids: ReadonlyMap<string, string>;
}

const kubernetesObject = z.object({
  outputs: z.object({ kind: z.string(), metadata: z.object({ name: z.string(), namespace: z.string() }) }),
});
const uuid = z.object({ outputs: z.object({ result: z.string() }) });

/**
 * What the state of the running stack holds, including that of an interrupted update, after which a stack exports
 * nothing new. Nothing else of the engine's answer is kept, since secrets are among it.
 */
export async function readStateObjects(): Promise<StateObjects> {
  // A stack that was never updated has no state.
  return stateObjects(await readResourcesByEngine(qualified(getStack())).catch(() => ({})));
}

/** @param resources `{ outputs }` by URN, as the engine gives them */
export function stateObjects(resources: Readonly<Record<string, unknown>>): StateObjects {
  const objects = new Set<string>();
  const ids = new Map<string, string>();
  for (const [urn, resource] of Object.entries(resources)) {
    const { types, name } = parseUrn(urn);
    const type = types.at(-1) ?? "";
    const id =
      type === "random:index/randomUuid:RandomUuid" ? uuid.safeParse(resource).data?.outputs.result : undefined;
    if (id !== undefined) ids.set(name.replace(/-id$/, ""), id);
    // A patch does not show that the object is ours.
    if (!type.startsWith("kubernetes:") || type.endsWith("Patch")) continue;
    const object = kubernetesObject.safeParse(resource).data?.outputs;
    const [cluster] = name.split("/");
    if (object) objects.add(`${cluster} ${object.kind} ${object.metadata.namespace}/${object.metadata.name}`);
  }
  return { objects, ids };
}
