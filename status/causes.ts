import type { Plan } from "../topology/plan/plan.ts";
import type { RunbookPage } from "../topology/runbook.ts";
import type { Problem, StatusRow } from "./status-row.ts";

/** One thing that is wrong, and what is wrong because of it. */
export interface Cause {
  /** The problem of one object, or the same problem of several. */
  readonly what: string;
  readonly mend: string;
  /** The page of the runbook on it. */
  readonly page: RunbookPage | undefined;
  /** True if it is somebody else's change, at which an update stops. */
  readonly foreign: boolean;
  /** The objects that have it. */
  readonly rows: readonly StatusRow[];
  /** Objects that are as they should be, and suffer from this: they are repaired with it. */
  readonly because: readonly StatusRow[];
}

/**
 * The problems of all rows by their cause: an object that is not there or not ready, or trust that is broken, is named first, and replications
 * that are therefore not connected are counted under it. What is somebody else's comes last. Equal problems, such as those of an API server that does not answer, are one.
 */
export function causesOf(plan: Plan, rows: readonly StatusRow[]): Cause[] {
  const roots = rows.flatMap((row) =>
    row.problems.filter((each) => !isDisconnection(row, each)).map((problem) => ({ row, problem })),
  );
  const disconnected = rows.flatMap((row) =>
    row.problems.filter((each) => isDisconnection(row, each)).map((problem) => ({ row, problem })),
  );
  // What is not there at all explains more than what differs.
  const alike = [...Map.groupBy(roots, ({ row, problem }) => alikeKey(row, problem)).values()].sort(
    ([a], [b]) => Number(b !== undefined && isAbsent(b.row)) - Number(a !== undefined && isAbsent(a.row)),
  );
  const explained = new Set<StatusRow>();
  const causes = alike.flatMap((group): Cause[] => {
    const [first] = group;
    if (!first) return [];
    const failing = group.map(({ row }) => row).filter(isDown);
    const untrusting = group.flatMap(({ problem: { between } }) => (between ? [between] : []));
    const because = disconnected
      .map(({ row }) => row)
      .filter(
        (row) =>
          !explained.has(row) &&
          (failing.some((root) => dependsOn(plan, row, root)) ||
            untrusting.some((between) => isBetween(plan, row, between))),
      );
    for (const row of because) explained.add(row);
    return [{ ...said(first.problem), rows: group.map(({ row }) => row), because }];
  });
  const rest = disconnected.filter(({ row }) => !explained.has(row));
  const others = [...Map.groupBy(rest, ({ row, problem }) => alikeKey(row, problem)).values()].flatMap((group) =>
    group.slice(0, 1).map(({ problem }) => ({
      ...said(problem),
      rows: group.map(({ row }) => row),
      because: [],
    })),
  );
  const rank = ({ rows: [row], because, foreign }: Cause) =>
    foreign ? 3 : row && isAbsent(row) ? 0 : because.length > 0 ? 1 : 2;
  return [...causes, ...others].sort((a, b) => rank(a) - rank(b) || b.because.length - a.because.length);
}

function said({ what, mend, page, foreign }: Problem): Pick<Cause, "what" | "mend" | "page" | "foreign"> {
  return { what, mend, page, foreign: foreign === true };
}

function isDisconnection({ connected }: StatusRow, { what }: Problem): boolean {
  return connected !== undefined && !connected.holds && what === `is not connected: ${connected.message}`;
}

function isAbsent({ deployed, live }: StatusRow): boolean {
  return deployed === "no" || live === "no";
}

/** What depends on it cannot work. */
function isDown(row: StatusRow): boolean {
  return isAbsent(row) || row.live === "differs" || row.live === "unknown" || row.ready?.holds === false;
}

/** Equal for problems that differ in the name of their object alone. Commands that repair are only alike if they are the same. */
function alikeKey({ ref, deployed, live }: StatusRow, { what, mend }: Problem): string {
  const unnamed = (text: string) =>
    text.replaceAll(`${ref.namespace}/${ref.name}`, "").replaceAll(ref.name, "").replaceAll(ref.kind, "");
  // An object that is missing is a cause of its own: what depends on it is said under it.
  const own = live === "no" && deployed !== "no" ? `${ref.kind} ${ref.namespace}/${ref.name}` : "";
  const isLook =
    deployed === "unknown" || live === "unknown" || (/ (?:get|describe) /.test(mend) && !mend.includes("&&"));
  const told = isLook ? "" : mend;
  return JSON.stringify([ref.cluster, unnamed(what), told, own]);
}

/** True if a replication's side is one end of a connection that needs the trust of one peer in another; of a peer in itself: in its own CA. */
function isBetween(plan: Plan, { source, ref }: StatusRow, [truster, trusted]: readonly [string, string]): boolean {
  const replication = plan.replications.get(source.slice("replications.".length));
  const side = replication?.sides.find(({ name }) => name === ref.name);
  if (!source.startsWith("replications.") || !replication || !side) return false;
  return replication.links.some(({ initiator, target }) => {
    if (side.peer !== initiator && side.peer !== target) return false;
    const ends = [initiator, target];
    return ends.includes(truster) && ends.includes(trusted);
  });
}

/** Whether a replication's side needs an object: its own, its app's, or that of one of the peers that it links. */
function dependsOn(plan: Plan, { source, ref }: StatusRow, root: StatusRow): boolean {
  const replication = plan.replications.get(source.slice("replications.".length));
  if (!source.startsWith("replications.") || !replication) return false;
  if (root.source === source) return root.ref.name !== ref.name || root.exposure !== undefined || isAbsent(root);
  if (root.source === `apps.${replication.app}`) return true;
  const side = replication.sides.find(({ name }) => name === ref.name);
  if (!side || !root.source.startsWith("peers.")) return false;
  const linked = replication.links.flatMap(({ initiator, target }) =>
    initiator === side.peer ? [target] : target === side.peer ? [initiator] : [],
  );
  const owner = root.source.slice("peers.".length);
  const trusted = (plan.peers.get(owner)?.trusts ?? []).flatMap(({ peer, secret }) =>
    secret === root.ref.name ? [peer] : [],
  );
  if (trusted.length === 0) return owner === side.peer || linked.includes(owner);
  // A Secret that holds the CA of some peers for another: only what links it to one of them needs it.
  return trusted.some(
    (peer) => (side.peer === owner && linked.includes(peer)) || (side.peer === peer && linked.includes(owner)),
  );
}
