import type { Plan } from "../topology/plan/plan.ts";
import { type Journal, type JournalEntry, rewrite, whereIs } from "./journal.ts";
import { deleteDocuments } from "./remove-documents.ts";
import type { Session } from "./session.ts";

/**
 * Removes the documents of runs that were killed on this machine. Their API keys expire by themselves.
 * @returns how many were removed; what belongs to another environment stays in its journal
 */
export async function removeLeftovers(
  plan: Plan,
  session: Session,
  journal: Journal,
  kubeconfig: string | undefined,
): Promise<number> {
  let removed = 0;
  for (const [file, entries] of journal.left()) {
    const isOurs = ({ app, peer, where }: JournalEntry) =>
      plan.apps.has(app) && plan.peers.has(peer) && whereIs(plan, peer, kubeconfig) === where;
    const ours = entries.filter(isOurs);
    const left = await deleteDocuments(session, ours);
    removed += ours.length - left.length;
    rewrite(file, [...entries.filter((entry) => !isOurs(entry)), ...left]);
  }
  return removed;
}
