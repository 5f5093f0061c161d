import { z } from "zod";
import { advised } from "./advised.ts";

const predicate = advised(z.string(), (text) => text.trim() !== "", {
  what: "is an empty query",
  why: "an empty predicate subscribes to nothing, so nothing would flow and nothing would report it",
  fix: 'write a DQL predicate such as "color = \'blue\'", or "true" for the whole collection',
}).describe('A DQL predicate, such as "color = \'blue\'"; "true" is the whole collection.');

export const queries = z
  .record(
    z.string().min(1),
    z.union([
      predicate.transform((text) => [text]),
      advised(z.array(predicate), (list) => list.length > 0, {
        what: "is an empty list of queries",
        why: "a collection without a query is not subscribed to, so nothing would flow and nothing would report it",
        fix: 'write at least one DQL predicate, or "true" for the whole collection, or leave the collection out',
      }),
    ]),
  )
  .describe("What is subscribed to: collection -> one DQL predicate or a list of them.");

/** Collection -> DQL predicates; a document is subscribed to if any of them matches. */
export type Queries = Readonly<Record<string, readonly string[]>>;
