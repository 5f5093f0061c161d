/** Stand-ins of the parts of GitHub's and GitLab's REST APIs that hold comments and issues, on a free port of the loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

export interface StoredEntry {
  readonly id: number;
  readonly author: string;
  readonly on: string;
  readonly isPullRequest?: boolean;
  title: string;
  body: string;
  open: boolean;
}

/** An answer in the place of the next one. `after`: the request is carried out, and only its answer is lost. */
export interface Failure {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly after?: boolean;
}

export interface ForgeStandIn {
  readonly url: string;
  readonly entries: StoredEntry[];
  /** `<method> <path>` of every request, without the query. */
  readonly requests: string[];
  /** Taken one by one, each instead of the next answer to a request that `matches`. */
  readonly failures: Failure[];
  failing: (request: string) => boolean;
  stop(): Promise<void>;
}

const text = z.object({
  title: z.string().default(""),
  body: z.string().optional(),
  description: z.string().optional(),
  state: z.string().optional(),
  state_event: z.string().optional(),
});
type Text = z.output<typeof text>;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: Text;
}

type Answer = { readonly status: number; readonly json: unknown };

/** Serves `handle` for whoever brings the token. */
async function serve(token: string, handle: (call: Call, entries: StoredEntry[]) => Answer): Promise<ForgeStandIn> {
  const standIn: Omit<ForgeStandIn, "url" | "stop"> = { entries: [], requests: [], failures: [], failing: () => true };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "" } = request;
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const name = `${method} ${pathname}`;
    standIn.requests.push(name);
    const send = (status: number, sent: string, headers: Readonly<Record<string, string>> = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(sent);
    if (request.headers.authorization !== `Bearer ${token}`) return send(401, '{"message":"Bad credentials"}');
    const failure = standIn.failing(name) ? standIn.failures.shift() : undefined;
    const call = { method, path: pathname, query: searchParams, text: text.parse(body === "" ? {} : JSON.parse(body)) };
    const done = failure && !failure.after ? undefined : handle(call, standIn.entries);
    if (failure) return send(failure.status, failure.body ?? '{"message":"not now"}', failure.headers);
    return send(done?.status ?? 404, JSON.stringify(done?.json ?? {}));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  });
}

function page<T>(all: readonly T[], query: URLSearchParams): T[] {
  const size = Number(query.get("per_page") ?? 30);
  const number = Number(query.get("page") ?? 1);
  return all.slice((number - 1) * size, number * size);
}

const missing: Answer = { status: 404, json: { message: "Not Found" } };

/** GitHub. @param actor `bot` as a workflow's own token is; any other is a person, whom `/user` names */
export function githubStandIn(token: string, actor = "bot"): Promise<ForgeStandIn> {
  const login = actor === "bot" ? "github-actions[bot]" : actor;
  const shown = ({ id, author, title, body, isPullRequest, open }: StoredEntry) => ({
    id: id + 1000,
    number: id,
    title,
    body,
    state: open ? "open" : "closed",
    html_url: `https://github.com/acme/topologies/entries/${id}`,
    user: { login: author, type: author.endsWith("[bot]") ? "Bot" : "User" },
    ...(isPullRequest ? { pull_request: {} } : {}),
  });
  return serve(token, ({ method, path, query, text }, entries) => {
    const [, number, comment] = /^\/repos\/acme\/topologies\/issues(?:\/(\d+))?(\/comments)?$/.exec(path) ?? [];
    const [, edited] = /^\/repos\/acme\/topologies\/issues\/comments\/(\d+)$/.exec(path) ?? [];
    const add = (on: string): Answer => {
      const entry = { id: entries.length + 1, author: login, on, title: text.title, body: text.body ?? "", open: true };
      entries.push(entry);
      return { status: 201, json: shown(entry) };
    };
    const change = (entry: StoredEntry | undefined): Answer => {
      if (!entry) return missing;
      entry.body = text.body ?? entry.body;
      entry.title = text.title || entry.title;
      entry.open = text.state !== "closed";
      return { status: 200, json: shown(entry) };
    };
    if (path === "/user")
      return actor === "bot"
        ? { status: 403, json: { message: "Resource not accessible by integration" } }
        : { status: 200, json: { login, type: "User" } };
    if (edited) return change(entries.find(({ id }) => id + 1000 === Number(edited)));
    if (comment && method === "GET")
      return { status: 200, json: page(entries.filter(({ on }) => on === number).map(shown), query) };
    if (comment) return add(number ?? "");
    if (number) return change(entries.find(({ id, on }) => on === "issues" && id === Number(number)));
    if (path !== "/repos/acme/topologies/issues") return missing;
    if (method === "POST") return add("issues");
    const listed = entries.filter(({ on, open }) => on === "issues" && open);
    return { status: 200, json: page(listed.map(shown), query) };
  });
}

/** GitLab, project 42. */
export function gitlabStandIn(token: string): Promise<ForgeStandIn> {
  const shown = ({ id, author, title, body, open }: StoredEntry) => ({
    id: id + 1000,
    iid: id,
    title,
    body,
    description: body,
    state: open ? "opened" : "closed",
    web_url: `https://gitlab.example.com/acme/topologies/-/issues/${id}`,
    author: { id: author === "ours" ? 7 : 8, username: author },
  });
  return serve(token, ({ method, path, query, text }, entries) => {
    if (path === "/user") return { status: 200, json: { id: 7, username: "ours" } };
    const [, place, id] = /^\/projects\/42\/(merge_requests\/\d+\/notes|issues)(?:\/(\d+))?$/.exec(path) ?? [];
    if (!place) return missing;
    if (method === "POST") {
      const body = text.body ?? text.description ?? "";
      const entry = { id: entries.length + 1, author: "ours", on: place, title: text.title, body, open: true };
      entries.push(entry);
      return { status: 201, json: shown(entry) };
    }
    if (method === "PUT") {
      const offset = place === "issues" ? 0 : 1000;
      const entry = entries.find((each) => each.on === place && each.id + offset === Number(id));
      if (!entry) return missing;
      entry.body = text.body ?? text.description ?? entry.body;
      entry.open = text.state_event !== "close";
      return { status: 200, json: shown(entry) };
    }
    const listed = entries.filter(({ on, open }) => on === place && open);
    return { status: 200, json: page(listed.map(shown), query) };
  });
}
