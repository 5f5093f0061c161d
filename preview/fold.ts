import { clusterProvider } from "../engine/engine-events.ts";
import type { EngineStep } from "../engine/engine-steps.ts";
import { unknownText } from "../engine/engine-values.ts";
import type { StackPreview } from "../engine/preview-stack.ts";
import { parseUrn } from "../engine/urn.ts";
import { count } from "../report/words.ts";
import { shownFields } from "../topology/diff/shown-fields.ts";
import { formatPath } from "../topology/findings/finding.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { planInNamesOf } from "../topology/plan/renamed-clusters.ts";
import { type Expected, expectedResources, placeOf, resourceKey } from "./expected.ts";
import { explain, type Wanted } from "./explain.ts";
import type { PreviewReport, PreviewStep } from "./schema.ts";

/** Folds the engine's steps into the terms of the topology, what it does not explain first. */
export function foldPreview(input: {
  readonly topology: string;
  readonly base: { readonly name: string; readonly plan: Plan; readonly missing?: boolean } | undefined;
  /** Undefined where the topology has errors; then no stack has steps, either. */
  readonly head: Plan | undefined;
  readonly refreshed: boolean;
  readonly stacks: readonly StackPreview[];
  /** Stacks that the engine was not asked about, since another had failed before. */
  readonly notBegun: readonly string[];
  /** Stacks that the engine was not asked about, since they need nothing. */
  readonly idle?: readonly string[];
}): PreviewReport {
  const wanted: Wanted = {
    head: input.head ? expectedResources(input.head) : new Map<string, Expected>(),
    base: input.base && expectedResources(input.head ? planInNamesOf(input.head, input.base.plan) : input.base.plan),
  };
  const steps = input.stacks.flatMap(({ stack, steps }) =>
    steps.map((step) => foldStep(stack, step, wanted)).sort(byPlace),
  );
  const report = {
    version: 1 as const,
    topology: input.topology,
    ...(input.base ? { base: input.base.name } : {}),
    ...(input.base?.missing ? { baseMissing: true } : {}),
    refreshed: input.refreshed,
    stacks: input.stacks.map(({ steps: _, ...stack }) => stack),
    notBegun: [...input.notBegun],
    ...(input.idle?.length ? { idle: [...input.idle] } : {}),
    steps: [...steps.filter(isUnexplained), ...steps.filter((step) => !isUnexplained(step))],
  };
  return { ...report, summary: summaryOf(report) };
}

/** True if no change of the topology explains a step. */
export function isUnexplained({ cause }: Pick<PreviewStep, "cause">): boolean {
  return cause !== "topology";
}

/** The engine's own order differs between runs, and a comment that is updated should show only what has changed. */
function byPlace(a: PreviewStep, b: PreviewStep): number {
  const keys = ["cluster", "kind", "namespace", "name", "action", "urn"] as const;
  const first = keys.find((key) => a[key] !== b[key]);
  return first === undefined ? 0 : a[first] < b[first] ? -1 : 1;
}

function foldStep(stack: string, step: EngineStep, wanted: Wanted): PreviewStep {
  const { cause, fields } = explain(step, wanted);
  const key = resourceKey(step);
  const source = (wanted.head.get(key) ?? wanted.base?.get(key))?.source ?? [];
  const place = placeOf(step);
  const part = partOf(step);
  const kubernetes = step.type.startsWith("kubernetes:");
  return {
    stack,
    action: step.action,
    part,
    cluster: kubernetes ? step.provider : part === "clusters" ? step.name : "",
    kind: kubernetes ? place.kind : (step.type.split(":").at(-1) ?? step.type),
    namespace: kubernetes ? place.namespace : "",
    name: kubernetes && place.name !== unknownText ? place.name : step.name,
    patch: step.type.endsWith("Patch"),
    source: formatPath(source),
    urn: step.urn,
    cause,
    fields: shownFields(fields, step.live, step.next).map((field, index) => ({
      ...field,
      cause: fields[index]?.cause ?? cause,
    })),
    unknown: unknownPaths(step.next),
  };
}

/** The component that a resource belongs to tells what it is for. */
function partOf({ urn, type }: EngineStep): PreviewStep["part"] {
  if (type === clusterProvider) return "clusters";
  if (!type.startsWith("kubernetes:")) return "generated";
  const parents = parseUrn(urn).types.slice(0, -1);
  const parts: Readonly<Record<string, PreviewStep["part"]>> = {
    "bigpeer:index:CaTrust": "trust",
    "bigpeer:index:TcpExposure": "exposures",
    "bigpeer:index:Replication": "replications",
    "bigpeer:index:BigPeerApp": "apps",
    "bigpeer:index:BigPeer": "peers",
  };
  return parts[parents.at(-1) ?? ""] ?? "others";
}

function unknownPaths(value: unknown, path = ""): string[] {
  if (typeof value === "string") return value.includes(unknownText) ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const step = Array.isArray(value) ? `[${name}]` : name.includes(".") ? `["${name}"]` : name;
    return unknownPaths(inner, path === "" || step.startsWith("[") ? `${path}${step}` : `${path}.${step}`);
  });
}

function summaryOf({ stacks, notBegun, idle = [], steps }: Omit<PreviewReport, "summary">): string {
  const actions = (["create", "update", "replace", "delete"] as const).flatMap((action) => {
    const n = steps.filter((step) => step.action === action).length;
    return n === 0 ? [] : [`${n} to ${action}`];
  });
  const unexplained = steps.filter(isUnexplained);
  const drift = unexplained.filter(({ cause }) => cause === "drift").length;
  const failed = stacks.filter(({ error }) => error !== undefined).map(({ stack }) => stack);
  const pending = stacks.flatMap((stack) => stack.pending).length;
  const takenOver = stacks.flatMap((stack) => stack.takenOver ?? []).length;
  const warnings = stacks.flatMap((stack) => stack.warnings ?? []).length;
  const clauses = [
    actions.length > 0
      ? actions.join(", ")
      : failed.length > 0 && failed.length === stacks.length
        ? ""
        : "nothing would change",
    unexplained.length === 0
      ? ""
      : `${unexplained.length} not explained by the topology${drift > 0 ? ` (${drift} drifted)` : ""}`,
    failed.length === 0 ? "" : `${failed.join(", ")} failed`,
    notBegun.length === 0 ? "" : `${notBegun.join(", ")} not started`,
    idle.length === 0
      ? ""
      : `${count(idle.length, "stack")} need${idle.length === 1 ? "s" : ""} nothing and ${idle.length === 1 ? "was" : "were"} not asked about`,
    takenOver === 0 ? "" : `${takenOver} taken over from somebody else`,
    warnings === 0 ? "" : count(warnings, "warning"),
    pending === 0 ? "" : `${pending} pending`,
  ].filter((clause) => clause !== "");
  return `${count(stacks.length + notBegun.length + idle.length, "stack")}: ${clauses.join("; ")}.`;
}
