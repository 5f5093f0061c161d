import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toolKey } from "../../../lab/build-arguments.ts";
import { type Builder, goBuild } from "../../../lab/go-build.ts";
import { buildLimits, cachedTools, ensureTool, type ToolEvent } from "../../../lab/tool-builds.ts";
import { toolProgress } from "../../../lab/tool-progress.ts";
import {
  actionlintSource,
  providerVersion,
  type ToolName,
  type ToolSource,
  toolSources,
} from "../../../lab/tool-sources.ts";
import { ensureTools, type ToolOptions } from "../../../lab/tools.ts";
import { cacheFolder } from "../../../program/cache-folder.ts";

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
  return async ({ sources, output, logFile }) => {
    for (const { name } of sources) {
      built.push(name);
      await writeFile(join(output, name), "half");
      await during(name);
      await writeFile(logFile, "");
      await writeFile(join(output, name), name);
    }
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

const controlPlane = ["etcd", "kube-apiserver", "kube-controller-manager"];
const engine = ["pulumi", "pulumi-language-nodejs"];
const everything = [...controlPlane, ...engine, "pulumi-resource-kubernetes"].sort();

/** As on a machine where Pulumi's downloads cannot be reached. */
const download: ToolOptions["download"] = async () => undefined;

describe("ensureTools", () => {
  test("builds each tool once when two runs start together", async () => {
    const built: string[] = [];
    const build = fakeBuilder(built, () => new Promise((resolve) => setImmediate(resolve)));
    const events: ToolEvent[] = [];
    const run = () => ensureTools({ environment, download, build, onProgress: (event) => events.push(event) });
    const [first, second] = await Promise.all([run(), run()]);
    expect(built.sort()).toEqual(everything);
    expect(second).toEqual(first);
    expect(events.some(({ state }) => state === "waiting")).toBe(true);
  });

  test("builds no tool that only tests need", async () => {
    const built: string[] = [];
    await ensureTools({ environment, download, build: fakeBuilder(built) });
    expect(built).not.toContain("actionlint");
    const actionlint = await ensureTool(actionlintSource(), { environment, build: fakeBuilder(built) });
    expect(built.filter((name) => name === "actionlint")).toHaveLength(1);
    expect(dirname(actionlint)).toContain("lint-");
  });

  test("builds nothing when all is cached", async () => {
    await ensureTools({ environment, download, build: fakeBuilder([]) });
    const built: string[] = [];
    await ensureTools({ environment, download, build: fakeBuilder(built) });
    expect(built).toEqual([]);
  });

  test("keeps what was finished before a failure, never a half-written program, and goes on from there", async () => {
    const failing = fakeBuilder([], async (name) => {
      if (name === "kube-apiserver") throw new Error("out of memory");
    });
    const little = { environment, download, availableMemory: () => gibibyte };
    await expect(ensureTools({ ...little, build: failing })).rejects.toThrow("out of memory");
    const apiServer = cachedTools(toolSources(), environment).get("kube-apiserver") ?? "";
    expect((await readdir(dirname(apiServer))).filter((name) => !name.endsWith(".log"))).toEqual([]);
    const built: string[] = [];
    await ensureTools({ ...little, build: fakeBuilder(built) });
    expect(built.sort()).toEqual([...controlPlane, "pulumi-resource-kubernetes"]);
  });

  test("builds the tools of a module together, the engine first, where there is memory for one build", async () => {
    const modules: ToolName[][] = [];
    const build: Builder = async (request) => {
      modules.push(request.sources.map(({ name }) => name));
      await fakeBuilder([])(request);
    };
    await ensureTools({ environment, download, build, availableMemory: () => gibibyte });
    expect(modules).toEqual([["pulumi"], ["pulumi-language-nodejs"], [...controlPlane, "pulumi-resource-kubernetes"]]);
  });

  test("builds the control plane in the background of the engine and of the provider, where there is memory for both", async () => {
    const began: string[] = [];
    const background = new Map<string, boolean>();
    const controlPlaneMayEnd = Promise.withResolvers<void>();
    const build: Builder = async (request) => {
      for (const { name } of request.sources) {
        began.push(name);
        background.set(name, request.background);
      }
      if (request.sources.some(({ name }) => name === "etcd")) await controlPlaneMayEnd.promise;
      await fakeBuilder([])(request);
      if (request.sources.some(({ name }) => name === "pulumi-resource-kubernetes")) controlPlaneMayEnd.resolve();
    };
    const expected = new Map<string, number | undefined>();
    const onProgress = ({ tools, expectedSeconds }: ToolEvent) => {
      if (!expected.has(tools)) expected.set(tools, expectedSeconds);
    };
    await ensureTools({ environment, download, build, availableMemory: () => 1024 * gibibyte, onProgress });
    // It ends last, so what is said of its time counts all of them in.
    const all = toolSources().reduce((sum, { processorSeconds }) => sum + processorSeconds, 0);
    const [, inAll] = [...expected].find(([tools]) => tools.startsWith("etcd")) ?? [];
    expect(inAll).toBeCloseTo(all / availableParallelism());
    expect(began.toSorted()).toEqual(everything);
    expect(began.filter((name) => !controlPlane.includes(name))).toEqual([...engine, "pulumi-resource-kubernetes"]);
    expect([...background].filter(([, value]) => value).map(([name]) => name)).toEqual(controlPlane);
  });

  test("calls the other build off when one fails, and reports the one that failed", async () => {
    const calledOff = Promise.withResolvers<void>();
    const build: Builder = async ({ sources, signal }) => {
      if (sources.some(({ name }) => name === "etcd")) throw new Error("out of memory");
      await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
      calledOff.resolve();
      signal?.throwIfAborted();
    };
    const all = ensureTools({ environment, download, build, availableMemory: () => 1024 * gibibyte });
    await expect(all).rejects.toThrow("out of memory");
    await calledOff.promise;
  });

  test("asks for a download with the engine that it has, and builds no provider that comes by it", async () => {
    const provider = join(directory, "downloaded", "pulumi-resource-kubernetes");
    const engines: string[] = [];
    const built: string[] = [];
    const tools = await ensureTools({
      environment,
      build: fakeBuilder(built),
      download: async (pulumi) => {
        engines.push(await readFile(pulumi, "utf8"));
        return provider;
      },
    });
    expect(engines).toEqual(["pulumi"]);
    expect(tools.kubernetesProvider).toBe(provider);
    expect(built).not.toContain("pulumi-resource-kubernetes");
  });

  test("uses a provider on PATH, or in the user's plugin cache if it is new enough", async () => {
    const wanted = providerVersion("kubernetes");
    const noDownload: ToolOptions["download"] = () => Promise.reject(new Error("nothing is to be downloaded"));
    const home = join(directory, "home");
    const plugin = (version: string) => join(home, ".pulumi", "plugins", `resource-kubernetes-v${version}`);
    await installProgram(plugin("4.0.0"), "pulumi-resource-kubernetes", "");
    const older = await ensureTools({ environment: { ...environment, HOME: home }, download, build: fakeBuilder([]) });
    expect(older.kubernetesProvider).toContain("cache");
    await installProgram(plugin(wanted), "pulumi-resource-kubernetes", "");
    const options = { environment: { ...environment, HOME: home }, download: noDownload, build: fakeBuilder([]) };
    expect((await ensureTools(options)).kubernetesProvider).toBe(join(plugin(wanted), "pulumi-resource-kubernetes"));
    await installProgram(join(directory, "bin"), "pulumi-resource-kubernetes", "");
    expect((await ensureTools(options)).kubernetesProvider).toBe(join(directory, "bin", "pulumi-resource-kubernetes"));
  });

  test("uses an official pulumi with its language host and builds only the control plane", async () => {
    const bin = join(directory, "bin");
    await installProgram(bin, "pulumi", "echo v3.251.1");
    await installProgram(bin, "pulumi-language-nodejs", "");
    const built: string[] = [];
    const tools = await ensureTools({ environment, download, build: fakeBuilder(built) });
    expect(tools).toMatchObject({ pulumi: join(bin, "pulumi"), languageHostDir: bin });
    expect(built.sort()).toEqual([...controlPlane, "pulumi-resource-kubernetes"]);
  });

  test.each(["v3.249.9", "v2.300.0", "v3.250.0-alpha.1 broken", ""])(
    "does not use a pulumi that says %j",
    async (version) => {
      const bin = join(directory, "bin");
      await installProgram(bin, "pulumi", `echo '${version}'`);
      await installProgram(bin, "pulumi-language-nodejs", "");
      expect((await ensureTools({ environment, download, build: fakeBuilder([]) })).pulumi).not.toContain(bin);
    },
  );

  test("does not use a pulumi without its language host", async () => {
    await installProgram(join(directory, "bin"), "pulumi", "echo v3.260.0");
    expect((await ensureTools({ environment, download, build: fakeBuilder([]) })).pulumi).toContain("cache");
  });

  test("uses KUBEBUILDER_ASSETS, and says what is missing in it", async () => {
    const assets = join(directory, "assets");
    await installProgram(assets, "etcd", "");
    const given = { ...environment, KUBEBUILDER_ASSETS: assets };
    await expect(ensureTools({ environment: given, download, build: fakeBuilder([]) })).rejects.toThrow(
      /has no program .*assets\/kube-apiserver/,
    );
    await installProgram(assets, "kube-apiserver", "");
    const built: string[] = [];
    const tools = await ensureTools({ environment: given, download, build: fakeBuilder(built) });
    expect(tools).toMatchObject({ etcd: join(assets, "etcd"), kubeApiserver: join(assets, "kube-apiserver") });
    expect(built.sort()).toEqual(["kube-controller-manager", ...engine, "pulumi-resource-kubernetes"].sort());
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
      await expect(ensureTools({ environment, download, build: goBuild })).rejects.toThrow(
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
    await expect(ensureTool(moduleSource(moduleDirectory), { environment })).rejects.toThrow(
      /building etcd v0 failed \(exit code 1\).*etcd\.log:\n[\s\S]*undefined: undefinedThing/,
    );
  });

  test("shows the compiler's error, also where it goes on with many packages after it", async () => {
    const moduleDirectory = join(directory, "module");
    const others = Array.from({ length: 20 }, (_, each) => `other${each}`);
    await mkdir(moduleDirectory);
    await writeFile(join(moduleDirectory, "go.mod"), "module broken\n\ngo 1.21\n");
    // Go compiles in the order of the imports, and all that does not need the broken package.
    await writePackage(join(moduleDirectory, "abroken"), "var Value = undefinedThing");
    for (const name of others) await writePackage(join(moduleDirectory, name), `const Value = "${directory}"`);
    const imports = ["abroken", ...others].map((name) => `import _ "broken/${name}"`);
    await writeFile(join(moduleDirectory, "main.go"), ["package main", ...imports, "func main() {}", ""].join("\n"));
    await expect(ensureTool(moduleSource(moduleDirectory), { environment })).rejects.toThrow(
      /undefined: undefinedThing/,
    );
  });

  test("says how many packages it has compiled of how many", async () => {
    const moduleDirectory = join(directory, "module");
    await mkdir(join(moduleDirectory, "inner"), { recursive: true });
    // A name that no build cache has seen.
    const value = `const Value = "${directory}"`;
    await writeFile(join(moduleDirectory, "go.mod"), "module etcd\n\ngo 1.21\n");
    await writeFile(join(moduleDirectory, "inner", "inner.go"), `package inner\n\n${value}\n`);
    await writeFile(
      join(moduleDirectory, "main.go"),
      'package main\n\nimport "etcd/inner"\n\nfunc main() { println(inner.Value) }\n',
    );
    const seen: string[] = [];
    const [output, temporaryDirectory] = [join(directory, "out"), join(directory, "tmp")];
    await Promise.all([output, temporaryDirectory].map((folder) => mkdir(folder)));
    await goBuild({
      sources: [moduleSource(moduleDirectory)],
      output,
      logFile: join(directory, "build.log"),
      temporaryDirectory,
      limits: buildLimits(4 * gibibyte, 2),
      background: false,
      onPackages: (done, total) => seen.push(`${done}/${total}`),
    });
    expect(seen.at(-1)).toBe("2/2");
    expect(await readdir(output)).toEqual(["etcd"]);
  });
});

async function writePackage(folder: string, body: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.go"), `package ${basename(folder)}\n\n${body}\n`);
}

function moduleSource(moduleDirectory: string): ToolSource {
  return {
    name: "etcd",
    group: "control-plane",
    moduleDirectory,
    mainPackage: ".",
    version: "v0",
    linkerVariables: {},
    processorSeconds: 1,
  };
}

test("a build's compilers take all processors and share the memory", () => {
  expect(buildLimits(8 * gibibyte, 2)).toEqual({ parallelism: 2, memoryMiB: 3276 });
  expect(buildLimits(64 * gibibyte, 2).memoryMiB).toBe(4096);
  expect(buildLimits(gibibyte, 16).memoryMiB).toBe(512);
  expect(buildLimits(8 * gibibyte, 2, 2).memoryMiB).toBe(1638);
});

test("on a terminal, two builds at once share the line", () => {
  const written: string[] = [];
  const listen = toolProgress({ isTTY: true, columns: 61, write: (text) => written.push(text) });
  listen({ tools: "pulumi v3", state: "building", seconds: 1 });
  listen({ tools: "etcd v3", state: "building", seconds: 1 });
  expect(written.at(-1)).toBe("building pulumi v3: 1 s  building etcd v3: 1 s");
  listen({ tools: "pulumi v3", state: "built", seconds: 2 });
  listen({ tools: "etcd v3", state: "building", seconds: 3 });
  expect(written.at(-1)).toBe("building etcd v3: 3 s");
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
  for (let seconds = 0; seconds <= 31; seconds++) {
    const packages = { done: seconds * 40, total: 1730 };
    listen({ tools: "etcd v3", state: "building", seconds, expectedSeconds: 170, packages });
  }
  listen({ tools: "etcd v3", state: "building", seconds: 175, expectedSeconds: 170 });
  listen({ tools: "etcd v3", state: "built", seconds: 180 });
  expect(lines).toEqual([
    "building etcd v3: 0 of 1,730 packages, 0 s of about 3 min\n",
    "building etcd v3: 600 of 1,730 packages, 15 s of about 3 min\n",
    "building etcd v3: 1,200 of 1,730 packages, 30 s of about 3 min\n",
    "building etcd v3: 2 min 55 s (usually about 3 min)\n",
    "built etcd v3 in 3 min 0 s\n",
  ]);
});
