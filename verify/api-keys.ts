import { z } from "zod";
import { HttpError, requestJson } from "./http.ts";
import { Limit } from "./limit.ts";
import { nameOfOwner, type TokenOwner } from "./management-token.ts";

/** The access to a management API. */
export interface ManagementAccess {
  readonly base: string;
  /** The cluster's name in the topology, for messages. */
  readonly cluster: string;
  /** The token to send; undefined: the contract says that it asks for none. */
  readonly token?: { readonly owner: TokenOwner; readonly get: () => Promise<string> } | undefined;
  /** `kubectl` with the flags that reach the cluster, for messages. */
  readonly kubectl: string;
}

/**
 * How long a management API may take to make a key. It is one process for all Big Peers of its cluster, and a key that is not there in time fails
 * every probe of its Big Peer: with 2,000 replications on the lab, ten seconds were too few for a fifth of the Big Peers.
 */
const keyTimeoutMs = 30_000;

/** The operator's management API, as far as `verify` needs it (API description). */
export class ManagementApi {
  readonly #access: ManagementAccess;
  readonly #limit: Limit;

  /** @param limit that the requests share with others. @default none */
  constructor(access: ManagementAccess, limit = new Limit(Number.POSITIVE_INFINITY)) {
    this.#access = access;
    this.#limit = limit;
  }

  /** Gets the token that is needed, before anything is made with it. */
  async signIn(): Promise<void> {
    await this.#access.token?.get();
  }

  /** Makes a key that may read and write everything of one app for a few minutes. The key is shown this once. */
  async createKey(target: AppRef, name: string, validForMs: number): Promise<string> {
    // Both members, as every published example has them.
    const everything = { everything: true, queriesByCollection: {} };
    const key = {
      name,
      expiresAt: new Date(Date.now() + validForMs).toISOString(),
      permissions: { read: everything, write: everything, remoteQuery: false },
    };
    const answer = await this.#request("POST", path(target), key, keyTimeoutMs);
    return keyAnswer.parse(answer);
  }

  async deleteKey(target: AppRef, name: string): Promise<void> {
    await this.#request("DELETE", `${path(target)}/${encodeURIComponent(name)}`);
  }

  async #request(method: string, at: string, body?: unknown, timeoutMs?: number): Promise<unknown> {
    const { base, token } = this.#access;
    const request = { method, body, token: await token?.get(), timeoutMs };
    return this.#limit
      .run(() => requestJson(`${base}${at}`, request))
      .catch((error: unknown) => {
        throw error instanceof HttpError ? this.#explained(error) : error;
      });
  }

  #explained(error: HttpError): HttpError {
    const { cluster, token, kubectl } = this.#access;
    const more = (text: string) =>
      new HttpError(`${error.message}: the management API of cluster ${cluster} ${text}`, error.status);
    if (error.status === 401 && !token)
      return more(
        "asks for a token: set operator.managementApi.authMode to k8s-token in the topology, as in the operator's chart, and a token is sent",
      );
    if (error.status === 401 && token)
      return more(
        `does not accept the token of ${nameOfOwner(token.owner)}: check that it belongs to that cluster and has not expired (\`${kubectl} auth whoami\`), or send another one with --management-token <namespace>/<serviceaccount>`,
      );
    if (error.status === 403 && token)
      return more(
        `knows ${nameOfOwner(token.owner)} and does not allow it to make API keys: allow it in the operator, or send another token with --management-token <namespace>/<serviceaccount>`,
      );
    return error;
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

/**
 * The answer is the key as bare text, and deployments strip white space from it; the API description says only that it is the key,
 * so an object with it is taken, too.
 */
const keyAnswer = z
  .union([z.string(), z.object({ key: z.string() }), z.object({ apiKey: z.string() })])
  .transform((answer) => (typeof answer === "string" ? answer : "key" in answer ? answer.key : answer.apiKey))
  .pipe(z.string().trim().min(1, "the management API answered without a key"));
