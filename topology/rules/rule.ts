import type { Topology } from "../file/schema.ts";
import type { Path } from "../findings/finding.ts";
import type { RuleDescription } from "../findings/rule-description.ts";
import type { Plan } from "../plan/plan.ts";

/** The input of a rule: the topology as written, and the plan of as much of it as holds. */
export interface RuleContext {
  readonly topology: Topology;
  readonly plan: Plan;
  /** The name of the topology file in findings and in commands. */
  readonly file: string;
}

/** One place that breaks a rule. */
export interface Violation {
  readonly path: Path;
  /** Says whether the name itself is wrong, or the value behind it. Default: the value. */
  readonly part?: "key" | "value";
  readonly what: string;
  /** Default: the rule's. */
  readonly why?: string;
  readonly fix: string;
  /** Violations with the same text are told once where there are many. Default: each has sentences of its own. */
  readonly alike?: string;
}

/** One thing that a topology must hold to. */
export interface Rule extends RuleDescription {
  check(context: RuleContext): Iterable<Violation>;
}
