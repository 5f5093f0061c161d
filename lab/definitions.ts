/** CustomResourceDefinitions that the lab installs as they are. */
import { ApiextensionsV1Api, CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { LabCluster } from "./cluster.ts";

const definitionSchema = z.looseObject({
  apiVersion: z.literal("apiextensions.k8s.io/v1"),
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string() }),
});
export type Definition = z.output<typeof definitionSchema>;

/** The definitions in a YAML file; what else it holds is passed over. */
export function readDefinitions(text: string): Definition[] {
  return parseAllDocuments(text).flatMap((document) => {
    const read = definitionSchema.safeParse(document.toJS());
    return read.success ? [read.data] : [];
  });
}

const establishMs = 30_000;

/** Installs definitions and waits until they are served.
 * @throws Error when one is not in time */
export async function installDefinitions(cluster: LabCluster, definitions: readonly Definition[]): Promise<void> {
  // The client's own type of a definition would lose what is written with a dash, such as x-kubernetes-validations.
  const custom = cluster.kubeConfig.makeApiClient(CustomObjectsApi);
  const target = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  const asApply = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
  await Promise.all(
    definitions.map((body) =>
      custom.patchClusterCustomObject(
        { ...target, name: body.metadata.name, body, fieldManager: "platform-team", force: true },
        asApply,
      ),
    ),
  );
  const extensions = cluster.kubeConfig.makeApiClient(ApiextensionsV1Api);
  const deadline = Date.now() + establishMs;
  for (const { metadata } of definitions) {
    for (;;) {
      const { status } = await extensions.readCustomResourceDefinition({ name: metadata.name });
      if (status?.conditions?.some(({ type, status: holds }) => type === "Established" && holds === "True")) break;
      if (Date.now() > deadline) throw new Error(`the custom resource ${metadata.name} was not served in time`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
