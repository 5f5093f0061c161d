/** The description of a running lab in `lab.json`, for everything that uses, shows or ends the lab. */
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { exposureParts } from "./exposure/requests.ts";
import { processIdentitySchema } from "./process-identity.ts";
import { ingressRequestSchema } from "./supervisor-messages.ts";

const clusterDescription = z.strictObject({
  name: z.string(),
  /** Name of its context in the kubeconfig. */
  context: z.string(),
  namespaces: z.array(z.string()),
  /** URL of the API server. */
  server: z.string(),
  /** Host of the API server, without port. */
  apiServerAddress: z.string(),
  ingresses: z.array(ingressRequestSchema.extend({ /** Of its load balancer. */ address: z.string() })),
  /** Range of the ClusterIPs, `a.b.c.d/21`. */
  serviceCidr: z.string(),
  /** The address of its nodes, where node ports are served. */
  nodeAddress: z.string(),
  ...exposureParts,
  /** The processes of the lab, by component; empty until it is started. */
  processes: z.record(z.string(), processIdentitySchema),
});

const labDescriptionSchema = z.strictObject({
  format: z.literal(1),
  /** `ready` once all clusters and stand-ins serve. */
  state: z.enum(["starting", "ready"]),
  /** Absolute path of the lab's state folder. */
  directory: z.string(),
  supervisor: processIdentitySchema,
  /** True if it lives on when the process that started it ends. */
  detached: z.boolean(),
  kubeconfig: z.string(),
  clusters: z.array(clusterDescription),
  /** Absolute paths of the programs in use. */
  tools: z.strictObject({
    pulumi: z.string(),
    languageHostDir: z.string(),
    etcd: z.string(),
    kubeApiserver: z.string(),
    kubeControllerManager: z.string(),
    kubernetesProvider: z.string(),
    randomProvider: z.string().optional(),
  }),
});

export type LabDescription = z.infer<typeof labDescriptionSchema>;

export function descriptionFile(directory: string): string {
  return join(directory, "lab.json");
}

/** The description in a lab's folder, or undefined if there is none or it is not one of this release. */
export function readDescription(directory: string): LabDescription | undefined {
  try {
    return labDescriptionSchema.parse(JSON.parse(readFileSync(descriptionFile(directory), "utf8")));
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (missing || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Replaces the description as a whole, so that no reader ever sees half of it. */
export async function writeDescription(description: LabDescription): Promise<void> {
  const file = descriptionFile(description.directory);
  await writeFile(`${file}.new`, `${JSON.stringify(description, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
