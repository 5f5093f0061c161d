import { z } from "zod";
import { fieldChanges } from "../topology/diff/object-changes.ts";
import { clusterProvider, isScaffold } from "./engine-events.ts";
import { maskedKubeconfig, shownValue } from "./engine-values.ts";
import { parseUrn, providerName } from "./urn.ts";

/** One step of the engine: what it would do to one resource, with secrets masked. */
export interface EngineStep {
  readonly action: "create" | "update" | "replace" | "delete";
  readonly urn: string;
  /** Such as `kubernetes:ditto.live/v1alpha1:BigPeer`. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** Name of the provider that makes it: for a Kubernetes object its cluster. */
  readonly provider: string;
  /** Inputs of the last update. Undefined: there was none. */
  readonly last: unknown;
  /** The inputs that a refresh found instead. The same as `last` without a refresh; undefined if nothing is there. */
  readonly live: unknown;
  /** Inputs that the program gives now. Undefined: it does not have the resource any more. */
  readonly next: unknown;
  /** Fields that the provider says change. */
  readonly paths: readonly (readonly string[])[];
}

const state = z
  .object({ inputs: z.unknown() })
  .nullish()
  .transform((value) => (value ? shownValue(value.inputs) : undefined));

const metadata = z
  .object({
    op: z.string(),
    urn: z.string(),
    type: z.string(),
    provider: z.string().default(""),
    old: state,
    new: state,
    detailedDiff: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform((each) =>
    each.type === clusterProvider
      ? { ...each, old: maskedKubeconfig(each.old), new: maskedKubeconfig(each.new) }
      : each,
  );

const event = z.object({
  resourcePreEvent: z.object({ metadata }).optional(),
  resOutputsEvent: z.object({ metadata }).optional(),
});

const actions: Readonly<Record<string, EngineStep["action"]>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
};

/** Gathers the steps of a preview from the engine's events, in the order in which they come. */
export class StepCollector {
  readonly #steps = new Map<string, EngineStep>();
  /** The findings of the refresh before the preview, by URN. */
  readonly #refreshed = new Map<string, { readonly last: unknown; readonly live: unknown }>();

  /** @throws ZodError if the event has another form than this release of the engine gives it */
  add(engineEvent: unknown): void {
    const { resourcePreEvent, resOutputsEvent } = event.parse(engineEvent);
    const refreshed = resOutputsEvent?.metadata;
    if (refreshed?.op === "refresh") this.#refreshed.set(refreshed.urn, { last: refreshed.old, live: refreshed.new });
    const step = resourcePreEvent?.metadata;
    const action = step ? actions[step.op] : undefined;
    if (!step || !action) return;
    // Among the providers, only those of the clusters belong to the topology.
    if (isScaffold(step.type) && step.type !== clusterProvider) return;
    const { last, live } = this.#refreshed.get(step.urn) ?? { last: step.old, live: step.old };
    this.#steps.set(step.urn, {
      action,
      urn: step.urn,
      type: step.type,
      name: parseUrn(step.urn).name,
      provider: providerName(step.provider),
      last,
      live,
      next: action === "delete" ? undefined : step.new,
      paths: Object.keys(step.detailedDiff ?? {}).map(pathOf),
    });
  }

  get steps(): EngineStep[] {
    return [...this.#steps.values()];
  }
}

/** The fields that a step changes: those whose values differ, and those of which the provider says it, though they are masked. */
export function changedPaths({
  live,
  next,
  paths,
}: Pick<EngineStep, "live" | "next" | "paths">): (readonly string[])[] {
  const differing = fieldChanges(live, next).map(({ path }) => path);
  const covered = (path: readonly string[]) => differing.some((other) => overlap(path, other));
  return [...differing, ...paths.filter((path) => !covered(path))];
}

/** True if one path leads to, or into, the other. */
export function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.slice(0, b.length).every((step, index) => step === b[index]);
}

/** A property path as the engine writes it, `spec.labels["a.b"].list[0]`, up to the first list, which is one value. */
export function pathOf(text: string): string[] {
  const steps: string[] = [];
  for (const [, quoted, index, plain] of text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)) {
    if (index !== undefined) break;
    steps.push(quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return steps;
}
