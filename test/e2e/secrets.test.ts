import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ApiextensionsV1Api, CoreV1Api, type V1CustomResourceDefinition } from "@kubernetes/client-node";
import { extract } from "tar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { endProcess, isRunning, type ProcessIdentity, signal } from "../../lab/process-identity.ts";
import { Deployment } from "../support/deployment.ts";

/** bp1's token comes from the configuration, that of the app is generated. */
const topology = `
environment: development
clusters:
  dev: {}
peers:
  bp1: { cluster: dev, version: 1.63.2, auth: { playground: { token: { config: cars-token } } } }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2], auth: { playground: {} } }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const configured = "MARKER-of-the-configured-token";
const clientKey = Buffer.from("-----BEGIN PRIVATE KEY-----\nMARKER-of-the-client-key").toString("base64");
const sharedToken = z.object({
  spec: z.object({
    auth: z.object({ providers: z.record(z.string(), z.object({ anonymous: z.object({ sharedToken: z.string() }) })) }),
  }),
});
const tokensOutput = z.object({ tokens: z.object({ apps: z.object({ cars: z.string() }) }) });

let deployment: Deployment;
/** What each secret is, as it would be found. */
const secrets = new Map<string, string>();
/** What was printed, by the command that printed it. */
const printed = new Map<string, string>();

beforeAll(async () => {
  deployment = await Deployment.start(topology, undefined, undefined, { checkpoints: true });
  const kubeconfig = readFileSync(deployment.access.kubeconfig, "utf8");
  // A second user, whose key nobody asks for.
  const content = kubeconfig.replace(
    /^users:\n/m,
    `users:\n  - name: other\n    user:\n      client-key-data: ${clientKey}\n`,
  );
  await configure("cars-token", configured);
  await configure("kubeconfig", content);
  secrets.set("the configured token", configured);
  secrets.set("the client key", clientKey);
  secrets.set("the kubeconfig's token", /token: (\S+)/.exec(kubeconfig)?.[1] ?? "");
  secrets.set("the passphrase of the state", String(deployment.engine.env.PULUMI_CONFIG_PASSPHRASE));
});
afterAll(() => deployment?.stop());

async function configure(key: string, value: string): Promise<void> {
  const args = ["config", "set", `bigpeer:${key}`, value, "--secret", "--stack", "dev"];
  const { exitCode, stderr } = await deployment.engine.run(args, { quiet: true });
  expect(exitCode, stderr).toBe(0);
}

/** The same definition, in which a field has to match a pattern: it refuses every other value, and says which. */
function withPattern({ spec, ...rest }: V1CustomResourceDefinition, field: string, pattern: string) {
  const changed: typeof spec = JSON.parse(
    JSON.stringify(spec, (key, value) => (key === field ? { ...value, pattern } : value)),
  );
  return { ...rest, spec: changed };
}

async function engine(operation: "up" | "preview" | "refresh" | "destroy", ...flags: string[]): Promise<number> {
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", operation, flags);
  printed.set([operation, ...flags, printed.size].join(" "), stdout + stderr);
  return exitCode;
}

function bigpeer(...args: string[]): Promise<void> {
  const { env, directory: cwd } = deployment.engine;
  return new Promise((done) => {
    execFile(process.execPath, [resolve("cli/bigpeer.ts"), ...args], { env, cwd }, (_, stdout, stderr) => {
      printed.set(`bigpeer ${args.join(" ")}`, stdout + stderr);
      done();
    });
  });
}

/** The commands whose output holds a secret, and the files that do. */
function found(): string[] {
  return [...secrets].flatMap(([what, secret]) => {
    expect(secret.length, what).toBeGreaterThan(15);
    const forms = [secret, Buffer.from(secret).toString("base64").replace(/=+$/, ""), encodeURIComponent(secret)];
    const said = [...printed].filter(([, text]) => forms.some((form) => text.includes(form)));
    const written = forms.flatMap((form) => deployment.filesWith(form)).filter((file) => !file.includes("kubeconfig"));
    return [
      ...said.map(([command]) => `${what} in the output of ${command}`),
      ...written.map((file) => `${what} in ${file}`),
    ];
  });
}

describe("a secret is nowhere in plain text", () => {
  test("in what previews, updates, refreshes and failed runs print", async () => {
    await engine("preview");
    await engine("preview", "--diff");
    await engine("preview", "--json");
    expect(await engine("up", "--diff")).toBe(0);
    const { tokens } = tokensOutput.parse(await deployment.engine.outputs("dev", true));
    secrets.set("the generated token", tokens.apps.cars);
    for (const peer of ["bp1", "bp2"]) {
      const core = deployment.kubeConfig("dev").makeApiClient(CoreV1Api);
      const { data } = await core.readNamespacedSecret({ namespace: "ditto", name: `ditto-${peer}-ca` });
      const key = Buffer.from(data?.["tls.key"] ?? "", "base64").toString();
      secrets.set(`the CA key of ${peer}`, key.split("\n")[1] ?? "");
    }
    expect(await engine("refresh", "--diff")).toBe(0);
    const third = "bp3: { cluster: dev, version: 1.40.3, readyTimeout: 2, auth: { playground: {} } }";
    deployment.write(topology.replace("  bp2:", `  ${third}\n  bp2:`));
    expect(await engine("up")).not.toBe(0);
    deployment.write(topology.replace("color = 'blue'", "color = 'green'"));
    await engine("preview", "--json", "--show-config", "--show-reads", "--show-sames");
    deployment.write(topology);
    expect(await engine("up")).toBe(0);
    expect(found()).toEqual([]);
  });

  test("in the message when the API server refuses the object that holds it", async () => {
    const api = deployment.kubeConfig("dev").makeApiClient(ApiextensionsV1Api);
    const name = "bigpeers.ditto.live";
    const crd = await api.readCustomResourceDefinition({ name });
    await api.replaceCustomResourceDefinition({ name, body: withPattern(crd, "sharedToken", "^short$") });
    const other = "MARKER-of-another-configured-token";
    secrets.set("the refused token", other);
    await configure("cars-token", other);
    expect(await engine("up")).not.toBe(0);
    expect([...printed.values()].at(-1)).toMatch(/sharedToken: Invalid value/);
    const now = await api.readCustomResourceDefinition({ name });
    await api.replaceCustomResourceDefinition({ name, body: withPattern(now, "sharedToken", ".*") });
    await configure("cars-token", configured);
    deployment.write(topology);
    expect(await engine("up")).toBe(0);
    expect(found()).toEqual([]);
  });

  test("in the state, its history and backups, and the exported stack and its outputs", async () => {
    for (const args of [
      ["stack", "export"],
      ["stack", "output", "--json"],
      ["stack"],
      ["config"],
      ["config", "--json"],
    ]) {
      const { stdout, stderr } = await deployment.engine.run([...args, "--stack", "dev"], { quiet: true });
      printed.set(args.join(" "), stdout + stderr);
    }
    expect(printed.get("stack export")).toContain("BigPeerReplication");
    expect(found()).toEqual([]);
  });

  test("in what the commands of this project print", async () => {
    const file = deployment.topologyFile;
    await bigpeer("check", file, "--live", "--json");
    await bigpeer("status", file, "--live", "--json");
    await bigpeer("status", file, "--live", "--all");
    await bigpeer("preview", file, "--project", deployment.engine.directory, "--json");
    await bigpeer("preview", file, "--project", deployment.engine.directory, "--markdown", "--refresh");
    await bigpeer("verify", file, "--reach", "cluster-ip", "--deadline", "5");
    await bigpeer("diff", file, file, "--json");
    await bigpeer("graph", file, "--format", "svg");
    await bigpeer("rbac", file);
    expect(printed.get(`bigpeer status ${file} --live --all`)).toMatch(/BigPeer ditto\/bp1/);
    expect(found()).toEqual([]);
  });

  test("in the archive for whoever helps, of which every file is looked through", async () => {
    const output = join(deployment.directory, "support.tar.gz");
    await bigpeer("support", deployment.topologyFile, "--output", output);
    const folder = join(deployment.directory, "unpacked");
    mkdirSync(folder);
    await extract({ file: output, cwd: folder });
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.\w+$/.test(name));
    for (const name of files) printed.set(`the archive's ${name}`, readFileSync(join(folder, name), "utf8"));
    const bigPeer = files.find((name) => name.endsWith("BigPeer-bp1.yaml")) ?? "";
    expect(printed.get(`the archive's ${bigPeer}`)).toContain("sharedToken: (secret)");
    expect(files.some((name) => name.endsWith("Pulumi.dev.yaml"))).toBe(true);
    expect(found()).toEqual([]);
  });

  test("in what a program leaves behind when it crashes", async () => {
    const broken = `${readFileSync(deployment.access.kubeconfig, "utf8")}  broken: : ${clientKey}\n`;
    await configure("kubeconfig", broken);
    expect(await engine("up")).not.toBe(0);
    expect([...printed.values()].at(-1)).toMatch(/kubeconfig is not valid YAML/);
    expect(found()).toEqual([]);
  });

  test.each([
    { what: "the program", command: /(cmd|language)\/run/, dump: undefined },
    { what: "the language host", command: /pulumi-language-nodejs/, dump: /SIGABRT[\s\S]*goroutine/ },
    { what: "the engine", command: /^pulumi up/, dump: /SIGABRT[\s\S]*goroutine/ },
  ])("in what $what writes when it is aborted in the middle of an update", async ({ what, command, dump }) => {
    await configure("kubeconfig", readFileSync(deployment.access.kubeconfig, "utf8"));
    await deployment.lab.kill("dev", "operator");
    const peer = `waits-for-${what.replaceAll(" ", "-")}`;
    // Without its operator it is waited for.
    const waiting = `${peer}: { cluster: dev, version: 1.63.2, readyTimeout: 3, auth: { playground: {} } }`;
    deployment.write(topology.replace("  bp2:", `  ${waiting}\n  bp2:`));
    // As who looks for a fault of Node may have it, for all programs of a machine.
    deployment.engine.env.NODE_OPTIONS = `--report-on-signal --report-on-fatalerror --report-directory=${deployment.directory}`;
    const running = engine("up");
    await expect.poll(() => deployment.names("dev", "bigpeers"), { timeout: 30_000, interval: 20 }).toContain(peer);
    const processes = deployment.engine.processes();
    const [aborted] = processes.filter((each) => command.test(commandOf(each)));
    expect(aborted, processes.map(commandOf).join("\n")).toBeDefined();
    if (!aborted) return;
    if (what === "the program") {
      signal(aborted, "SIGUSR2");
      await expect.poll(reports, { timeout: 10_000, interval: 20 }).toHaveLength(1);
    }
    secrets.set(`the token of ${peer}`, await tokenOf(peer));
    signal(aborted, "SIGABRT");
    expect(await running).not.toBe(0);
    expect(isRunning(aborted)).toBe(false);
    for (const left of processes) await endProcess(left, 5_000);
    if (dump) expect([...printed.values()].at(-1)).toMatch(dump);
    expect(found()).toEqual([]);
  });
});

function commandOf({ pid }: ProcessIdentity): string {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
}

/** Diagnostic reports of Node that are complete. */
function reports(): string[] {
  return readdirSync(deployment.directory).filter((name) => {
    const text = /^report\..*\.json$/.test(name) ? readFileSync(`${deployment.directory}/${name}`, "utf8") : "";
    return text.trimEnd().endsWith("}");
  });
}

async function tokenOf(peer: string): Promise<string> {
  const objects = await deployment.objects("dev", "bigpeers");
  const { spec } = sharedToken.parse(objects.find(({ metadata }) => metadata?.name === peer));
  return Object.values(spec.auth.providers)[0]?.anonymous.sharedToken ?? "";
}
