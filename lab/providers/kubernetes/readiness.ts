/** When an object counts as ready, as the real provider's generic wait judges it. */
import { isBag, type PropertyBag } from "../property-values.ts";
import { annotation, member } from "./object-identity.ts";

const defaultTimeoutSeconds = 600;

/** Whether anything is waited for at all. */
export function isAwaited(inputs: PropertyBag): boolean {
  return annotation(inputs, "skipAwait") !== "true";
}

export function timeoutSeconds(inputs: PropertyBag, custom: number | undefined): number {
  const annotated = Number(annotation(inputs, "timeoutSeconds"));
  if (custom !== undefined) return custom;
  return annotated > 0 ? annotated : defaultTimeoutSeconds;
}

/** What is still missing; nothing when the object is ready. `live` is undefined when it is gone. */
export function unmet(inputs: PropertyBag, live: PropertyBag | undefined): string[] {
  if (!live) return ["the object has been deleted"];
  const wanted = annotation(inputs, "waitFor");
  if (wanted !== undefined)
    return waitForConditions(wanted).flatMap(([type, status]) => unmetCondition(live, type, status));
  const generation = member(live, "metadata", "generation");
  const observed = member(live, "status", "observedGeneration");
  if (typeof generation === "number" && typeof observed === "number" && observed < generation)
    return [`Generation ${observed} is less than expected ${generation}`];
  if (live.kind === "Service" && member(live, "spec", "type") === "LoadBalancer") {
    const ingress = member(live, "status", "loadBalancer", "ingress");
    if (!Array.isArray(ingress) || ingress.length === 0) return ["Service was not allocated an IP address"];
  }
  return conditionOf(live, "Ready") ? unmetCondition(live, "Ready", "True") : [];
}

/** `condition=Ready`, `condition=Ready=False`, or a JSON list of these. */
function waitForConditions(text: string): [type: string, status: string][] {
  const parsed: unknown = text.startsWith("[") ? JSON.parse(text) : [text];
  if (!Array.isArray(parsed)) throw new Error(`pulumi.com/waitFor: ${text} is no list`);
  return parsed.map((each) => {
    const [, type, status] = /^condition=([\w./-]+?)(?:=(\w+))?$/.exec(String(each)) ?? [];
    if (type === undefined)
      throw new Error(`pulumi.com/waitFor: the lab's stand-in knows only conditions, not ${each}`);
    return [type, status ?? "True"];
  });
}

function unmetCondition(live: PropertyBag, type: string, status: string): string[] {
  const condition = conditionOf(live, type);
  if (!condition) return [`Waiting for condition ${type}=${status}`, ...failing(live)];
  if (condition.status === status) return [];
  const why = [condition.reason, condition.message]
    .filter((part) => typeof part === "string" && part !== "")
    .join(": ");
  return [`Condition ${type} is ${condition.status}${why === "" ? "" : `: ${why}`}`, ...failing(live, type)];
}

/** The other conditions that are not True, since they say why. */
function failing(live: PropertyBag, except?: string): string[] {
  return conditionsOf(live)
    .filter(({ type, status }) => type !== except && type !== "Degraded" && status !== "True")
    .map(({ type, status, reason, message }) => `Condition ${type} is ${status}: ${reason ?? ""}: ${message ?? ""}`);
}

function conditionOf(live: PropertyBag, type: string): PropertyBag | undefined {
  return conditionsOf(live).find((condition) => condition.type === type);
}

function conditionsOf(live: PropertyBag): PropertyBag[] {
  const conditions = member(live, "status", "conditions");
  return Array.isArray(conditions) ? conditions.filter(isBag) : [];
}
