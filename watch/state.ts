import type { ProbeResult } from "../verify/run.ts";
import type { Round } from "./round.ts";

/** One direction of a link, by the labels that its series have. */
export interface Direction {
  readonly replication: string;
  readonly app: string;
  readonly from: string;
  readonly to: string;
}

/** How the probes of one direction went in the last round. */
export interface DirectionState extends Direction {
  /** Undefined: no document has to arrive in this direction. */
  readonly up: boolean | undefined;
  /** The time that the slowest document took, in seconds; undefined: none arrived, or none was sent. */
  readonly seconds: number | undefined;
  /** Rounds in a row in which a document did not arrive. */
  readonly failures: number;
  /** Documents that arrived although they should have stayed away; undefined: none was sent that should, or nobody could look. */
  readonly unexpected: number | undefined;
}

/** What is known after some rounds. */
export interface WatchState {
  /** Seconds between rounds; undefined: there is one round only. */
  readonly intervalSeconds: number | undefined;
  readonly rounds: { readonly passed: number; readonly failed: number; readonly error: number };
  readonly directions: readonly DirectionState[];
  /** The last round that could be carried out. */
  readonly last: Round | undefined;
}

/** Nothing is known yet. */
export function initialState(intervalSeconds: number | undefined): WatchState {
  return { intervalSeconds, rounds: { passed: 0, failed: 0, error: 0 }, directions: [], last: undefined };
}

/** The state after a round. Links that the topology no longer has are no longer in it. */
export function afterRound(state: WatchState, round: Round): WatchState {
  const result = round.report.passed ? "passed" : "failed";
  const before = new Map(state.directions.map((each) => [keyOf(each), each.failures]));
  const directions = [...Map.groupBy(round.report.results, ({ probe }) => keyOf(probe)).values()].flatMap((results) => {
    const [first] = results;
    return first ? [directionState(first.probe, results, before.get(keyOf(first.probe)) ?? 0)] : [];
  });
  return { ...state, rounds: counted(state, result), directions, last: round };
}

/** The state after a round that could not be carried out: what was seen before stays, with the time at which it was seen. */
export function afterError(state: WatchState): WatchState {
  return { ...state, rounds: counted(state, "error") };
}

function counted({ rounds }: WatchState, result: keyof WatchState["rounds"]): WatchState["rounds"] {
  return { ...rounds, [result]: rounds[result] + 1 };
}

function directionState(direction: Direction, results: readonly ProbeResult[], failuresBefore: number): DirectionState {
  const { replication, app, from, to } = direction;
  const arriving = results.filter(({ probe }) => probe.expected === "arrives");
  const staying = results.filter(({ probe }) => probe.expected === "stays away" && probe.document !== undefined);
  const unexpected = staying.filter(({ arrived }) => arrived).length;
  const known = unexpected > 0 || (staying.length > 0 && staying.every(({ passed }) => passed));
  const up = arriving.length === 0 ? undefined : arriving.every(({ passed }) => passed);
  const times = arriving.flatMap(({ probe, passed, milliseconds }) =>
    passed && probe.document !== undefined ? [milliseconds / 1000] : [],
  );
  return {
    ...{ replication, app, from, to, up },
    seconds: times.length === 0 ? undefined : Math.max(...times),
    failures: up === false ? failuresBefore + 1 : 0,
    unexpected: known ? unexpected : undefined,
  };
}

function keyOf({ replication, app, from, to }: Direction): string {
  return JSON.stringify([replication, app, from, to]);
}
