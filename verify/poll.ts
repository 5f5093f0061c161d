/** How often something is looked for: soon at first, and then less often, since hundreds may be looked for at once. */
const pollMs = { first: 50, factor: 1.5, most: 500 } as const;

/** Asks again and again until something holds, or the time is over. @returns true if it held in time
 * @throws what `signal` was aborted with */
export async function poll(
  forMs: number,
  signal: AbortSignal | undefined,
  holds: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + forMs;
  for (let wait: number = pollMs.first; ; wait = Math.min(wait * pollMs.factor, pollMs.most)) {
    signal?.throwIfAborted();
    if (await holds()) return true;
    if (performance.now() >= deadline) return false;
    const left = Math.max(0, deadline - performance.now());
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait, left)));
  }
}
