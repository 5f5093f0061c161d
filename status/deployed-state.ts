import { z } from "zod";
import { clusterProvider } from "../engine/engine-events.ts";
import { storedStacks } from "../engine/stored-stacks.ts";
import { parseUrn, providerName } from "../engine/urn.ts";
import type { Pending } from "../program/stack-exports.ts";
import { names } from "../report/words.ts";
import { type ClusterObjectReference, objectKey } from "../topology/objects/object-reference.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { newNames, renamedClusters } from "../topology/plan/renamed-clusters.ts";
import type { Observation, Seen } from "./status-row.ts";

/** No stack can be read, so nothing is known of what is deployed. */
export class UnreadableStacks extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnreadableStacks";
  }
}

/** The part of an exported state that tells one Kubernetes object from another. */
const exportedState = z.object({
  resources: z
    .array(
      z.object({
        urn: z.string(),
        type: z.string(),
        provider: z.string().optional(),
        inputs: z.unknown().optional(),
        modified: z.coerce.date().optional(),
      }),
    )
    .default([]),
});
const identity = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});

/** What the stacks of a project wrote last. A stack that cannot be read makes its clusters' objects unknown, not absent.
 * @throws UnreadableStacks if none of them can be read, with the reason once */
export async function readDeployed(
  project: string,
  stacks: readonly string[],
  plan: Plan,
): Promise<Pick<Observation, "deployed" | "leftovers" | "pending">> {
  const pending = new Map<string, readonly Pending[]>();
  const found = new Map<string, DeployedObject>();
  const unreadable: { readonly stack: string; readonly reason: string }[] = [];
  const stored = await storedStacks(project).catch((error: unknown) => {
    throw new UnreadableStacks(messageOf(error));
  });
  await Promise.all(
    stacks.map(async (stack) => {
      try {
        const deployment = await stored.state(stack);
        pending.set(stack, pendingOf(deployment));
        // Taken for an empty one, it would make everything in it undeployed.
        const { error } = exportedState.safeParse(deployment ?? {});
        if (error) throw new Error(`its state has a form that this release cannot read: ${error.issues[0]?.message}`);
        for (const entry of deployedObjects(deployment, plan)) found.set(objectKey(entry.ref), entry);
      } catch (error) {
        unreadable.push({ stack, reason: messageOf(error) });
      }
    }),
  );
  unreadable.sort((a, b) => stacks.indexOf(a.stack) - stacks.indexOf(b.stack));
  const sentences = [...Map.groupBy(unreadable, ({ reason }) => reason)].map(([reason, group]) => {
    const named = names(group.map(({ stack }) => `"${stack}"`));
    return `the stack${group.length > 1 ? "s" : ""} ${named} cannot be read: ${reason}`;
  });
  if (unreadable.length > 0 && unreadable.length === stacks.length) throw new UnreadableStacks(sentences.join("\n"));
  const deployed = (ref: ClusterObjectReference): Seen => {
    const entry = found.get(objectKey(ref));
    return entry === undefined && sentences[0] !== undefined
      ? { unknown: sentences[0] }
      : { object: entry?.object, changed: entry?.changed };
  };
  const leftovers = (declared: readonly ClusterObjectReference[]) => {
    const known = new Set(declared.map(objectKey));
    return [...found].filter(([key]) => !known.has(key)).map(([, { ref }]) => ref);
  };
  return { deployed, leftovers, pending: stacks.flatMap((stack) => pending.get(stack) ?? []) };
}

const stackOutputs = z.object({
  resources: z.array(z.object({ type: z.string(), outputs: z.unknown().optional() })),
});
const pendingOutput = z.object({
  pending: z.array(z.object({ what: z.string(), reason: z.string(), next: z.string(), until: z.string().optional() })),
});

/** What a stack could not do in its last update, and what it waits for. */
function pendingOf(deployment: unknown): readonly Pending[] {
  const state = stackOutputs.safeParse(deployment);
  const root = state.success ? state.data.resources.find(({ type }) => type === "pulumi:pulumi:Stack") : undefined;
  const said = pendingOutput.safeParse(root?.outputs);
  return said.success
    ? said.data.pending.map(({ until, ...rest }) => (until === undefined ? rest : { ...rest, until }))
    : [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface DeployedObject {
  readonly ref: ClusterObjectReference;
  readonly object: unknown;
  /** When the engine last wrote it. */
  readonly changed: Date | undefined;
}

/** The Kubernetes objects of an exported state, each with the plan's name for the cluster that its provider reaches. */
export function deployedObjects(deployment: unknown, plan: Plan): DeployedObject[] {
  const state = exportedState.safeParse(deployment ?? {});
  if (!state.success) return [];
  const named = namesInPlan(state.data.resources, plan);
  return state.data.resources.flatMap(({ type, provider, inputs, modified: changed }) => {
    if (!type.startsWith("kubernetes:")) return [];
    const object = identity.safeParse(inputs);
    const called = provider && providerName(provider);
    const cluster = called === undefined ? undefined : named(called);
    if (!object.success || cluster === undefined) return [];
    const { apiVersion, kind, metadata } = object.data;
    // The controller's arguments are a choice of installation, not part of the topology.
    if (kind === "Deployment") return [];
    const role = type.endsWith(`:${kind}Patch`) ? ("patch" as const) : ("object" as const);
    const ref = { cluster, role, apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
    return [{ ref, object: inputs, changed }];
  });
}

const reached = z.object({ context: z.string() });

/** For each name of a cluster's provider: the plan's name of the cluster, if it is different. */
function namesInPlan(
  resources: readonly { readonly urn: string; readonly type: string; readonly inputs?: unknown }[],
  plan: Plan,
): (provider: string) => string {
  // The state has the path or the content of a kubeconfig, and not its name in the topology, so the context identifies the cluster.
  const before = resources.flatMap(({ urn, type, inputs }) => {
    const reach = type === clusterProvider ? reached.safeParse(inputs) : undefined;
    return reach?.success ? [[parseUrn(urn).name, reach.data] as const] : [];
  });
  const after = [...plan.clusters].map(([name, { context }]) => [name, { context }] as const);
  return newNames(renamedClusters(new Map(before), new Map(after)));
}
