/** One app's documents on a stand-in Big Peer: in memory, the newest version of each wins, and a deleted one leaves a tombstone. */
import { randomUUID } from "node:crypto";
import { type Expression, evaluate, evaluateValue, type InsertedDocument, type Statement } from "../../dql/index.ts";
import { unevaluable } from "./evaluable.ts";
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
  /** The connection that sent it; undefined if it was written here. */
  readonly origin: object | undefined;
}

export interface Listener {
  changed(change: Change): void;
  evicted(collection: string): void;
}

/** A statement that cannot be carried out as it is. */
export class StatementError extends Error {}

/** A statement that the API key may not carry out. */
export class PermissionError extends Error {}

/** The documents that a caller may see or change. */
export interface Allowed {
  hasCollection(collection: string): boolean;
  covers(collection: string, document: Fields): boolean;
}

/** The rights of a caller. */
export interface Access {
  readonly read: Allowed;
  readonly write: Allowed;
}

/** Far below what one frame between peers carries. */
const documentLimit = 1024 * 1024;

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

  /** All of a statement or nothing of it.
   * @throws StatementError
   * @throws PermissionError */
  execute(statement: Statement, parameters: Fields, access: Access): StatementResult {
    const { kind, collection } = statement;
    const allowed = kind === "select" ? access.read : access.write;
    if (!allowed.hasCollection(collection))
      throw new PermissionError(
        `the API key has no permission to ${kind === "select" ? "read" : "write"} collection ${collection}`,
      );
    if (kind === "insert") return this.#insert(statement, parameters, allowed);
    const found = this.#matching(collection, statement.where, parameters, allowed);
    const ids = found.map(({ id }) => id);
    switch (kind) {
      case "select":
        return { items: found.slice(0, statement.limit).map(({ fields }) => fields), mutatedDocumentIDs: [] };
      case "update": {
        const changed = found.map(({ id, fields }) => ({ id, fields: updated(statement, fields, parameters) }));
        for (const { fields } of changed) assertWritable(collection, fields, allowed);
        for (const { id, fields } of changed) this.#write(collection, id, fields, false);
        break;
      }
      case "delete":
        for (const { id, fields } of found) this.#write(collection, id, fields, true);
        break;
      case "evict":
        for (const id of ids) this.#collection(collection).delete(id);
        if (found.length > 0) for (const listener of this.#listeners) listener.evicted(collection);
    }
    return { items: [], mutatedDocumentIDs: ids };
  }

  #insert(statement: Statement & { kind: "insert" }, parameters: Fields, allowed: Allowed): StatementResult {
    const { collection, onConflict } = statement;
    const inserted = new Map<string, Fields>();
    for (const each of statement.documents) {
      const given = insertedFields(each, parameters);
      const id = given._id ?? randomUUID();
      if (typeof id !== "string" || id === "")
        throw new StatementError("_id has to be a string; the lab's stand-in Big Peer knows no other IDs");
      const known = this.#collection(collection).get(id);
      const before = inserted.get(id) ?? (known?.deleted === false ? known.fields : undefined);
      if (before && onConflict === "nothing") continue;
      if (before && onConflict === "fail")
        throw new StatementError(`the document ${id} is in ${collection} already; add ON ID CONFLICT DO UPDATE`);
      if (before) assertWritable(collection, before, allowed);
      const fields = { ...before, ...given, _id: id };
      assertWritable(collection, fields, allowed);
      inserted.set(id, fields);
    }
    for (const [id, fields] of inserted) this.#write(collection, id, fields, false);
    return { items: [], mutatedDocumentIDs: [...inserted.keys()] };
  }

  #matching(
    collection: string,
    where: Expression | undefined,
    parameters: Fields,
    allowed: Allowed,
  ): DocumentVersion[] {
    if (where) assertEvaluable(where, parameters);
    return [...this.#collection(collection).values()].filter(
      ({ deleted, fields }) =>
        !deleted && (where === undefined || evaluate(where, fields, parameters)) && allowed.covers(collection, fields),
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

function assertEvaluable(expression: Expression, parameters: Fields): void {
  const problem = unevaluable(expression, parameters);
  if (problem !== undefined) throw new StatementError(problem);
}

function assertWritable(collection: string, fields: Fields, allowed: Allowed): void {
  if (!allowed.covers(collection, fields))
    throw new PermissionError(`the API key may not write the document ${String(fields._id)} to ${collection}`);
  if (Buffer.byteLength(JSON.stringify(fields)) > documentLimit)
    throw new StatementError(`the document ${String(fields._id)} is larger than ${documentLimit} bytes`);
}

function insertedFields(document: InsertedDocument, parameters: Fields): Fields {
  if ("param" in document && !Object.hasOwn(parameters, document.param))
    throw new StatementError(`the argument :${document.param} is not given`);
  const value: unknown = "param" in document ? parameters[document.param] : document.literal;
  if (!isFields(value)) throw new StatementError("a document has to be an object");
  return value;
}

function updated(statement: Statement & { kind: "update" }, fields: Fields, parameters: Fields): Fields {
  return statement.assignments.reduce<Fields>((before, { path, value }) => {
    if (path[0] === "_id") throw new StatementError("_id cannot be changed");
    assertEvaluable(value, parameters);
    const assigned = evaluateValue(value, before, parameters);
    if (assigned === undefined) throw new StatementError(`${path.join(".")} cannot be set: its new value is missing`);
    return withValue(before, path, assigned);
  }, fields);
}

function withValue(fields: Fields, [step, ...rest]: readonly string[], value: unknown): Fields {
  if (step === undefined) return fields;
  const inner: unknown = Object.hasOwn(fields, step) ? fields[step] : undefined;
  return { ...fields, [step]: rest.length === 0 ? value : withValue(isFields(inner) ? inner : {}, rest, value) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
