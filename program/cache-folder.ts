/** Where built tools and compiled modules are kept. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** `$BIGPEER_CACHE`, else `bigpeer-topology` in the user's cache folder. Safe to delete at any time when no lab runs. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.BIGPEER_CACHE;
  if (given) return resolve(given);
  // XDG Base Directory: unset or empty means ~/.cache.
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "bigpeer-topology");
}
