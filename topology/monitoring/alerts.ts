import { metrics } from "./metrics.ts";

/** A rule as Prometheus reads it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it has to hold before the alert fires. */
  readonly for?: string;
  readonly labels: { readonly severity: "critical" | "warning" };
  readonly annotations: Readonly<Record<string, string>>;
}

/** A file of rules, and the `spec` of a PrometheusRule. */
export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/** A page of docs/runbook, without its ending. */
type RunbookPage =
  | "documents-do-not-arrive"
  | "documents-arrive-undeclared"
  | "ca-expires"
  | "ca-not-trusted"
  | "update-pending"
  | "object-changed"
  | "cluster-unreachable"
  | "stack-unreadable"
  | "verify-does-not-run";

interface Alert {
  readonly name: string;
  readonly severity: "critical" | "warning";
  /** @param of gives the selector of a metric for the topology, with further matchers if there are any */
  readonly expr: (of: Series) => string;
  readonly for?: string;
  readonly summary: string;
  readonly description: string;
  readonly runbook: RunbookPage;
}

type Series = (metric: keyof typeof metrics, ...matchers: string[]) => string;

const day = 86_400;

/** Every alert. Numbers of rounds are in it rather than times, so that it fits every interval. */
const alerts: readonly Alert[] = [
  {
    name: "BigPeerDocumentsDoNotArrive",
    severity: "critical",
    expr: (of) => `${of("linkFailures")} >= 2`,
    summary: "Documents of {{ $labels.app }} do not get from {{ $labels.from }} to {{ $labels.to }}",
    description:
      "In the last {{ $value }} rounds, a probe document of the replication {{ $labels.replication }} did not arrive on {{ $labels.to }}.",
    runbook: "documents-do-not-arrive",
  },
  {
    name: "BigPeerDocumentsArriveUndeclared",
    severity: "critical",
    expr: (of) => `${of("linkUnexpected")} > 0`,
    summary:
      "{{ $labels.to }} gets documents of {{ $labels.app }} from {{ $labels.from }} that it does not subscribe to",
    description:
      "In the last round, {{ $value }} probe documents of the replication {{ $labels.replication }} arrived that the topology keeps away from {{ $labels.to }}.",
    runbook: "documents-arrive-undeclared",
  },
  {
    name: "BigPeerCaExpires",
    severity: "warning",
    expr: (of) => `${of("caExpiry")} - time() < ${30 * day} and ${of("caExpiry")} - time() >= ${7 * day}`,
    for: "1h",
    summary: "The CA of {{ $labels.peer }} expires within 30 days",
    description: "It expires in {{ $value | humanizeDuration }}. After that no peer connects to {{ $labels.peer }}.",
    runbook: "ca-expires",
  },
  {
    name: "BigPeerCaExpiresSoon",
    severity: "critical",
    expr: (of) => `${of("caExpiry")} - time() < ${7 * day}`,
    summary: "The CA of {{ $labels.peer }} expires within 7 days, or has expired",
    description: "It expires in {{ $value | humanizeDuration }}. After that no peer connects to {{ $labels.peer }}.",
    runbook: "ca-expires",
  },
  {
    name: "BigPeerTrustIsStale",
    severity: "warning",
    expr: (of) => `${of("trustProblems")} > 0`,
    for: "15m",
    summary: "{{ $labels.peer }} does not trust the current certificates",
    description:
      "Its open connections continue, but the next connection fails. `bigpeer status --live` names the peers.",
    runbook: "ca-not-trusted",
  },
  {
    name: "BigPeerDrift",
    severity: "warning",
    expr: (of) => `${of("drifted")} > 0`,
    for: "15m",
    summary: "{{ $value }} objects in {{ $labels.peer_cluster }} are not as the topology declares them",
    description: "`bigpeer status --live` lists them with the command that repairs each.",
    runbook: "object-changed",
  },
  {
    name: "BigPeerPending",
    severity: "warning",
    expr: (of) => `${of("pending", 'state="pending"')} > 0`,
    for: "1h",
    summary: "{{ $value }} steps of the stacks are waiting for somebody",
    description:
      "The stacks could not do everything in their last update. `bigpeer status` names each step and what comes next.",
    runbook: "update-pending",
  },
  {
    name: "BigPeerVerifyDoesNotRun",
    severity: "critical",
    expr: (of) => {
      const age = `time() - ${of("lastRound")}`;
      // A run that has one round only says nothing about when the next one is.
      return `${age} > 3 * ${of("interval")} + 60 or (${age} > 7200 unless on (topology) ${of("interval")})`;
    },
    summary: "No round of verify has ended for {{ $value | humanizeDuration }}",
    description: "The other alerts are based on data of that age.",
    runbook: "verify-does-not-run",
  },
  {
    name: "BigPeerVerifyIsAbsent",
    severity: "critical",
    expr: (of) => `absent(${of("lastRound")})`,
    for: "15m",
    summary: "Prometheus has no metrics of verify",
    description: "None of the other alerts can fire until it has them.",
    runbook: "verify-does-not-run",
  },
  {
    name: "BigPeerClusterUnreadable",
    severity: "warning",
    expr: (of) => `${of("unreadable")} > 0`,
    for: "30m",
    summary: "{{ $value }} objects of {{ $labels.peer_cluster }} cannot be read",
    description:
      "The cluster does not answer, or verify lacks a right that `bigpeer rbac --for watch` prints. Nobody knows whether they have drifted.",
    runbook: "cluster-unreachable",
  },
  {
    name: "BigPeerStacksUnreadable",
    severity: "warning",
    expr: (of) => `${of("stacksReadable")} == 0`,
    for: "30m",
    summary: "The state of the stacks cannot be read",
    description: "Nobody knows what the stacks wait for. `bigpeer status` says why.",
    runbook: "stack-unreadable",
  },
  {
    name: "BigPeerProbesStay",
    severity: "warning",
    expr: (of) => `${of("leftovers")} > 0`,
    for: "1h",
    summary: "{{ $value }} probe documents cannot be deleted",
    description: "verify tries again in each round. Their IDs begin with bigpeer-verify-.",
    runbook: "verify-does-not-run",
  },
];

/** The pages to which the alerts lead. */
export const runbookPages: readonly string[] = [...new Set(alerts.map(({ runbook }) => runbook))];

export interface AlertOptions {
  /** The topology that the alerts are about, as its label has it. */
  readonly topology: string;
  /** URL of the folder with the runbook's pages; undefined: each alert has the path of its page in the sources of bigpeer-topology. */
  readonly runbooks?: string | undefined;
}

/** The alerts of one topology. */
export function alertRules({ topology, runbooks }: AlertOptions): RuleGroups {
  const of: Series = (metric, ...matchers) =>
    `${metrics[metric].name}{${[`topology=${JSON.stringify(topology)}`, ...matchers].join(",")}}`;
  const rules = alerts.map(({ name, severity, expr, for: holds, summary, description, runbook }): AlertRule => {
    const page = `${runbook}.md`;
    const place =
      runbooks === undefined
        ? { runbook: `docs/runbook/${page}` }
        : { runbook_url: `${runbooks.replace(/\/+$/, "")}/${page}` };
    return {
      alert: name,
      expr: expr(of),
      ...(holds === undefined ? {} : { for: holds }),
      labels: { severity },
      annotations: { summary, description, ...place },
    };
  });
  return { groups: [{ name: `bigpeer-${topology}`, rules }] };
}
