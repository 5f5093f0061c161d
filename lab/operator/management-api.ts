/** A stand-in of the operator's management API, as far as API keys go. Like the real one it asks for a token only if told to. */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { z } from "zod";
import type { ReviewToken } from "./token-review.ts";

const permission = z.strictObject({
  everything: z.boolean().default(false),
  queriesByCollection: z.record(z.string(), z.array(z.string())).nullable().default({}),
});

function isSameInBothLanguages({ queriesByCollection }: z.output<typeof permission>): boolean {
  return Object.values(queriesByCollection ?? {}).every((queries) => queries.every((query) => query === "true"));
}

/** As the API description has it. */
const keyRequest = z.strictObject({
  name: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "a DNS-1123 label"),
  expiresAt: z.iso.datetime({ offset: true }).refine((time) => Date.parse(time) > Date.now(), "lies in the past"),
  permissions: z
    .strictObject({
      read: permission,
      write: permission,
      qlVersion: z.union([z.literal(0), z.literal(1)]).default(0),
      remoteQuery: z.boolean().default(false),
    })
    .refine(
      ({ read, write, qlVersion }) => qlVersion === 1 || [read, write].every(isSameInBothLanguages),
      "without qlVersion 1 queries are in the legacy language, which this stand-in does not know",
    ),
});
export type KeyRequest = z.output<typeof keyRequest>;

export interface AppOfPeer {
  readonly namespace: string;
  readonly bigPeer: string;
  readonly app: string;
}

/** The API keys as the API reads and writes them in the cluster. */
export interface ApiKeys {
  /** @throws NotFound, Conflict */
  create(app: AppOfPeer, request: KeyRequest, hash: string): Promise<void>;
  /** False: there is none of that name. */
  delete(app: AppOfPeer, name: string): Promise<boolean>;
}

/** A refusal with an HTTP status. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const bodyLimitBytes = 64 * 1024;
const keyPath = /^\/namespace\/([^/]+)\/bigPeer\/([^/]+)\/app\/([^/]+)\/apiKey(?:\/([^/]+))?$/;

/** @param review says whose a caller's token is. Default: nobody is asked for one */
export async function serveManagementApi(
  host: string,
  port: number,
  keys: ApiKeys,
  review?: ReviewToken,
): Promise<{ stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    signedIn(request, review)
      .then(() => answer(request, keys))
      .catch((error: unknown) => ({
        status: error instanceof Refusal ? error.status : 500,
        body: { message: error instanceof Error ? error.message : String(error) },
      }))
      .then(({ status, body }) => {
        // A key comes as bare text, with a line end behind it (deployments strip white space).
        const bare = typeof body === "string";
        response.writeHead(status, { "content-type": bare ? "text/plain" : "application/json" });
        response.end(bare ? `${body}\n` : JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return { stop: () => closed(server) };
}

async function signedIn(request: IncomingMessage, review: ReviewToken | undefined): Promise<void> {
  if (!review) return;
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) throw new Refusal(401, "a Kubernetes token is needed: Authorization: Bearer <token>");
  if (!(await review(token))) throw new Refusal(401, "the token is not one of this cluster");
}

async function answer(request: IncomingMessage, keys: ApiKeys): Promise<{ status: number; body: unknown }> {
  const [, namespace, bigPeer, app, name] = keyPath.exec(decodeURIComponent(request.url ?? "")) ?? [];
  if (namespace === undefined || bigPeer === undefined || app === undefined)
    throw new Refusal(404, `the lab's stand-in of the management API has only API keys, not ${request.url}`);
  const target = { namespace, bigPeer, app };
  if (request.method === "POST" && name === undefined) {
    const parsed = keyRequest.safeParse(JSON.parse(await text(request)));
    if (!parsed.success) throw new Refusal(400, z.prettifyError(parsed.error));
    const key = randomBytes(32).toString("base64url");
    await keys.create(target, parsed.data, createHash("sha256").update(key).digest("hex"));
    return { status: 200, body: key };
  }
  if (request.method === "DELETE" && name !== undefined) {
    if (!(await keys.delete(target, name))) throw new Refusal(404, `no API key ${name}`);
    return { status: 200, body: {} };
  }
  throw new Refusal(405, `${request.method} is not for ${request.url}`);
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > bodyLimitBytes) throw new Refusal(413, `a body of over ${bodyLimitBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
