import { Finding } from "../topology/findings/finding.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { live } from "../topology/rules/live.ts";
import { adoptedFindings, takeoverFinding } from "../topology/takeover/findings.ts";
import { type WrittenObject, writtenObjects } from "../topology/takeover/written-objects.ts";
import type { ClusterSource } from "./contract-check.ts";
import type { Existing } from "./read-existing.ts";
import type { StateObjects } from "./state-objects.ts";
import type { WrittenKeys } from "./written-keys.ts";

/** What is known of the objects that a stack owns. */
export interface TakeoverKnowledge {
  /** What it exported after its last update. */
  readonly written: WrittenKeys;
  /** New name -> former name of a cluster. */
  readonly former: ReadonlyMap<string, string>;
  /** App IDs by app that some stack has generated. */
  readonly ids: ReadonlyMap<string, string>;
  /**
   * Reads what its state holds. Undefined: there is no engine to ask, and what this program has made counts as the
   * stack's own.
   */
  readonly state: (() => Promise<StateObjects>) | undefined;
}

type Read = (source: ClusterSource, objects: readonly WrittenObject[]) => Promise<Existing>;
const readCluster: Read = async (source, objects) => (await import("./read-existing.ts")).readExisting(source, objects);

/**
 * Finds what an update would take over from somebody else, before anything is written. Clusters are only asked about objects that the
 * stack has not exported, and the engine for its state only if one of those exists: an update without anything new asks for nothing.
 */
export async function takeovers(
  plan: Plan,
  sources: readonly ClusterSource[],
  { written, former, ids, state }: TakeoverKnowledge,
  read: Read = readCluster,
): Promise<Finding[]> {
  const has = (cluster: string, key: string) =>
    [cluster, former.get(cluster)].some((name) => name !== undefined && written.get(name)?.has(key));
  const objects = new Map(sources.map(({ cluster }) => [cluster, writtenObjects(plan, cluster)]));
  const looks = await Promise.all(
    sources.map(async (source) => {
      const { cluster } = source;
      const asked = (objects.get(cluster) ?? []).filter(({ key }) => !has(cluster, key));
      const none: Existing = { found: new Map(), unread: [] };
      try {
        return { cluster, ...(asked.length === 0 ? none : await read(source, asked)) };
      } catch (error) {
        return { ...none, cluster, unread: [error instanceof Error ? error.message : String(error)] };
      }
    }),
  );
  const found = looks.some((look) => look.found.size > 0);
  const held = found && state ? await state() : undefined;
  const inState = (cluster: string, key: string) =>
    [cluster, former.get(cluster)].some((name) => held?.objects.has(`${name} ${key}`));
  const known = new Map([...(held?.ids ?? []), ...ids]);
  const taken = looks.flatMap(({ cluster, found }) => {
    if (found.size === 0) return [];
    return writtenObjects(plan, cluster, known).flatMap((object) => {
      const existing = found.get(object.key);
      if (!existing || inState(cluster, object.key) || (!state && existing.ours)) return [];
      return takeoverFinding(plan, cluster, object, existing);
    });
  });
  const existsAsOurs = (cluster: string, key: string) =>
    looks.some((look) => look.cluster === cluster && look.found.get(key)?.ours === true);
  const done = adoptedFindings(
    plan,
    objects,
    (cluster, key) => has(cluster, key) || inState(cluster, key) || (!state && existsAsOurs(cluster, key)),
  );
  return [...looks.flatMap(({ cluster, unread }) => unreadFindings(cluster, unread)), ...taken, ...done];
}

/** One for each reason: an API server that does not answer gives the same one for every list. */
function unreadFindings(cluster: string, unread: readonly string[]): Finding[] {
  const alike = Map.groupBy(unread, (each) => each.replace(/^.* cannot be read: /, ""));
  return [...alike.values()].flatMap(([first, ...others]): Finding[] => {
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` (and ${others.length} more for the same reason)`;
    return [
      new Finding(live.existingUnread, {
        path: ["clusters", cluster],
        what: `which objects already exist in cluster "${cluster}" is unknown: ${first}${more}`,
        fix: "do what the message says, and run it again; `npx bigpeer rbac` prints every right that is needed",
      }),
    ];
  });
}
