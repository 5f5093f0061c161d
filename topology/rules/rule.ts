import type { Topology } from "../file/schema.ts";
import type { Path } from "../findings/finding.ts";
import type { RuleDescription } from "../findings/rule-description.ts";
import type { Plan } from "../plan/plan.ts";

/** What a rule may look at: the topology as written, and the plan of as much of it as holds. */
export interface RuleContext {
  readonly topology: Topology;
  readonly plan: Plan;
  /** What the topology file is called in findings and in commands. */
  readonly file: string;
}

/** One place that breaks a rule. */
export interface Violation {
  readonly path: Path;
  /** Whether the name itself is wrong, or what stands behind it. Default: the value. */
  readonly part?: "key" | "value";
  readonly what: string;
  /** Default: the rule's. */
  readonly why?: string;
  readonly fix: string;
}

/** One thing that a topology must hold to. */
export interface Rule extends RuleDescription {
  check(context: RuleContext): Iterable<Violation>;
}
