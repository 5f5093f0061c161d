import type { Plan } from "../topology/plan/plan.ts";
import { type Journal, type JournalEntry, rewrite, whereIs } from "./journal.ts";
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
    const kept = await Promise.all(
      entries.map(async (entry): Promise<JournalEntry[]> => {
        const { app, peer, collection, id, where } = entry;
        if (!plan.apps.has(app) || !plan.peers.has(peer) || whereIs(plan, peer, kubeconfig) !== where) return [entry];
        try {
          await (await session.documents(app, peer)).delete(collection, id);
          removed++;
          return [];
        } catch {
          return [entry];
        }
      }),
    );
    rewrite(file, kept.flat());
  }
  return removed;
}
