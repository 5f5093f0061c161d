import type { LinkSeen, PathSeen } from "./link-seen.ts";

/** What a pod in the initiator's cluster saw; undefined if there was none. */
export function podOf({ pod }: LinkSeen): PathSeen | undefined {
  return pod && "where" in pod ? pod : undefined;
}

/** How more can be seen than from here. */
export function podHint(cluster: string, { pod }: LinkSeen): string {
  if (pod && "unknown" in pod) return `the pod that was to look in cluster "${cluster}" could not: ${pod.unknown}`;
  return `--probe-pods looks from a short-lived pod in cluster "${cluster}"`;
}
