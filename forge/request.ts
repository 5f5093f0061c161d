import type { z } from "zod";
import { BusyError, ForgeError } from "./forge.ts";

/** The REST API of a forge, and who asks. */
export interface Api {
  /** Such as `https://api.github.com`. */
  readonly url: string;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Method = "GET" | "POST" | "PATCH" | "PUT";

const timeoutMilliseconds = 30_000;

/** One request; the answer has the form of `schema`. Paths come into errors, the token never.
 * @throws BusyError if it may go well later @throws ForgeError if not */
export async function request<T>(
  api: Api,
  schema: z.ZodType<T>,
  method: Method,
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<T> {
  const what = `${method} ${path.split("?")[0]}`;
  const response = await send(api, what, method, path, body);
  const { status } = response;
  const text = await response.text().catch(() => "");
  if (isBusy(response, text)) throw new BusyError(`${what}: ${status} ${reasonOf(text)}`, retryAfter(response));
  // A redirect would take the token along to wherever it leads.
  if (status >= 300) throw new ForgeError(status, `${what}: ${status} ${reasonOf(text)}`);
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new ForgeError(status, `${what}: the answer does not come from this API; is ${api.url} its URL?`);
  return parsed.data;
}

/** Every item of a list that comes in pages. */
export async function* pages<T>(api: Api, schema: z.ZodType<T[]>, path: string): AsyncGenerator<T> {
  const size = 100;
  for (let page = 1; ; page++) {
    const items = await request(
      api,
      schema,
      "GET",
      `${path}${path.includes("?") ? "&" : "?"}per_page=${size}&page=${page}`,
    );
    yield* items;
    if (items.length < size) return;
  }
}

async function send({ url, token, headers }: Api, what: string, method: Method, path: string, body?: object) {
  try {
    return await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMilliseconds),
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        "user-agent": "bigpeer-topology",
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch (error) {
    // Node's fetch says only that it failed; why is in the cause.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "no answer";
    throw new BusyError(`${what} at ${url}: ${cause}`, undefined);
  }
}

/** A server that is down or overloaded, or a rate limit, to which GitHub may answer 403, too. */
function isBusy({ status, headers }: Response, text: string): boolean {
  if (status >= 500 || status === 429 || status === 408) return true;
  if (status !== 403) return false;
  return headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" || isSecondaryLimit(text);
}

function isSecondaryLimit(text: string): boolean {
  return /secondary rate limit/i.test(text);
}

/** Seconds after which to come again, if the answer says so. */
function retryAfter({ headers, status }: Response): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset") ?? Number.NaN);
  const isOver = headers.get("x-ratelimit-remaining") === "0" || headers.get("ratelimit-remaining") === "0";
  if (isOver && Number.isFinite(reset)) return Math.max(0, reset - Date.now() / 1000);
  // GitHub: at least a minute after a secondary rate limit that says nothing else.
  return status === 403 ? 60 : undefined;
}

/** The forge's reason for a failure: `message` or `error` of its JSON, else the start of the text. */
function reasonOf(text: string): string {
  const json = jsonOf(text);
  if (typeof json === "object" && json !== null)
    for (const [name, value] of Object.entries(json))
      if (name === "message" || name === "error") return typeof value === "string" ? value : JSON.stringify(value);
  return text.trim().slice(0, 200);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
