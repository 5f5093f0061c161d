/** A stand-in of the operator's management API, as far as API keys go. Like the real one it asks nobody who he is. */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { z } from "zod";

/** As the API description has it. */
const keyRequest = z.strictObject({
  name: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "a DNS-1123 label"),
  expiresAt: z.iso.datetime({ offset: true }).refine((time) => Date.parse(time) > Date.now(), "lies in the past"),
  permissions: z.strictObject({
    read: z.looseObject({}),
    write: z.looseObject({}),
    remoteQuery: z.boolean().default(false),
  }),
});
export type KeyRequest = z.output<typeof keyRequest>;

export interface AppOfPeer {
  readonly namespace: string;
  readonly bigPeer: string;
  readonly app: string;
}

/** What the API does to the cluster. */
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

export async function serveManagementApi(
  host: string,
  port: number,
  keys: ApiKeys,
): Promise<{ stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, keys)
      .catch((error: unknown) => ({
        status: error instanceof Refusal ? error.status : 500,
        body: { message: error instanceof Error ? error.message : String(error) },
      }))
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return { stop: () => closed(server) };
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
