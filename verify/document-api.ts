import { z } from "zod";
import type { DocumentFields } from "../topology/flows/flows.ts";
import { HttpError, requestJson } from "./http.ts";
import { Limit } from "./limit.ts";

/** Version of a Big Peer's HTTP API. */
export type ApiVersion = "v4" | "v5";

/** One app's documents on one Big Peer, over its HTTP API (`POST /<app id>/api/v4/store/execute`, or v5). */
export class DocumentApi {
  readonly #app: string;
  readonly #key: string;
  readonly #version: ApiVersion;
  readonly #limit: Limit;

  /** @param limit that the requests share with others. @default none */
  constructor(
    base: string,
    appId: string,
    key: string,
    version: ApiVersion,
    limit = new Limit(Number.POSITIVE_INFINITY),
  ) {
    this.#app = `${base}/${appId}`;
    this.#key = key;
    this.#version = version;
    this.#limit = limit;
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

  /** Uses v5 if a Big Peer does not take it via v4: the vendor's command line deletes via v5, and no public source shows a DELETE via v4. */
  async delete(collection: string, id: string): Promise<void> {
    const statement = `DELETE FROM ${quoted(collection)} WHERE _id = :id`;
    await this.execute(statement, { id }).catch(async (error: unknown) => {
      const refused = error instanceof HttpError && [400, 404, 405, 501].includes(error.status);
      if (!refused || this.#version === "v5") throw error;
      await this.#execute("v5", statement, { id }).catch((second: unknown) => {
        const also = second instanceof Error ? second.message : String(second);
        throw new HttpError(`document ${id} of ${collection}: ${error.message}; via v5, too: ${also}`, error.status);
      });
    });
  }

  async execute(statement: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#execute(this.#version, statement, args);
  }

  async #execute(version: ApiVersion, statement: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    const url = `${this.#app}/api/${version}/store/execute`;
    const request = { method: "POST", token: this.#key, body: { statement, args } };
    return this.#limit.run(() => requestJson(url, request));
  }
}

const allAnswer = z.object({ items: z.array(z.looseObject({ _id: z.unknown() })) });
const selectAnswer = z.object({ items: z.array(z.unknown()) });

function quoted(collection: string): string {
  return /^[A-Za-z_]\w*$/.test(collection) ? collection : `\`${collection.replaceAll("`", "``")}\``;
}
