/** One app's documents on a stand-in Big Peer: in memory, the newest version of each wins, and a deleted one leaves a tombstone. */
import { randomUUID } from "node:crypto";
import { evaluate, evaluateValue, type Statement } from "../../dql/index.ts";
import type { Fields } from "./subscriptions.ts";

/** Lamport's clock; the site decides between two writes of the same moment. */
export interface Version {
  readonly counter: number;
  readonly site: string;
}

export interface DocumentVersion {
  readonly collection: string;
  readonly id: string;
  readonly version: Version;
  /** A tombstone. It keeps the last fields, so that it still goes where the document went. */
  readonly deleted: boolean;
  readonly fields: Fields;
}

export interface Change {
  readonly document: DocumentVersion;
  /** The fields before, where there was a version before. */
  readonly before: Fields | undefined;
  /** Who sent it; undefined: it was written here. */
  readonly origin: object | undefined;
}

export interface Listener {
  changed(change: Change): void;
  evicted(collections: ReadonlySet<string>): void;
}

/** Which documents a caller may see or change. */
export type Allowed = (collection: string, document: Fields) => boolean;

export class StatementError extends Error {}

export interface StatementResult {
  readonly items: readonly Fields[];
  readonly mutatedDocumentIDs: readonly string[];
}

export class Documents {
  readonly #site = randomUUID();
  readonly #collections = new Map<string, Map<string, DocumentVersion>>();
  readonly #listeners = new Set<Listener>();
  #counter = 0;

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Everything, tombstones too. */
  *all(): Iterable<DocumentVersion> {
    for (const collection of this.#collections.values()) yield* collection.values();
  }

  /** Takes another peer's version if it is newer than the one here. */
  receive(document: DocumentVersion, origin: object): void {
    this.#counter = Math.max(this.#counter, document.version.counter);
    const known = this.#collection(document.collection).get(document.id);
    if (known && !isNewer(document.version, known.version)) return;
    this.#store(document, origin);
  }

  /** @throws StatementError */
  execute(statement: Statement, parameters: Fields, readable: Allowed, writable: Allowed): StatementResult {
    switch (statement.kind) {
      case "select": {
        const found = this.#matching(statement.collection, statement.where, parameters, readable);
        return { items: found.slice(0, statement.limit).map(({ fields }) => fields), mutatedDocumentIDs: [] };
      }
      case "insert": {
        const documents = statement.documents.map((each) => ("param" in each ? parameters[each.param] : each.literal));
        const ids = documents.map((each) => this.#insert(statement, each, writable));
        return { items: [], mutatedDocumentIDs: ids.filter((id) => id !== undefined) };
      }
      case "update":
        return this.#each(statement.collection, statement.where, parameters, writable, (document) => {
          const fields = statement.assignments.reduce<Fields>((before, { path, value }) => {
            if (path[0] === "_id") throw new StatementError("_id cannot be changed");
            return assigned(before, path, evaluateValue(value, before, parameters));
          }, document.fields);
          this.#write(document.collection, document.id, fields, false);
        });
      case "delete":
        return this.#each(statement.collection, statement.where, parameters, writable, ({ collection, id, fields }) =>
          this.#write(collection, id, fields, true),
        );
      case "evict": {
        const result = this.#each(statement.collection, statement.where, parameters, writable, ({ collection, id }) => {
          this.#collection(collection).delete(id);
        });
        const collections = new Set([statement.collection]);
        if (result.mutatedDocumentIDs.length > 0) for (const listener of this.#listeners) listener.evicted(collections);
        return result;
      }
    }
  }

  #insert(statement: Statement & { kind: "insert" }, document: unknown, writable: Allowed): string | undefined {
    const { collection, onConflict } = statement;
    if (typeof document !== "object" || document === null || Array.isArray(document))
      throw new StatementError("a document has to be an object; is the parameter given in args?");
    const given: Fields = Object.fromEntries(Object.entries(document));
    const id = given._id ?? randomUUID();
    if (typeof id !== "string" || id === "")
      throw new StatementError("_id has to be a text; the lab's stand-in knows no other IDs");
    if (!writable(collection, given))
      throw new StatementError(`the API key may not write this document to ${collection}`);
    const known = this.#collection(collection).get(id);
    if (known && !known.deleted && onConflict !== "update") {
      if (onConflict === "nothing") return undefined;
      throw new StatementError(`the document ${id} is there already; use ON ID CONFLICT DO UPDATE`);
    }
    this.#write(collection, id, { ...given, _id: id }, false);
    return id;
  }

  #each(
    collection: string,
    where: Parameters<typeof evaluate>[0] | undefined,
    parameters: Fields,
    allowed: Allowed,
    change: (document: DocumentVersion) => void,
  ): StatementResult {
    const found = this.#matching(collection, where, parameters, allowed);
    for (const document of found) change(document);
    return { items: [], mutatedDocumentIDs: found.map(({ id }) => id) };
  }

  #matching(
    collection: string,
    where: Parameters<typeof evaluate>[0] | undefined,
    parameters: Fields,
    allowed: Allowed,
  ): DocumentVersion[] {
    return [...this.#collection(collection).values()].filter(
      ({ deleted, fields }) =>
        !deleted && (where === undefined || evaluate(where, fields, parameters)) && allowed(collection, fields),
    );
  }

  #write(collection: string, id: string, fields: Fields, deleted: boolean): void {
    this.#counter++;
    const version = { counter: this.#counter, site: this.#site };
    this.#store({ collection, id, version, deleted, fields }, undefined);
  }

  #store(document: DocumentVersion, origin: object | undefined): void {
    const collection = this.#collection(document.collection);
    const before = collection.get(document.id)?.fields;
    collection.set(document.id, document);
    for (const listener of this.#listeners) listener.changed({ document, before, origin });
  }

  #collection(name: string): Map<string, DocumentVersion> {
    const collection = this.#collections.get(name) ?? new Map<string, DocumentVersion>();
    this.#collections.set(name, collection);
    return collection;
  }
}

function isNewer(one: Version, other: Version): boolean {
  return one.counter === other.counter ? one.site > other.site : one.counter > other.counter;
}

function assigned(fields: Fields, [step, ...rest]: readonly string[], value: unknown): Fields {
  if (step === undefined) return fields;
  const inner = Object.entries(fields).find(([key]) => key === step)?.[1];
  const object: Fields = typeof inner === "object" && inner !== null ? Object.fromEntries(Object.entries(inner)) : {};
  return { ...fields, [step]: rest.length === 0 ? value : assigned(object, rest, value) };
}
