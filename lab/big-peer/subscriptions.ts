import { evaluate, parsePredicate } from "../../dql/index.ts";
import { unevaluable } from "./evaluable.ts";

export type Fields = Readonly<Record<string, unknown>>;
/** Collection -> predicates; a document is covered if any of them holds. */
export type Queries = Readonly<Record<string, readonly string[]>>;

/** The subscriptions of one side of a replication, parsed once and then asked about many documents. */
export class Subscriptions {
  readonly #predicates = new Map<string, ((document: Fields) => boolean)[]>();
  /** Predicates that the stand-in cannot read. They cover nothing. */
  readonly unreadable: readonly string[];

  constructor(queries: Queries) {
    const unreadable: string[] = [];
    for (const [collection, texts] of Object.entries(queries)) {
      const predicates = texts.flatMap((text) => {
        const parsed = parsePredicate(text);
        if (!parsed.ok) {
          unreadable.push(`${collection}: ${text}: ${parsed.message}`);
          return [];
        }
        const problem = unevaluable(parsed.expression);
        if (problem !== undefined) {
          unreadable.push(`${collection}: ${text}: ${problem}`);
          return [];
        }
        return [(document: Fields) => evaluate(parsed.expression, document, {})];
      });
      this.#predicates.set(collection, predicates);
    }
    this.unreadable = unreadable;
  }

  covers(collection: string, document: Fields): boolean {
    return this.#predicates.get(collection)?.some((holds) => holds(document)) ?? false;
  }

  hasCollection(collection: string): boolean {
    return (this.#predicates.get(collection)?.length ?? 0) > 0;
  }
}
