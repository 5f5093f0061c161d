import type { EnforcementLevel, Severity } from "@pulumi/policy";
import { z } from "zod";
import type { OperatorContract } from "../topology/operator/contract.ts";

/** The parts of a resource that a policy judges. */
export interface JudgedResource {
  /** Pulumi's type token, such as `kubernetes:ditto.live/v1alpha1:BigPeer`. */
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** True if the engine refuses to delete it. */
  readonly protect: boolean;
}

/** One thing that a policy does not allow. */
export interface Violation {
  /** The violation, in one sentence. */
  readonly what: string;
  /** The consequence if it were deployed. */
  readonly why: string;
  /** The text to write instead. */
  readonly fix: string;
}

/** A rule of the company. It is pure, so that it can be evaluated without an engine. */
export interface CompanyPolicy<Settings extends z.ZodObject = z.ZodObject> {
  /** Stable name, by which the configuration refers to the policy. */
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  /** The settings that the configuration can contain, with every default. */
  readonly settings: Settings;
  /**
   * `declared`: judges what the program declares, before the engine does anything. `resulting`: judges what the cluster reports, at the end, since
   * the program does not declare the values that decide.
   */
  readonly judges: "declared" | "resulting";
  judge(resource: JudgedResource, settings: z.output<Settings>): readonly Violation[];
}

/** The enforcement level of each policy, unless the configuration sets another one. */
export const defaultEnforcement: EnforcementLevel = "mandatory";

/** Stacks to which a policy does not apply: their names, with `*` for any characters. */
export const developmentStacks = z
  .array(z.string().min(1))
  .default([])
  .describe("Names of stacks on which this is allowed; * stands for anything, such as dev-*. Default: none.");

/** True if the resource belongs to a stack that one of the patterns names. */
export function onStack({ urn }: JudgedResource, patterns: readonly string[]): boolean {
  const stack = stackOf(urn);
  return patterns.some((pattern) =>
    new RegExp(`^${pattern.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`).test(stack),
  );
}

/** `urn:pulumi:<stack>::<project>::…`: the only value that tells every policy, on every kind of host, which stack it judges. */
function stackOf(urn: string): string {
  return urn.split("::")[0]?.replace(/^urn:pulumi:/, "") ?? "";
}

/** The value at a dotted path; undefined if there is none. */
export function fieldAt(properties: Readonly<Record<string, unknown>>, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      properties,
    );
}

/** The kind of one of the operator's objects; "" for anything else. */
export function operatorKind({ properties }: JudgedResource, { group }: OperatorContract): string {
  const { apiVersion, kind } = properties;
  return typeof apiVersion === "string" && typeof kind === "string" && apiVersion.startsWith(`${group}/`) ? kind : "";
}

/** True if the resource is a Big Peer itself, and not a patch of one. */
export function isBigPeer(resource: JudgedResource, operator: OperatorContract): boolean {
  return operatorKind(resource, operator) === operator.kinds.bigPeer && !resource.type.endsWith("Patch");
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a violation, before which the engine puts the policy's name and the resource. */
export function formatViolation({ what, why, fix }: Violation): string {
  return `${what}\n  why: ${why}\n  fix: ${fix}`;
}

/**
 * The settings of a policy, as the configuration specifies them.
 * @throws Error with everything that is wrong with them
 */
export function settingsOf<Settings extends z.ZodObject>(
  { name, settings }: CompanyPolicy<Settings>,
  given: object,
): z.output<Settings> {
  const parsed = settings.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Error(`the configuration of ${name} is not valid:\n${z.prettifyError(parsed.error)}`);
}
