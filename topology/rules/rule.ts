import type { Topology } from "../file/schema.ts";
import type { Path, Severity } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";

/** What a rule may look at: the topology as written, and the plan of as much of it as holds. */
export interface RuleContext {
  readonly topology: Topology;
  readonly plan: Plan;
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

/** What a rule is about. Its section in docs/rules.md is generated from this and from its examples under test/. */
export interface RuleDescription {
  /** Stable: it is in comments, in SARIF reports and in the documentation. */
  readonly id: string;
  readonly severity: Severity;
  /** What is looked for, in one sentence. */
  readonly summary: string;
  /** What happens in production if nobody looks. */
  readonly why: string;
  /** Where the fact comes from: the guide, the API description, the release notes, Kubernetes. */
  readonly source: string;
  /**
   * Whether `# bigpeer-ignore <id>: <reason>` turns it down. Judgements can be: somebody may know better and say why. What
   * cannot work whatever the reason (a reference to nothing, a name that the API server refuses) cannot.
   */
  readonly ignorable: boolean;
}

/** One thing that a topology must hold to. */
export interface Rule extends RuleDescription {
  check(context: RuleContext): Iterable<Violation>;
}
