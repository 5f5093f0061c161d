import { setTimeout as delay } from "node:timers/promises";
import type { Round } from "./round.ts";
import { afterError, afterRound, initialState, type WatchState } from "./state.ts";

export interface LoopOptions {
  readonly intervalSeconds: number;
  /** Carries out a round. @param state what is known before it */
  readonly round: (state: WatchState, signal: AbortSignal) => Promise<Round>;
  /** Hears of the state after each round, and of what kept a round from being carried out. */
  readonly onState: (state: WatchState, error?: unknown) => void;
  /** Ends the loop; a round that is under way is given up, and cleans up after itself. */
  readonly signal: AbortSignal;
}

/**
 * Carries out a round at each interval, the first at once, until it is told to stop. Rounds never overlap: one that takes longer than
 * the interval is followed by the next at once. A round that fails, for whatever reason, ends nothing.
 * @returns what is known at the end
 */
export async function watchLoop({ intervalSeconds, round, onState, signal }: LoopOptions): Promise<WatchState> {
  let state = initialState(intervalSeconds);
  while (!signal.aborted) {
    const began = performance.now();
    try {
      state = afterRound(state, await round(state, signal));
      if (!signal.aborted) onState(state);
    } catch (error) {
      state = afterError(state);
      // A probe that was given up says nothing about its link.
      if (!signal.aborted) onState(state, error);
    }
    const left = intervalSeconds * 1000 - (performance.now() - began);
    await delay(Math.max(0, left), undefined, { signal }).catch(() => {});
  }
  return state;
}

/** Intervals that may pass without the end of a round before the loop counts as stuck. */
const patientIntervals = 3;
/** A round waits for API servers that do not answer. */
const patienceSeconds = 600;

/** True if rounds still end.
 * @param lastEnd when the last round ended, or the loop began */
export function isAlive(intervalSeconds: number, lastEnd: Date, now = new Date()): boolean {
  return now.getTime() - lastEnd.getTime() < (patientIntervals * intervalSeconds + patienceSeconds) * 1000;
}
