import { z } from "zod";
import type { Entries, Forge } from "./forge.ts";
import { type Api, pages, request } from "./request.ts";

const user = z.object({ id: z.int() });
const note = z.object({ id: z.int(), body: z.string(), author: user });
const issue = z.object({ iid: z.int(), description: z.string().nullish(), web_url: z.string(), author: user });

/** The API of GitLab, version 4. `project` is the project's ID, `webUrl` its page. */
export function gitlab(options: { url: string; token: string; project: string; webUrl: string }): Forge {
  const api: Api = { url: options.url, token: options.token, headers: {} };
  const project = `/projects/${encodeURIComponent(options.project)}`;
  let asked: Promise<number> | undefined;
  const isOwn: IsOwn = async ({ id }) => {
    asked ??= request(api, user, "GET", "/user").then((me) => me.id);
    return id === (await asked);
  };
  const needs = "it needs the scope `api` and at least the role Reporter (an access token of the project will do)";
  return {
    limit: 1_000_000,
    commentPermission: needs,
    issuePermission: needs,
    comments: (mergeRequest) => notesOf(api, project, mergeRequest, options.webUrl, isOwn),
    issues: () => issuesOf(api, project, isOwn),
  };
}

type IsOwn = (author: z.output<typeof user>) => Promise<boolean>;

function notesOf(api: Api, project: string, mergeRequest: number, webUrl: string, isOwn: IsOwn): Entries {
  const path = `${project}/merge_requests/${mergeRequest}/notes`;
  const entryOf = async ({ id, body, author }: z.output<typeof note>) => ({
    id,
    body,
    own: await isOwn(author),
    url: `${webUrl}/-/merge_requests/${mergeRequest}#note_${id}`,
  });
  const update: Entries["update"] = async ({ id }, { body }) =>
    entryOf(await request(api, note, "PUT", `${path}/${id}`, { body }));
  return {
    async *list() {
      for await (const each of pages(api, z.array(note), `${path}?order_by=created_at&sort=asc`))
        yield await entryOf(each);
    },
    create: async ({ body }) => entryOf(await request(api, note, "POST", path, { body })),
    update,
    close: update,
  };
}

function issuesOf(api: Api, project: string, isOwn: IsOwn): Entries {
  const path = `${project}/issues`;
  const entryOf = async ({ iid, description, web_url, author }: z.output<typeof issue>) => ({
    id: iid,
    body: description ?? "",
    own: await isOwn(author),
    url: web_url,
  });
  const change = async (id: number, fields: Record<string, unknown>) =>
    entryOf(await request(api, issue, "PUT", `${path}/${id}`, fields));
  return {
    async *list() {
      const query = "state=opened&scope=all&order_by=created_at&sort=asc";
      for await (const each of pages(api, z.array(issue), `${path}?${query}`)) yield await entryOf(each);
    },
    create: async ({ title, body }) => entryOf(await request(api, issue, "POST", path, { title, description: body })),
    update: ({ id }, { title, body }) => change(id, { title, description: body }),
    close: ({ id }, { title, body }) => change(id, { title, description: body, state_event: "close" }),
  };
}
