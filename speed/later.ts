import { setImmediate } from "node:timers/promises";

/**
 * Loads a module once what has been asked of the engine before is on its way. Loading keeps this process busy, and until it ends not even
 * a request that was made before leaves it.
 */
export async function later<T>(load: () => Promise<T>): Promise<T> {
  await setImmediate();
  return load();
}
