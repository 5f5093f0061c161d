import { type Input, type Output, output, RunError } from "@pulumi/pulumi";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import type { KubeconfigArgs } from "./kubeconfig-args.ts";

/**
 * Creates a function that reads the current state of an object in one cluster, in a preview, too. Its output is undefined if there is no such object,
 * and is rejected with a RunError if the cluster cannot be reached or refuses.
 */
export function liveObjectReader(args: KubeconfigArgs): (reference: Input<ObjectReference>) => Output<unknown> {
  return (reference) => {
    return output([output(reference), output(args.kubeconfig), output(args.context)] as const).apply(
      async ([wanted, kubeconfig, context]): Promise<unknown> => {
        const { readObject } = await import("../kubernetes/read-object.ts");
        try {
          return await readObject({ kubeconfig, context }, wanted);
        } catch (error) {
          throw new RunError(error instanceof Error ? error.message : String(error));
        }
      },
    );
  };
}
