import type { Plan } from "../topology/plan/plan.ts";
import type { Access } from "./access.ts";
import { Session } from "./session.ts";

/** A document that a run has written, and where. */
export interface ProbeDocument {
  readonly app: string;
  readonly peer: string;
  readonly collection: string;
  readonly id: string;
}

/** Deletes documents that an earlier run could not delete.
 * @returns those that are still there, as far as anybody knows. What belongs to a peer or app that the topology no longer has is not among them */
export async function removeDocuments(
  plan: Plan,
  access: Access,
  documents: readonly ProbeDocument[],
): Promise<ProbeDocument[]> {
  const known = documents.filter(({ app, peer }) => plan.peers.has(peer) && plan.apps.has(app));
  if (known.length === 0) return [];
  const session = new Session(plan, access);
  try {
    return await deleteDocuments(session, known);
  } finally {
    await session.close();
  }
}

/** Deletes documents. @returns those that could not be deleted */
export async function deleteDocuments<T extends ProbeDocument>(
  session: Session,
  documents: readonly T[],
): Promise<T[]> {
  const left = await Promise.all(
    documents.map(async (document) => {
      try {
        await (await session.documents(document.app, document.peer)).delete(document.collection, document.id);
        return [];
      } catch {
        return [document];
      }
    }),
  );
  return left.flat();
}
