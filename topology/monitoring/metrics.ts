/** A metric as an exporter describes it. */
export interface Metric {
  /** By the conventions of Prometheus: a prefix of ours, base units, `_total` for a counter and for nothing else. */
  readonly name: string;
  readonly type: "gauge" | "counter";
  /** One sentence. */
  readonly help: string;
  /** Beside `topology`, which every series has. */
  readonly labels: readonly string[];
}

/** One direction of a link. Collections are no label: they would multiply the series, and `verify` says which one failed. */
const direction = ["replication", "app", "from", "to"] as const;

/**
 * Every metric of `verify --every`. The exposition, the alerts, the dashboard and docs/metrics.md are made from this table. Times are in
 * seconds and moments are Unix timestamps, as Prometheus' conventions have it: the age or the days left are a matter of the query. No
 * label is called `cluster` or `namespace`, since Prometheus itself gives these to what it scrapes.
 */
export const metrics = {
  linkUp: {
    name: "bigpeer_link_up",
    type: "gauge",
    help: "1 if every probe document of the last round arrived in this direction of the link, else 0.",
    labels: direction,
  },
  linkDocument: {
    name: "bigpeer_link_document_seconds",
    type: "gauge",
    help: "Time that the slowest probe document of the last round took from the write to its arrival; absent if none arrived.",
    labels: direction,
  },
  linkFailures: {
    name: "bigpeer_link_consecutive_failures",
    type: "gauge",
    help: "Number of rounds in a row in which a probe document did not arrive; 0 after a round in which all did.",
    labels: direction,
  },
  linkUnexpected: {
    name: "bigpeer_link_unexpected_documents",
    type: "gauge",
    help: "Number of probe documents of the last round that arrived although the receiver does not subscribe to them.",
    labels: direction,
  },
  caExpiry: {
    name: "bigpeer_ca_expiry_timestamp_seconds",
    type: "gauge",
    help: "When the CA of the peer expires, or the certificate by which another peer trusts it if that is earlier.",
    labels: ["peer"],
  },
  trustProblems: {
    name: "bigpeer_trust_problems",
    type: "gauge",
    help: "Number of peers, itself included, whose certificates the peer does not trust, or will not trust after their next renewal.",
    labels: ["peer"],
  },
  drifted: {
    name: "bigpeer_drifted_objects",
    type: "gauge",
    help: "Number of objects in the cluster that are missing, or not as the topology declares them.",
    labels: ["peer_cluster"],
  },
  unreadable: {
    name: "bigpeer_unreadable_objects",
    type: "gauge",
    help: "Number of declared objects that could not be read from the cluster, so nobody knows whether they have drifted.",
    labels: ["peer_cluster"],
  },
  pending: {
    name: "bigpeer_pending_steps",
    type: "gauge",
    help: "Number of steps that the stacks wait for: state pending needs somebody, state in_progress ends by itself.",
    labels: ["state"],
  },
  stacksReadable: {
    name: "bigpeer_stacks_readable",
    type: "gauge",
    help: "1 if the state of the stacks could be read in the last round, else 0; absent if the topology has no stacks here.",
    labels: [],
  },
  leftovers: {
    name: "bigpeer_leftover_documents",
    type: "gauge",
    help: "Number of probe documents that could not be deleted yet; the next round tries again.",
    labels: [],
  },
  rounds: {
    name: "bigpeer_verify_rounds_total",
    type: "counter",
    help: "Number of rounds since the start, by result: passed, failed, or error if the round could not be carried out.",
    labels: ["result"],
  },
  lastRound: {
    name: "bigpeer_verify_last_round_timestamp_seconds",
    type: "gauge",
    help: "When the last round that could be carried out ended.",
    labels: [],
  },
  roundDuration: {
    name: "bigpeer_verify_last_round_duration_seconds",
    type: "gauge",
    help: "How long the last round took.",
    labels: [],
  },
  interval: {
    name: "bigpeer_verify_interval_seconds",
    type: "gauge",
    help: "Time from the start of one round to the start of the next; absent for a run that has one round only.",
    labels: [],
  },
  buildInfo: {
    name: "bigpeer_build_info",
    type: "gauge",
    help: "Always 1, with the version of bigpeer-topology.",
    labels: ["version"],
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** Name of a topology in metrics and in objects for monitoring: that of its file, as far as Kubernetes takes it as a name. */
export function topologyName(file: string): string {
  const name = file
    .replace(/\.ya?ml$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return name === "" ? "topology" : name;
}
