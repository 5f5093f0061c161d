/** The HTTP API of a stand-in Big Peer: `POST /<app id>/api/v4/store/execute`, or v5, with an API key and a DQL statement. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { z } from "zod";
import { parseStatement } from "../../dql/index.ts";
import type { KeyConfig } from "./config.ts";
import { type Allowed, type Documents, PermissionError, StatementError } from "./documents.ts";
import { Subscriptions } from "./subscriptions.ts";

export interface HttpApiOptions {
  readonly host: string;
  readonly port: number;
  /** The documents of an app ID; undefined: it is not served here. */
  readonly documents: (appId: string) => Documents | undefined;
  readonly keys: () => readonly KeyConfig[];
}

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const bodyLimitBytes = 4 * 1024 * 1024;
const executePath = /^\/([0-9a-fA-F-]{36})\/api\/v[45]\/store\/execute$/;
const body = z.strictObject({ statement: z.string().min(1), args: z.record(z.string(), z.unknown()).default({}) });

const permission = z.union([
  z.looseObject({ everything: z.literal(true) }),
  z.looseObject({ queriesByCollection: z.record(z.string(), z.array(z.string())) }),
]);
const permissions = z.looseObject({ read: permission.optional(), write: permission.optional() });

export async function serveHttpApi(options: HttpApiOptions): Promise<{ stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, options)
      .then(
        (result) => ({ status: 200, result }),
        (error: unknown) => ({
          status: statusOf(error),
          result: { message: error instanceof Error ? error.message : String(error) },
        }),
      )
      .then(({ status, result }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(result));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return { stop: () => closed(server) };
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  if (error instanceof PermissionError) return 403;
  return error instanceof StatementError ? 400 : 500;
}

async function answer(request: IncomingMessage, options: HttpApiOptions): Promise<unknown> {
  const appId = executePath.exec(request.url ?? "")?.[1];
  if (appId === undefined)
    throw new HttpError(
      404,
      `the path ${request.url} does not exist; use /<app id>/api/v4/store/execute, or the same with v5`,
    );
  if (request.method !== "POST") throw new HttpError(405, "send statements with POST");
  const documents = options.documents(appId);
  if (!documents) throw new HttpError(404, `the app ${appId} is not served here`);
  const key = keyOf(request, options.keys(), appId);
  const { statement: text, args } = await requestBody(request);
  const statement = parseStatement(text);
  if (!statement.ok) throw new HttpError(400, `statement: ${statement.message}`);
  const granted = permissions.safeParse(key.permissions);
  const allowed = (which: "read" | "write") => granting(granted.success ? granted.data[which] : undefined);
  return documents.execute(statement.statement, args, { read: allowed("read"), write: allowed("write") });
}

function keyOf(request: IncomingMessage, keys: readonly KeyConfig[], appId: string): KeyConfig {
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) throw new HttpError(401, "an API key is needed: Authorization: Bearer <key>");
  const hash = createHash("sha256").update(token).digest("hex");
  const key = keys.find((each) => each.hash === hash && each.appId === appId);
  if (!key) throw new HttpError(401, "the API key does not belong to this app");
  // Turned round, so that a date that cannot be read is a past one.
  if (!(Date.parse(key.expiresAt) > Date.now())) throw new HttpError(401, `the API key expired at ${key.expiresAt}`);
  return key;
}

function granting(granted: z.output<typeof permission> | undefined): Allowed {
  if (!granted) return new Subscriptions({});
  if ("everything" in granted && granted.everything === true) return { hasCollection: () => true, covers: () => true };
  const queries = z.object({ queriesByCollection: z.record(z.string(), z.array(z.string())) }).safeParse(granted);
  return new Subscriptions(queries.success ? queries.data.queriesByCollection : {});
}

async function requestBody(request: IncomingMessage): Promise<z.output<typeof body>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > bodyLimitBytes) throw new HttpError(413, `the body is larger than ${bodyLimitBytes} bytes`);
    parts.push(part);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new HttpError(400, "the body is not JSON");
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) throw new HttpError(400, z.prettifyError(parsed.error));
  return parsed.data;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
