import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { downloadProviders, installedProvider } from "../../lab/provider-plugins.ts";
import { ensureTools } from "../../lab/tools.ts";

let directory: string;
let environment: NodeJS.ProcessEnv;
const servers: Server[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-plugins-"));
  environment = { PATH: "/usr/bin:/bin", HOME: directory, BIGPEER_CACHE: join(directory, "cache") };
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(directory, { recursive: true, force: true });
});

/** A server of plugins, as `pulumi plugin install --server` asks one. */
async function serve(listener: RequestListener): Promise<void> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  environment.BIGPEER_PLUGIN_SERVER = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** What a release of a provider is: an archive with its program. */
function archiveOf(name: string): Buffer {
  const folder = join(directory, name);
  mkdirSync(folder);
  writeFileSync(join(folder, `pulumi-resource-${name}`), `#!/bin/sh\necho ${name}\n`);
  chmodSync(join(folder, `pulumi-resource-${name}`), 0o755);
  execFileSync("tar", ["-czf", join(directory, `${name}.tgz`), "-C", folder, `pulumi-resource-${name}`]);
  return readFileSync(join(directory, `${name}.tgz`));
}

const download = async (options: { silenceMilliseconds?: number } = {}) =>
  downloadProviders((await ensureTools()).pulumi, join(directory, "nothing-built"), { environment, ...options });

test("the engine downloads its own providers from the server that is named, and both are found from then on", async () => {
  const archives = new Map(["kubernetes", "random"].map((name) => [name, archiveOf(name)]));
  const asked: string[] = [];
  await serve(({ url = "" }, response) => {
    asked.push(url);
    response.end(archives.get(/pulumi-resource-(\w+)-v/.exec(url)?.[1] ?? ""));
  });
  const program = await download();
  expect(program).toBe(installedProvider("kubernetes", environment));
  expect(execFileSync(program ?? "", { encoding: "utf8" })).toBe("kubernetes\n");
  expect(execFileSync(installedProvider("random", environment) ?? "", { encoding: "utf8" })).toBe("random\n");
  expect(asked.length).toBe(2);
  // Nothing of the user's own Pulumi is touched.
  expect(existsSync(join(directory, ".pulumi"))).toBe(false);
});

test("where there is no download, there is no provider and no error", async () => {
  await serve((_, response) => response.writeHead(403).end());
  expect(await download()).toBeUndefined();
});

test("a download of which nothing comes is given up", async () => {
  await serve(() => {});
  expect(await download({ silenceMilliseconds: 500 })).toBeUndefined();
});

test("whoever has built the provider is not asked to download it again", async () => {
  await serve(() => {
    throw new Error("nothing is to be asked for");
  });
  const built = join(directory, "built");
  writeFileSync(built, "");
  expect(await downloadProviders("no such program", built, { environment })).toBeUndefined();
});
