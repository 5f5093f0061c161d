import { z } from "zod";
import { requestJson } from "./http.ts";

/** The operator's management API, as far as `verify` needs it (API description). It has no authentication of its own. */
export class ManagementApi {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  /** Makes a key that may read and write everything of one app for a few minutes. The key is shown this once. */
  async createKey(target: AppRef, name: string, validForMs: number): Promise<string> {
    const answer = await requestJson(`${this.#base}${path(target)}`, {
      method: "POST",
      body: {
        name,
        expiresAt: new Date(Date.now() + validForMs).toISOString(),
        permissions: { read: { everything: true }, write: { everything: true }, remoteQuery: false },
      },
    });
    return keyAnswer.parse(answer);
  }

  async deleteKey(target: AppRef, name: string): Promise<void> {
    await requestJson(`${this.#base}${path(target)}/${encodeURIComponent(name)}`, { method: "DELETE" });
  }
}

/** An app as the management API names it. */
export interface AppRef {
  readonly namespace: string;
  readonly peer: string;
  /** Name of the BigPeerApp. */
  readonly app: string;
}

function path({ namespace, peer, app }: AppRef): string {
  return `/namespace/${namespace}/bigPeer/${peer}/app/${app}/apiKey`;
}

/** The API description says only that the answer is the key; both a bare text and an object with it are taken. */
const keyAnswer = z
  .union([z.string(), z.object({ key: z.string() }), z.object({ apiKey: z.string() })])
  .transform((answer) => (typeof answer === "string" ? answer : "key" in answer ? answer.key : answer.apiKey));
