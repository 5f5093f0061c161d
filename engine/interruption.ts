/** Handles the user's wish to end, for this process and for the engine that it has started. */
export interface Interruption {
  /** Aborted with the wish: nothing new is begun. */
  readonly requested: AbortSignal;
  /** Aborted when the engine does not know of the wish yet. */
  readonly engine: AbortSignal;
}

/**
 * Listens for Ctrl-C and the like, in place of ending at once. At the first of them the engine finishes what is under way and writes its
 * state; at a second one it would leave at once, without. A terminal sends Ctrl-C to the engine, too, so it is not passed on there.
 * @param reason what those who wait for the signals get
 */
export function onInterruption(reason: Error): Interruption {
  const [requested, engine] = [new AbortController(), new AbortController()];
  const atTerminal = process.stdin.isTTY || process.stderr.isTTY;
  process.on("SIGINT", () => {
    requested.abort(reason);
    if (!atTerminal) engine.abort(reason);
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      requested.abort(reason);
      engine.abort(reason);
    });
  return { requested: requested.signal, engine: engine.signal };
}
