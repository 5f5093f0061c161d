import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Entries } from "../../../forge/forge.ts";
import { github } from "../../../forge/github.ts";
import { gitlab } from "../../../forge/gitlab.ts";
import { closeOne, keepOne, type Patience, updateOne } from "../../../forge/keep-one.ts";
import { type ForgeStandIn, githubStandIn, gitlabStandIn } from "../../support/forge-stand-in.ts";

const token = "ghs_secret4711";
const report = (text: string) => ({ title: "Drift", body: `<!-- bigpeer-topology diff -->\n\n${text}\n` });

/** Both forges: how to serve one, where its comments are kept, and whom its token writes as. */
const forges = {
  GitHub: {
    standIn: () => githubStandIn(token),
    forge: (url: string) => github({ url, token, repository: "acme/topologies" }),
    comments: "5",
    issues: "issues",
    us: "github-actions[bot]",
  },
  GitLab: {
    standIn: () => gitlabStandIn(token),
    forge: (url: string) => gitlab({ url, token, project: "42", webUrl: "https://gitlab.example.com/acme/topologies" }),
    comments: "merge_requests/5/notes",
    issues: "issues",
    us: "ours",
  },
};

let waited: number[];
let patience: Patience;
beforeEach(() => {
  waited = [];
  patience = { attempts: 3, maxSeconds: 60, pause: async (seconds) => waited.push(seconds) };
});

describe.each(Object.entries(forges))("%s", (_, { standIn: serve, forge, comments: place, issues, us }) => {
  let standIn: ForgeStandIn;
  beforeEach(async () => {
    standIn = await serve();
  });
  afterEach(() => standIn.stop());
  const comments = (): Entries => forge(standIn.url).comments(5);

  function store(author: string, body: string, on = place): void {
    const id = standIn.entries.length + 1;
    standIn.entries.push({ id, author, on, title: "", body, open: true });
  }

  test("gets one comment, which is changed in place from then on", async () => {
    const first = await keepOne(comments(), report("first"), patience);
    const second = await keepOne(comments(), report("second"), patience);
    expect([first.action, second.action]).toEqual(["created", "updated"]);
    expect(second.url).toBe(first.url);
    expect(standIn.entries.map(({ body }) => body)).toEqual([report("second").body]);
  });

  test("gets no new comment where only one that is there is to be changed", async () => {
    expect((await updateOne(comments(), report("first"), patience)).action).toBe("none");
    await keepOne(comments(), report("first"), patience);
    expect((await updateOne(comments(), report("second"), patience)).action).toBe("updated");
    expect(standIn.entries).toHaveLength(1);
  });

  test("is not written to where the comment says the same, with line ends as a browser sends them, too", async () => {
    store(us, report("same").body.trim().replaceAll("\n", "\r\n"));
    expect((await keepOne(comments(), report("same"), patience)).action).toBe("unchanged");
    expect(standIn.requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
  });

  test("has the comment found behind hundreds of others", async () => {
    for (let n = 0; n < 250; n++) store("someone", `comment ${n}`);
    store(us, report("before").body);
    expect((await keepOne(comments(), report("after"), patience)).action).toBe("updated");
    expect(standIn.entries).toHaveLength(251);
    expect(standIn.entries.at(-1)?.body).toBe(report("after").body);
  });

  test("keeps reports with other markers, and comments that only quote one, apart", async () => {
    store(us, "<!-- bigpeer-topology preview -->\n\nanother");
    store(us, `Look:\n${report("quoted").body}`);
    expect((await keepOne(comments(), report("new"), patience)).action).toBe("created");
  });

  test("does not take somebody else's comment with the marker for ours", async () => {
    store("mallory", report("fake").body);
    expect((await keepOne(comments(), report("real"), patience)).action).toBe("created");
    expect(standIn.entries.map(({ body }) => body)).toEqual([report("fake").body, report("real").body]);
  });

  test("has one open issue: opened, changed in place, closed, and opened anew when it comes back", async () => {
    const open = () => forge(standIn.url).issues();
    expect((await closeOne(open(), report("nothing yet"), patience)).action).toBe("none");
    await keepOne(open(), report("drift"), patience);
    expect((await keepOne(open(), report("more drift"), patience)).action).toBe("updated");
    expect((await closeOne(open(), report("gone"), patience)).action).toBe("closed");
    expect(standIn.entries).toMatchObject([{ on: issues, title: "Drift", body: report("gone").body, open: false }]);
    expect((await keepOne(open(), report("back"), patience)).action).toBe("created");
    expect(standIn.entries.map(({ open }) => open)).toEqual([false, true]);
  });

  test("is asked again when it is busy, after the time that it says, else after ever longer ones", async () => {
    standIn.failures.push({ status: 429, headers: { "retry-after": "7" } }, { status: 502, body: "<html>" });
    expect((await keepOne(comments(), report("text"), patience)).action).toBe("created");
    expect(waited).toEqual([7, 2]);
  });

  test("is not asked for ever, nor waited for longer than is of use", async () => {
    for (let n = 0; n < 3; n++) standIn.failures.push({ status: 503, headers: { "retry-after": "86400" } });
    await expect(keepOne(comments(), report("text"), patience)).rejects.toThrow(/^GET \/.*: 503 not now$/);
    expect(waited).toEqual([60, 60]);
  });

  test("gets no second comment when the answer to the first is lost", async () => {
    standIn.failing = (request) => request.startsWith("POST");
    standIn.failures.push({ status: 504, after: true });
    expect((await keepOne(comments(), report("text"), patience)).action).toBe("unchanged");
    expect(standIn.entries).toHaveLength(1);
  });

  test("that leads elsewhere is not followed, since the token would go along", async () => {
    const elsewhere = await serve();
    try {
      standIn.failures.push({ status: 307, headers: { location: `${elsewhere.url}/user` } });
      await expect(keepOne(comments(), report("text"), patience)).rejects.toThrow(/307/);
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  test("out of reach is said with the address and the reason, without the token", async () => {
    const gone = comments();
    await standIn.stop();
    const failed = keepOne(gone, report("text"), { ...patience, attempts: 1 });
    await expect(failed).rejects.toThrow(/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    await expect(failed).rejects.not.toThrow(token);
  });

  test("that answers with something else is taken for no forge", async () => {
    standIn.failures.push({ status: 200, body: "<html>log in</html>" });
    await expect(keepOne(comments(), report("text"), patience)).rejects.toThrow(/is http:\/\/127.* its URL\?/);
  });
});

describe("GitHub", () => {
  const open = (url: string) => github({ url, token, repository: "acme/topologies" });

  test("says in a 403 when a secondary rate limit ends, and that is no missing permission", async () => {
    const standIn = await githubStandIn(token);
    try {
      const reset = String(Math.ceil(Date.now() / 1000) + 20);
      standIn.failures.push({ status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset } });
      expect((await keepOne(open(standIn.url).comments(5), report("text"), patience)).action).toBe("created");
      expect(waited[0]).toBeGreaterThan(10);
      expect(waited[0]).toBeLessThanOrEqual(21);
      standIn.failures.push({ status: 403, body: '{"message":"You have exceeded a secondary rate limit."}' });
      expect((await keepOne(open(standIn.url).comments(5), report("again"), patience)).action).toBe("updated");
      expect(waited[1]).toBe(60);
    } finally {
      await standIn.stop();
    }
  });

  test("knows the comments of a person's token by that person", async () => {
    const standIn = await githubStandIn(token, "octavia");
    try {
      const body = report("from the workflow").body;
      standIn.entries.push({ id: 1, author: "github-actions[bot]", on: "5", title: "", body, open: true });
      const comments = open(standIn.url).comments(5);
      expect((await keepOne(comments, report("mine"), patience)).action).toBe("created");
      expect((await keepOne(comments, report("mine again"), patience)).action).toBe("updated");
    } finally {
      await standIn.stop();
    }
  });

  test("lists pull requests among the issues, which are left alone", async () => {
    const standIn = await githubStandIn(token);
    try {
      const { body } = report("text of a pull request");
      const author = "github-actions[bot]";
      standIn.entries.push({ id: 1, author, on: "issues", isPullRequest: true, title: "", body, open: true });
      expect((await keepOne(open(standIn.url).issues(), report("drift"), patience)).action).toBe("created");
      expect(standIn.entries[0]?.body).toBe(body);
    } finally {
      await standIn.stop();
    }
  });
});
