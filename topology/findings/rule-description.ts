import type { Severity } from "./severity.ts";

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
   * True if `# bigpeer-ignore <id>: <reason>` suppresses it. Judgements can be: somebody may know better and say why. What
   * cannot work whatever the reason (a reference to nothing, a name that the API server refuses) cannot.
   */
  readonly ignorable: boolean;
}
