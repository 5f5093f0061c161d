import { isDeepStrictEqual } from "node:util";
import type { Plan } from "../topology/plan/plan.ts";
import type { Access } from "./access.ts";
import { Session } from "./session.ts";

export interface CompareOptions {
  readonly plan: Plan;
  readonly access: Access;
  /** The peer whose documents have to be on `to`, too. */
  readonly from: string;
  readonly to: string;
  readonly collections: readonly { readonly app: string; readonly collection: string }[];
}

export interface ComparedCollection {
  readonly app: string;
  readonly collection: string;
  /** The number of documents that each of the two has. */
  readonly counts: { readonly from: number; readonly to: number };
  /** IDs of documents that only `from` has, as JSON. */
  readonly missing: readonly string[];
  /** IDs of documents that are not the same on both, as JSON. */
  readonly differing: readonly string[];
}

/** Tells whether one Big Peer has every document of another. It reads all of them, so it is meant for a migration, not for every day. */
export async function compareDocuments(options: CompareOptions): Promise<ComparedCollection[]> {
  const session = new Session(options.plan, options.access);
  try {
    const compared: ComparedCollection[] = [];
    // One after another: two copies of a collection are held at a time.
    for (const { app, collection } of options.collections) {
      const [from, to] = await Promise.all(
        [options.from, options.to].map(async (peer) => (await session.documents(app, peer)).all(collection)),
      );
      const ids = [...(from ?? [])].map(([id, document]) => ({ id, document, other: to?.get(id) }));
      compared.push({
        ...{ app, collection },
        counts: { from: from?.size ?? 0, to: to?.size ?? 0 },
        missing: ids.flatMap(({ id, other }) => (other === undefined ? [id] : [])),
        differing: ids.flatMap(({ id, document, other }) =>
          other === undefined || isDeepStrictEqual(document, other) ? [] : [id],
        ),
      });
    }
    return compared;
  } finally {
    await session.close();
  }
}
