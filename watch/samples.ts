import { type Metric, metrics } from "../topology/monitoring/metrics.ts";
import type { WatchState } from "./state.ts";

/** One value of one series. */
export interface Sample {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is measured where. */
export interface Watched {
  /** Name of the topology, which every series has as a label, so that those of several topologies never are the same series. */
  readonly topology: string;
  /** The version of bigpeer-topology. */
  readonly version: string;
}

/** Every series of a state, in the order of the metrics. What is not known has no series. */
export function samplesOf({ topology, version }: Watched, state: WatchState): Sample[] {
  const { intervalSeconds, rounds, directions, last } = state;
  const sample = (
    metric: Metric,
    value: number | undefined,
    labels: Readonly<Record<string, string>> = {},
  ): Sample[] => (value === undefined ? [] : [{ metric, labels: { topology, ...labels }, value }]);
  const ofLinks = (metric: Metric, value: (direction: WatchState["directions"][number]) => number | undefined) =>
    directions.flatMap((each) => {
      const { replication, app, from, to } = each;
      return sample(metric, value(each), { replication, app, from, to });
    });
  const arriving = (value: number, up: boolean | undefined) => (up === undefined ? undefined : value);
  const trust = Map.groupBy(last?.report.trust ?? [], ({ truster }) => truster);
  const pending = last?.pending;
  const steps = pending && !("unreadable" in pending) ? pending : undefined;
  const inProgress = steps?.filter(({ until }) => until !== undefined).length;
  return [
    ...ofLinks(metrics.linkUp, ({ up }) => arriving(Number(up), up)),
    ...ofLinks(metrics.linkDocument, ({ seconds }) => seconds),
    ...ofLinks(metrics.linkFailures, ({ failures, up }) => arriving(failures, up)),
    ...ofLinks(metrics.linkUnexpected, ({ unexpected }) => unexpected),
    ...(last?.report.authorities ?? []).flatMap(({ peer, expires }) =>
      sample(metrics.caExpiry, expires.getTime() / 1000, { peer }),
    ),
    ...(last?.peers ?? []).flatMap((peer) => sample(metrics.trustProblems, trust.get(peer)?.length ?? 0, { peer })),
    ...(last?.objects ?? []).flatMap(({ cluster, drifted }) =>
      sample(metrics.drifted, drifted, { peer_cluster: cluster }),
    ),
    ...(last?.objects ?? []).flatMap(({ cluster, unreadable }) =>
      sample(metrics.unreadable, unreadable, { peer_cluster: cluster }),
    ),
    ...sample(metrics.pending, steps && steps.length - (inProgress ?? 0), { state: "pending" }),
    ...sample(metrics.pending, inProgress, { state: "in_progress" }),
    ...sample(metrics.stacksReadable, pending && Number(steps !== undefined)),
    ...sample(metrics.leftovers, last?.left.length),
    ...Object.entries(rounds).flatMap(([result, count]) => sample(metrics.rounds, count, { result })),
    ...sample(metrics.lastRound, last && last.ended.getTime() / 1000),
    ...sample(metrics.roundDuration, last?.seconds),
    ...sample(metrics.interval, intervalSeconds),
    ...sample(metrics.buildInfo, 1, { version }),
  ];
}
