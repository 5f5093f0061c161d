import { z } from "zod";
import { type Entries, type Entry, type Forge, ForgeError } from "./forge.ts";
import { type Api, pages, request } from "./request.ts";

const user = z.object({ login: z.string(), type: z.string().optional() });
const comment = z.object({ id: z.int(), body: z.string().nullish(), html_url: z.string(), user: user.nullish() });
const issue = comment.extend({ number: z.int(), pull_request: z.unknown().optional() });

/** The API of GitHub, or of a GitHub Enterprise Server. `repository` is `owner/name`. */
export function github({ url, token, repository }: { url: string; token: string; repository: string }): Forge {
  const api: Api = {
    url,
    token,
    headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
  };
  const own = ownership(api);
  const entryOf = async ({ id, body, html_url, user }: z.output<typeof comment>): Promise<Entry> => ({
    id,
    body: body ?? "",
    url: html_url,
    own: user ? await own(user) : false,
  });
  const repo = `/repos/${repository}`;
  return {
    limit: 65_536,
    commentPermission: "it needs `permissions: pull-requests: write` in the workflow",
    issuePermission: "it needs `permissions: issues: write` in the workflow",
    comments: (pullRequest) => commentsOf(api, repo, pullRequest, entryOf),
    issues: () => issuesOf(api, repo, entryOf),
  };
}

type EntryOf = (found: z.output<typeof comment>) => Promise<Entry>;

function commentsOf(api: Api, repo: string, pullRequest: number, entryOf: EntryOf): Entries {
  const update: Entries["update"] = async ({ id }, { body }) =>
    entryOf(await request(api, comment, "PATCH", `${repo}/issues/comments/${id}`, { body }));
  return {
    async *list() {
      for await (const each of pages(api, z.array(comment), `${repo}/issues/${pullRequest}/comments`))
        yield await entryOf(each);
    },
    create: async ({ body }) =>
      entryOf(await request(api, comment, "POST", `${repo}/issues/${pullRequest}/comments`, { body })),
    update,
    close: update,
  };
}

function issuesOf(api: Api, repo: string, entryOf: EntryOf): Entries {
  const issueOf = async (found: z.output<typeof issue>) => ({ ...(await entryOf(found)), id: found.number });
  const change = async (id: number, fields: Record<string, unknown>) =>
    issueOf(await request(api, issue, "PATCH", `${repo}/issues/${id}`, fields));
  return {
    async *list() {
      // GitHub lists pull requests among the issues.
      for await (const each of pages(api, z.array(issue), `${repo}/issues?state=open&sort=created&direction=asc`))
        if (each.pull_request === undefined) yield await issueOf(each);
    },
    create: async (text) => issueOf(await request(api, issue, "POST", `${repo}/issues`, { ...text })),
    update: ({ id }, text) => change(id, { ...text }),
    close: ({ id }, text) => change(id, { ...text, state: "closed", state_reason: "completed" }),
  };
}

/**
 * True if a user is the one that the token belongs to. A workflow's own token belongs to no user who could be asked for: it writes
 * as a bot, which nobody else on a pull request is. So a person who copies a marker into a comment is not taken for us.
 */
function ownership(api: Api): (author: z.output<typeof user>) => Promise<boolean> {
  let login: Promise<string | undefined> | undefined;
  const ask = async () => {
    try {
      return (await request(api, user, "GET", "/user")).login;
    } catch (error) {
      if (error instanceof ForgeError && (error.status === 403 || error.status === 404)) return undefined;
      throw error;
    }
  };
  return async (author) => {
    login ??= ask();
    const mine = await login;
    return mine === undefined ? author.type === "Bot" : author.login === mine;
  };
}
