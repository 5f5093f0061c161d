import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { Engine } from "../../lab/engine.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { ensureTool } from "../../lab/tool-builds.ts";
import { sdkGeneratorSource, yamlLanguageSource } from "../../lab/tool-sources.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { planText } from "../../topology/check.ts";
import { verify } from "../../verify/run.ts";
import { pluginHostFolder } from "../support/plugin-host.ts";

const project = z.looseObject({
  resources: z.object({ guide: z.object({ properties: z.object({ topology: z.unknown() }) }) }),
});
const program = project.parse(parse(readFileSync("examples/yaml/Pulumi.yaml", "utf8")));
const { plan } = planText(stringify(program.resources.guide.properties.topology));

let directory: string;
let lab: RunningLab;
let engine: Engine;
let schema: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-languages-"));
  lab = await startLab({ directory: join(directory, "lab"), clusters: labClusters(plan) });
  const languageHost = await ensureTool(yamlLanguageSource());
  const path = [pluginHostFolder(join(directory, "bin")), dirname(languageHost), lab.env.PATH].join(delimiter);
  mkdirSync(join(directory, "pulumi"));
  engine = new Engine({
    directory: join(directory, "pulumi"),
    env: { ...lab.env, PATH: path },
    project: "examples/yaml",
  });
  // The plugin of the checkout, which the project names by its folder.
  const file = join(engine.directory, "Pulumi.yaml");
  writeFileSync(file, `${readFileSync(file, "utf8")}packages:\n  bigpeer: ${JSON.stringify(resolve("plugin"))}\n`);
  const { exitCode, stdout, stderr } = await engine.run(["package", "get-schema", resolve("plugin")], { quiet: true });
  expect(exitCode, stderr).toBe(0);
  schema = stdout;
});
afterAll(async () => {
  await lab?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("pulumi package get-schema gives the component with its descriptions", () => {
  const described = z.looseObject({ description: z.string() });
  const component = described.extend({ inputProperties: z.record(z.string(), described) });
  const { resources } = z.looseObject({ resources: z.record(z.string(), component) }).parse(JSON.parse(schema));
  expect(Object.keys(resources)).toEqual(["bigpeer:index:BigPeerTopology"]);
  expect(resources["bigpeer:index:BigPeerTopology"]?.inputProperties.topology?.description).toMatch(
    /keys of a topology file/,
  );
});

describe("a program in YAML", () => {
  test("deploys a topology of which nothing stays pending, and a second update changes nothing", async () => {
    await engine.init("dev", "config: {}\n");
    const first = await engine.stack("dev", "up");
    expect(first.exitCode, first.stdout + first.stderr).toBe(0);
    const second = await engine.stack("dev", "up");
    expect(second.exitCode, second.stdout + second.stderr).toBe(0);
    const third = await engine.stack("dev", "preview", ["--expect-no-changes"]);
    expect(third.exitCode, third.stdout + third.stderr).toBe(0);
    expect(await engine.outputs("dev")).toMatchObject({ pending: [], apiOfBp1: plan.peers.get("bp1")?.apiAddress });
  });

  test("has documents flow as it declares", async () => {
    const access = { kubeconfig: lab.kubeconfig, reach: "cluster-ip" as const, apis: {}, managementApis: {} };
    const { results } = await verify({ plan, access, deadlineMs: 15_000 });
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  test("is told every mistake of its topology before anything is written", async () => {
    const file = join(engine.directory, "Pulumi.yaml");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("peers: [bp1, bp2]", "peers: [bp1, bp3]"));
    const { exitCode, stdout, stderr } = await engine.stack("dev", "preview");
    writeFileSync(file, good);
    expect(stdout + stderr).toContain("bp3");
    expect(stdout + stderr).toContain("nothing was written");
    expect(exitCode).not.toBe(0);
  });
});

describe("a generated SDK", () => {
  const generate = async (language: string) => {
    const generator = await ensureTool(sdkGeneratorSource());
    const folder = join(directory, `sdk-${language}`);
    await run(generator, [language, folder], { input: schema });
    return folder;
  };

  test("for Python compiles, with the descriptions as its documentation", async () => {
    const folder = await generate("python");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".py"));
    await run("python3", ["-m", "py_compile", ...files.map((name) => join(folder, name))]);
    const component = readFileSync(join(folder, "pulumi_bigpeer", "big_peer_topology.py"), "utf8");
    expect(component).toContain("class BigPeerTopology(pulumi.ComponentResource)");
    expect(component).toContain("mapping with the keys of a topology file");
  });

  test("for Python is installed, and hands the component what a program gives it", async (context) => {
    const folder = await generate("python");
    const python = join(directory, "venv", "bin", "python");
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "0", "--timeout", "20"];
    await run("python3", ["-m", "venv", join(directory, "venv")]);
    const refused = await run(python, [...pip, "pulumi"]).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (refused !== undefined) context.skip(`pip cannot install Pulumi's SDK for Python here: ${refused}`);
    await run(python, [...pip, folder]);
    const [component] = z.array(z.unknown()).parse(JSON.parse(await run(python, ["-c", pythonProgram])));
    expect(component).toEqual({
      type: "bigpeer:index:BigPeerTopology",
      inputs: { topology: { clusters: { east: { namespace: "ditto" } } }, clusters: ["east"] },
    });
  });

  test("for Go compiles against Pulumi's own", async () => {
    const folder = await generate("go");
    const module = join(folder, "bigpeer");
    // The versions are those of the generator, whose module has them in the cache.
    const pinned = dirname(sdkGeneratorSource().moduleDirectory);
    const text = readFileSync(join(pinned, "codegen", "go.mod"), "utf8");
    writeFileSync(
      join(module, "go.mod"),
      text.replace(/^module .*/m, "module example.com/pulumi-bigpeer/sdk/go/bigpeer"),
    );
    copyFileSync(join(pinned, "codegen", "go.sum"), join(module, "go.sum"));
    // As the lab builds its programs, so that what they share with the SDK is compiled once.
    const env = { ...process.env, CGO_ENABLED: "0" };
    await run("go", ["build", "-trimpath", "-buildvcs=false", "-mod=mod", "./..."], { cwd: module, env });
    expect(readdirSync(module)).toContain("bigPeerTopology.go");
    // Pulumi's own SDK for Go takes minutes to compile, once.
  }, 900_000);
});

/** Declares a topology in which a value is that of another resource, and prints what is registered. */
const pythonProgram = `
import json
import pulumi

registered = []

class Recorder(pulumi.runtime.Mocks):
    def new_resource(self, args):
        registered.append({"type": args.typ, "inputs": args.inputs})
        return [f"{args.name}-id", {}]

    def call(self, args):
        return {}

pulumi.runtime.set_mocks(Recorder())
import pulumi_bigpeer as bigpeer

@pulumi.runtime.test
def program():
    namespace = pulumi.Output.from_input("ditto")
    prod = bigpeer.BigPeerTopology("prod", topology={"clusters": {"east": {"namespace": namespace}}}, clusters=["east"])
    return prod.urn

program()
print(json.dumps(registered))
`;

function run(
  command: string,
  args: readonly string[],
  { input = "", cwd = ".", env = process.env }: { input?: string; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  return new Promise((done, failed) => {
    const child = execFile(command, args, { cwd, env }, (error, stdout, stderr) =>
      error ? failed(new Error(`${command} ${args[0]}: ${stdout}${stderr}`)) : done(stdout),
    );
    child.stdin?.end(input);
  });
}
