import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Builder, goBuild } from "../../lab/go-build.ts";
import { toolProgress } from "../../lab/tool-progress.ts";
import { actionlintSource, type ToolName, type ToolSource, toolKey, toolSources } from "../../lab/tool-sources.ts";
import { buildLimits, cachedTools, ensureTool, ensureTools, type ToolEvent } from "../../lab/tools.ts";
import { cacheFolder } from "../../program/cache-folder.ts";

const gibibyte = 1024 ** 3;
let directory: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lab-tools-"));
  environment = { BIGPEER_CACHE: join(directory, "cache"), PATH: join(directory, "bin") };
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** Stand-in of a Go build: notes its name and writes a program that is only a name. */
function fakeBuilder(built: string[], during: (name: ToolName) => Promise<void> = async () => {}): Builder {
  return async ({ source, output, logFile }) => {
    built.push(source.name);
    await writeFile(output, "half");
    await during(source.name);
    await writeFile(logFile, "");
    await writeFile(output, source.name);
  };
}

async function installProgram(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
  await chmod(join(folder, name), 0o755);
}

function sourceOf(tool: ToolName): ToolSource {
  const source = toolSources().find(({ name }) => name === tool);
  if (!source) throw new Error(`no source of ${tool}`);
  return source;
}

const everything = ["etcd", "kube-apiserver", "pulumi", "pulumi-language-nodejs"];

describe("ensureTools", () => {
  test("builds each tool once when two runs start together", async () => {
    const built: string[] = [];
    const build = fakeBuilder(built, () => new Promise((resolve) => setImmediate(resolve)));
    const events: ToolEvent[] = [];
    const run = () => ensureTools({ environment, build, onProgress: (event) => events.push(event) });
    const [first, second] = await Promise.all([run(), run()]);
    expect(built.sort()).toEqual(everything);
    expect(second).toEqual(first);
    expect(events.some(({ state }) => state === "waiting")).toBe(true);
  });

  test("builds no tool that only tests need", async () => {
    const built: string[] = [];
    await ensureTools({ environment, build: fakeBuilder(built) });
    expect(built).not.toContain("actionlint");
    const actionlint = await ensureTool(actionlintSource(), { environment, build: fakeBuilder(built) });
    expect(built.filter((name) => name === "actionlint")).toHaveLength(1);
    expect(dirname(actionlint)).toContain("lint-");
  });

  test("builds nothing when all is cached", async () => {
    await ensureTools({ environment, build: fakeBuilder([]) });
    const built: string[] = [];
    await ensureTools({ environment, build: fakeBuilder(built) });
    expect(built).toEqual([]);
  });

  test("keeps what was finished before a failure, never a half-written program, and goes on from there", async () => {
    const failing = fakeBuilder([], async (name) => {
      if (name === "pulumi") throw new Error("out of memory");
    });
    const options = { environment, availableMemory: () => gibibyte };
    await expect(ensureTools({ ...options, build: failing })).rejects.toThrow("out of memory");
    const pulumi = cachedTools(toolSources(), environment).get("pulumi") ?? "";
    expect(await readdir(dirname(pulumi))).toEqual([]);
    const built: string[] = [];
    await ensureTools({ ...options, build: fakeBuilder(built) });
    expect(built.sort()).toEqual(["etcd", "pulumi", "pulumi-language-nodejs"]);
  });

  test("builds two at once only where memory allows", async () => {
    for (const [available, most] of [
      [8 * gibibyte, 2],
      [4 * gibibyte, 1],
    ] as const) {
      let running = 0;
      let seen = 0;
      const build = fakeBuilder([], async () => {
        seen = Math.max(seen, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
      });
      const fresh = { ...environment, BIGPEER_CACHE: join(directory, String(most)) };
      await ensureTools({ environment: fresh, build, availableMemory: () => available });
      expect(seen).toBe(most);
    }
  });

  test("uses an official pulumi with its language host and builds only the control plane", async () => {
    const bin = join(directory, "bin");
    await installProgram(bin, "pulumi", "echo v3.251.1");
    await installProgram(bin, "pulumi-language-nodejs", "");
    const built: string[] = [];
    const tools = await ensureTools({ environment, build: fakeBuilder(built) });
    expect(tools).toMatchObject({ pulumi: join(bin, "pulumi"), languageHostDir: bin });
    expect(built.sort()).toEqual(["etcd", "kube-apiserver"]);
  });

  test.each(["v3.249.9", "v2.300.0", "v3.250.0-alpha.1 broken", ""])(
    "does not use a pulumi that says %j",
    async (version) => {
      const bin = join(directory, "bin");
      await installProgram(bin, "pulumi", `echo '${version}'`);
      await installProgram(bin, "pulumi-language-nodejs", "");
      expect((await ensureTools({ environment, build: fakeBuilder([]) })).pulumi).not.toContain(bin);
    },
  );

  test("does not use a pulumi without its language host", async () => {
    await installProgram(join(directory, "bin"), "pulumi", "echo v3.260.0");
    expect((await ensureTools({ environment, build: fakeBuilder([]) })).pulumi).toContain("cache");
  });

  test("uses KUBEBUILDER_ASSETS, and says what is missing in it", async () => {
    const assets = join(directory, "assets");
    await installProgram(assets, "etcd", "");
    const given = { ...environment, KUBEBUILDER_ASSETS: assets };
    await expect(ensureTools({ environment: given, build: fakeBuilder([]) })).rejects.toThrow(
      /no program .*assets\/kube-apiserver/,
    );
    await installProgram(assets, "kube-apiserver", "");
    const built: string[] = [];
    const tools = await ensureTools({ environment: given, build: fakeBuilder(built) });
    expect(tools).toMatchObject({ etcd: join(assets, "etcd"), kubeApiserver: join(assets, "kube-apiserver") });
    expect(built.sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
  });
});

test("the language host lies beside the engine, or the engine would warn about it at every run", () => {
  const programs = cachedTools(toolSources(), environment);
  expect(dirname(programs.get("pulumi-language-nodejs") ?? "a")).toBe(dirname(programs.get("pulumi") ?? "b"));
});

describe("the cache key", () => {
  const etcd = sourceOf("etcd");

  async function changed(file: string): Promise<string> {
    const moduleDirectory = join(directory, "copy");
    await cp(etcd.moduleDirectory, moduleDirectory, { recursive: true });
    const same = toolKey({ ...etcd, moduleDirectory }, "linux/x64");
    expect(same).toBe(toolKey(etcd, "linux/x64"));
    await writeFile(join(moduleDirectory, file), "changed");
    return toolKey({ ...etcd, moduleDirectory }, "linux/x64");
  }

  test.each(["go.mod", "go.sum", "cmd/etcd/main.go", "lifetime/lifetime_linux.go"])("changes with %s", async (file) => {
    expect(await changed(file)).not.toBe(toolKey(etcd, "linux/x64"));
  });

  test("stays when a file changes that is not built", async () => {
    expect(await changed("README.md")).toBe(toolKey(etcd, "linux/x64"));
  });

  test("differs by machine, tool and linker variable", () => {
    const keys = [
      toolKey(etcd, "linux/x64"),
      toolKey(etcd, "linux/arm64"),
      toolKey({ ...etcd, name: "kube-apiserver" }, "linux/x64"),
      toolKey({ ...etcd, linkerVariables: { a: "b" } }, "linux/x64"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("the Go build", () => {
  test("says what to install where there is no Go", async () => {
    const before = process.env.PATH;
    process.env.PATH = directory;
    try {
      await expect(ensureTools({ environment, build: goBuild })).rejects.toThrow(
        /Go is not on PATH\n.*Install Go 1\.26/,
      );
    } finally {
      process.env.PATH = before;
    }
  });

  test("names the log and shows its end when the build fails", async () => {
    const moduleDirectory = join(directory, "module");
    await mkdir(moduleDirectory);
    await writeFile(join(moduleDirectory, "go.mod"), "module broken\n\ngo 1.21\n");
    await writeFile(join(moduleDirectory, "main.go"), "package main\n\nfunc main() { undefinedThing() }\n");
    const source: ToolSource = {
      name: "etcd",
      group: "control-plane",
      moduleDirectory,
      mainPackage: ".",
      version: "v0",
      linkerVariables: {},
    };
    await expect(
      ensureTools({ environment: { ...environment, KUBEBUILDER_ASSETS: "" }, sources: [source] }),
    ).rejects.toThrow(/building etcd v0 failed \(exit code 1\).*etcd\.log:\n[\s\S]*undefined: undefinedThing/);
  });
});

test("one build's compilers share the processors and the memory", () => {
  expect(buildLimits(4, 8 * gibibyte, 2)).toEqual({ builds: 2, parallelism: 1, memoryMiB: 2048 });
  expect(buildLimits(4, 3 * gibibyte, 2)).toEqual({ builds: 1, parallelism: 2, memoryMiB: 1536 });
  expect(buildLimits(1, 32 * gibibyte, 8)).toMatchObject({ builds: 1, parallelism: 8 });
  expect(buildLimits(4, gibibyte, 16).memoryMiB).toBe(512);
});

test.each([
  [{ BIGPEER_CACHE: "/own", XDG_CACHE_HOME: "/xdg" }, "/own"],
  [{ XDG_CACHE_HOME: "/xdg" }, "/xdg/bigpeer-topology"],
])("the cache folder for %j is %s", (variables, folder) => {
  expect(cacheFolder(variables)).toBe(folder);
});

test("without a terminal, progress is a line at the start, one every 15 s, and one at the end", () => {
  const lines: string[] = [];
  const listen = toolProgress({ write: (text) => lines.push(text) });
  for (let seconds = 0; seconds <= 31; seconds++) listen({ tool: "etcd", version: "v3", state: "building", seconds });
  listen({ tool: "etcd", version: "v3", state: "built", seconds: 75 });
  expect(lines).toEqual([
    "building etcd v3, 0 s (once, a few minutes)\n",
    "building etcd v3, 15 s\n",
    "building etcd v3, 30 s\n",
    "built etcd v3 in 1 min 15 s\n",
  ]);
});
