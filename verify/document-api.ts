import { z } from "zod";
import type { DocumentFields } from "../topology/flows.ts";
import { requestJson } from "./http.ts";

/** One app's documents on one Big Peer, over its HTTP API (`POST /<app id>/api/v4/store/execute`). */
export class DocumentApi {
  readonly #url: string;
  readonly #key: string;

  constructor(base: string, appId: string, key: string) {
    this.#url = `${base}/${appId}/api/v4/store/execute`;
    this.#key = key;
  }

  async insert(collection: string, document: DocumentFields): Promise<void> {
    await this.execute(`INSERT INTO ${quoted(collection)} DOCUMENTS (:document)`, { document });
  }

  async has(collection: string, id: string): Promise<boolean> {
    const answer = await this.execute(`SELECT * FROM ${quoted(collection)} WHERE _id = :id`, { id });
    return selectAnswer.parse(answer).items.length > 0;
  }

  /** Every document of a collection, by its ID. */
  async all(collection: string): Promise<Map<string, DocumentFields>> {
    const { items } = allAnswer.parse(await this.execute(`SELECT * FROM ${quoted(collection)}`, {}));
    return new Map(items.map((document) => [JSON.stringify(document._id), document]));
  }

  async delete(collection: string, id: string): Promise<void> {
    await this.execute(`DELETE FROM ${quoted(collection)} WHERE _id = :id`, { id });
  }

  async execute(statement: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    return requestJson(this.#url, { method: "POST", token: this.#key, body: { statement, args } });
  }
}

const allAnswer = z.object({ items: z.array(z.looseObject({ _id: z.unknown() })) });
const selectAnswer = z.object({ items: z.array(z.unknown()) });

function quoted(collection: string): string {
  return /^[A-Za-z_]\w*$/.test(collection) ? collection : `\`${collection.replaceAll("`", "``")}\``;
}
