/** The lines of docs/how-to/watch-replications.md that make a kubeconfig for the cluster in which verify runs, run as a reader pastes them. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { kubeconfigSecretOf, watcherNameOf } from "../../../topology/monitoring/watcher.ts";

const page = readFileSync("docs/how-to/watch-replications.md", "utf8");

/** The block of code in a language, as it is copied from the page as it is shown. */
function block(language: string): string {
  const [, indent = "", code] = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\`$`, "m").exec(page) ?? [];
  if (code === undefined) throw new Error(`the page has no block of ${language}`);
  return code.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}

/**
 * As far as the lines use it, kubectl with two clusters, in which a token is there once somebody has waited for it. A kubeconfig is JSON here.
 * What reaches an API server is written to `$SEEN`, one object a line.
 */
const kubectl = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const flag = (name) => { const at = args.indexOf(name); return at < 0 ? undefined : args.splice(at, 2)[1]; };
const switched = (name) => { const at = args.indexOf(name); if (at >= 0) args.splice(at, 1); return at >= 0; };
const [context, namespace, file] = ["--context", "-n", "--kubeconfig"].map(flag);
const seen = (what) => appendFileSync(process.env.SEEN, JSON.stringify({ context, ...what }) + "\\n");
const read = (name) => JSON.parse(readFileSync(name, "utf8"));
const waited = process.env.SEEN + "-" + context;
const [verb, noun, ...rest] = args;
switch (verb) {
  case "apply": seen({ namespace, text: readFileSync(0, "utf8") }); break;
  case "wait":
    if (process.env.NO_TOKEN) { console.error("timed out waiting for the condition"); process.exit(1); }
    writeFileSync(waited, "");
    break;
  case "get": if (existsSync(waited)) process.stdout.write(Buffer.from("token of " + context).toString("base64")); break;
  case "create": {
    const from = rest.find((each) => each.startsWith("--from-file="))?.split("=");
    console.log(JSON.stringify({ kind: noun, name: rest.find((each) => !each.startsWith("-") && each !== "generic"), namespace, data: from && { [from[1]]: readFileSync(from[2], "utf8") } }));
    break;
  }
  case "config":
    if (noun === "view") {
      const all = (process.env.KUBECONFIG ?? "").split(":").filter((each) => each !== "").map(read);
      const own = { clusters: ["at " + context], contexts: { [context]: "admin" }, users: { admin: "password of an admin" } };
      console.log(JSON.stringify(switched("--minify") ? own : {
        clusters: all.flatMap(({ clusters }) => clusters),
        contexts: Object.assign({}, ...all.map(({ contexts }) => contexts)),
        users: Object.assign({}, ...all.map(({ users }) => users)),
      }));
      break;
    }
    const config = read(file);
    const [token, user] = ["--token", "--user"].map(flag);
    if (noun === "unset") delete config[args[2]];
    else if (noun === "set-credentials") config.users = { ...config.users, [args[2]]: token };
    else if (noun === "set-context") config.contexts[args[2]] = user;
    else throw new Error("kubectl config " + noun);
    writeFileSync(file, JSON.stringify(config));
    break;
  default: throw new Error("kubectl " + args.join(" "));
}
`;

const applied = z.object({ context: z.string().optional(), namespace: z.string().optional(), text: z.string() });

/** Runs the lines, with a shell that has nothing but what they ask for. */
function runLines(variables: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "bigpeer-watch-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [bin, temporary, seen] = ["bin", "tmp", "seen"].map((name) => join(folder, name));
  if (bin === undefined || temporary === undefined || seen === undefined) throw new Error("no folders");
  for (const each of [bin, temporary]) mkdirSync(each);
  writeFileSync(join(bin, "kubectl"), kubectl);
  chmodSync(join(bin, "kubectl"), 0o755);
  writeFileSync(seen, "");
  const { status, stderr } = spawnSync("sh", [], {
    cwd: temporary,
    input: block("sh"),
    encoding: "utf8",
    env: { PATH: `${bin}${delimiter}${process.env.PATH}`, TMPDIR: temporary, SEEN: seen, ...variables },
  });
  const objects = readFileSync(seen, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => applied.parse(JSON.parse(line)));
  return { status, stderr, objects, left: readdirSync(temporary) };
}

test("the lines write one kubeconfig with a token of each cluster, without the credentials of who runs them, and leave no file", () => {
  const { status, stderr, objects, left } = runLines();
  expect({ status, stderr, left }).toEqual({ status: 0, stderr: "", left: [] });
  const tokens = objects.filter(({ text }) => text.includes("service-account-token"));
  expect(tokens.map(({ context, namespace }) => `${context} ${namespace}`)).toEqual(["east ditto", "west ditto"]);
  for (const { text } of tokens)
    expect(parse(text)).toMatchObject({
      metadata: { annotations: { "kubernetes.io/service-account.name": watcherNameOf("mine") } },
    });
  const [namespace, secret] = objects.slice(2);
  expect(namespace).toMatchObject({
    context: "east",
    text: expect.stringContaining('"namespace","name":"monitoring"'),
  });
  const { data, ...named } = z
    .looseObject({ data: z.object({ kubeconfig: z.string() }) })
    .parse(JSON.parse(secret?.text ?? ""));
  expect({ context: secret?.context, ...named }).toEqual({
    ...{ context: "east", kind: "secret", namespace: "monitoring" },
    name: kubeconfigSecretOf("mine"),
  });
  expect(JSON.parse(data.kubeconfig)).toEqual({
    clusters: ["at east", "at west"],
    contexts: { east: "east", west: "west" },
    users: { east: "token of east", west: "token of west" },
  });
});

test("the lines end at the first thing that fails, and write no kubeconfig that does not work", () => {
  const { status, objects, left } = runLines({ NO_TOKEN: "1" });
  expect(status).not.toBe(0);
  expect(objects.map(({ context }) => context)).toEqual(["east"]);
  expect(left).toEqual([]);
});
