import { type Input, type Output, output, RunError } from "@pulumi/pulumi";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import type { KubeconfigArgs } from "./kubeconfig-args.ts";

/**
 * Makes a function that reads an object of one cluster as it is now, in a preview too; undefined where there is none.
 * Its output is rejected with a RunError where the cluster cannot be reached or refuses.
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
