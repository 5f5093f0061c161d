import { Agent, fetch } from "undici";
import { maskedSentence } from "../topology/secrets/texts.ts";

/** Longer than a Big Peer takes to answer a query for one document. */
const usualTimeoutMs = 10_000;

/**
 * What a Big Peer, or an operator, gets of connections at most, and how long one that nobody uses stays open: a run over hundreds of peers would
 * otherwise hold some of each.
 */
const connections = new Agent({ connections: 16, keepAliveTimeout: 1_000 });

/** An answer that says no. */
export class HttpError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(maskedSentence(message));
    this.status = status;
  }
}

/** One request, JSON both ways. An answer that is not JSON is given as text.
 * @throws HttpError with the status and the answer's message; never with what was sent, which may hold a key */
export async function requestJson(
  url: string,
  request: {
    method: string;
    body?: unknown;
    token?: string | undefined;
    signal?: AbortSignal;
    /** @default ten seconds */
    timeoutMs?: number | undefined;
  },
): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  if (request.token !== undefined) headers.authorization = `Bearer ${request.token}`;
  const timeoutMs = request.timeoutMs ?? usualTimeoutMs;
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    dispatcher: connections,
    method: request.method,
    headers,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: request.signal ? AbortSignal.any([limit, request.signal]) : limit,
  }).catch((error: unknown) => {
    if (limit.aborted && !request.signal?.aborted)
      throw new Error(maskedSentence(`${request.method} ${url}: no answer within ${timeoutMs / 1000} s`));
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(maskedSentence(`${request.method} ${url}: ${cause}`));
  });
  const text = await response.text();
  const answer = jsonOrText(text);
  if (!response.ok)
    throw new HttpError(`${request.method} ${url}: HTTP ${response.status} ${text.slice(0, 300)}`, response.status);
  return answer;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
