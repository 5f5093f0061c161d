/** One table of what keeps a cluster from being asked, and one expectation for every command that asks one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ComponentResource, log, runtime } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createCa } from "../../../lab/operator/authority.ts";
import { certManagerStandIn } from "../../../lab/operator/cert-manager.ts";
import { crds } from "../../../lab/operator/crds.ts";
import { cacheFolder } from "../../../program/cache-folder.ts";
import { defaultOperator } from "../../../topology/operator/contract.ts";
import { type PulumiStandIn, pulumiStandIn } from "../../support/pulumi-stand-in.ts";

const withMocks = () =>
  runtime.setMocks(
    { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
    "p",
    "dev",
    false,
    "organization",
  );
await withMocks();
const { givenConfiguration } = await import("../../../program/configuration.ts");
const { deploy } = await import("../../../program/deploy.ts");

let directory: string;
let path: string;
/** The engine of `deploy` and `preview`, and the project that it runs. */
let engine: PulumiStandIn;
let project: string;
const servers: (Server | NetServer)[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-faults-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  project = join(directory, "project");
  mkdirSync(project);
  writeFileSync(join(project, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  writeFileSync(join(project, "Pulumi.dev.yaml"), "config:\n  bigpeer:topology: topology.yaml\n");
  engine = pulumiStandIn(project);
  const topology = `clusters: { dev: { context: dev-context } }
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications:
  copy: { app: cars, from: bp1, to: bp2, queries: { cars: "true" } }
`;
  for (const folder of [directory, project]) writeFileSync(join(folder, "topology.yaml"), topology);
  // A stack without resources: what is asked about is the cluster.
  const pulumi = pulumiStandIn(directory);
  pulumi.says({ stdout: JSON.stringify({ version: 3, deployment: { resources: [] } }) });
  path = pulumi.path;
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true, force: true });
});

async function portOf(server: Server | NetServer): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((done) => server.close(done));
  return port;
}

/** An API server that answers each request by its path. */
async function apiServer(answer: (path: string) => { code: number; body?: unknown }): Promise<string> {
  const server = createHttpServer((request, response) => {
    const { code, body = {} } = answer(request.url ?? "");
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return `http://127.0.0.1:${await portOf(server)}`;
}

/** @returns the path of a kubeconfig */
function kubeconfig(
  server: string,
  { context = "dev-context", proxy }: { context?: string; proxy?: string } = {},
): string {
  const folder = mkdtempSync(join(directory, "kubeconfig-"));
  const file = join(folder, "config");
  const cluster = { server, "insecure-skip-tls-verify": true, ...(proxy === undefined ? {} : { "proxy-url": proxy }) };
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
    }),
  );
  return file;
}

/** Each fault: how it comes about, and the words that every command has for it. */
const faults: Readonly<Record<string, { readonly make: () => Promise<string>; readonly says: RegExp }>> = {
  "an API server that is down": {
    make: async () => kubeconfig(`http://127.0.0.1:${await closedPort()}`),
    says: /nothing listens at its address \(.*ECONNREFUSED.*\) \(context "dev-context", http:\/\/127\.0\.0\.1:\d+\)[\s\S]*check that the API server runs .*\(docs\/runbook\/cluster-unreachable\.md\)/,
  },
  "a token that has expired": {
    make: async () => kubeconfig(await apiServer(() => ({ code: 401, body: { kind: "Status", code: 401 } }))),
    says: /it does not accept the kubeconfig's user \(HTTP 401\) \(context "dev-context", http:.*\)[\s\S]*sign in again.*\(docs\/runbook\/credential-refused\.md\)/,
  },
  "a context that is not in the kubeconfig": {
    make: async () => kubeconfig("http://127.0.0.1:1", { context: "other" }),
    says: /the kubeconfig has no context "dev-context"; it has: other[ ;][\s\S]*set `context` of the cluster[\s\S]*docs\/runbook\/cluster-unreachable\.md/,
  },
  "a proxy that refuses": {
    make: async () => {
      const proxy = createHttpServer();
      proxy.on("connect", (_, socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
      return kubeconfig("https://127.0.0.1:6443", { proxy: `http://127.0.0.1:${await portOf(proxy)}` });
    },
    says: /the proxy refuses the connection \(.*407.*\) \(context "dev-context", https:.*\)[\s\S]*correct `proxy-url`.*\(docs\/runbook\/cluster-unreachable\.md\)/,
  },
  "a name without an address": {
    make: async () => kubeconfig("https://no-such-host.invalid:6443"),
    says: /the name of its server cannot be resolved \(.*no-such-host\.invalid.*\) \(context "dev-context", https:\/\/no-such-host\.invalid:6443\)[\s\S]*check `server` .*\(docs\/runbook\/cluster-unreachable\.md\)/,
  },
};

/** Every command that asks a cluster itself. `check` has a layout of its own, and only warns of a cluster that it cannot ask. */
const commands: Readonly<Record<string, readonly string[]>> = {
  "check --live": ["check", "topology.yaml", "--live"],
  contract: ["contract", "topology.yaml"],
  import: ["import", "--context", "dev=dev-context"],
  "migrate --compare": ["migrate", "bp1", "bp2", "topology.yaml", "--compare"],
  "render --fetch-cas": ["render", "topology.yaml", "--out", "out", "--fetch-cas", "cas"],
  "status --live": ["status", "topology.yaml", "--live"],
  verify: ["verify", "topology.yaml", "--deadline", "1"],
};

/** The commands that have the engine run the program, which asks the cluster. */
const engineCommands: Readonly<Record<string, readonly string[]>> = {
  deploy: ["deploy", "topology.yaml", "--project", "."],
  "deploy --preview": ["deploy", "topology.yaml", "--project", ".", "--preview"],
  preview: ["preview", "topology.yaml", "--project", "."],
};

/** Runs the program of a stack on a kubeconfig. @returns the message with which it ends, as the engine reports it */
async function programEnds(config: string): Promise<string> {
  const file = join(project, "topology.yaml");
  const configuration = () => givenConfiguration({ name: "dev", topology: { file }, kubeconfig: config });
  const component = { name: "dev", resource: new ComponentResource("test:index:Topology", "dev") };
  return deploy(configuration, async () => ({}), component).then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

function bigpeer(
  args: readonly string[],
  config: string,
  { cwd = directory, PATH = path } = {},
): Promise<{ code: number | null; text: string }> {
  const env = { PATH, HOME: directory, NO_COLOR: "1", BIGPEER_CACHE: cacheFolder(), KUBECONFIG: config };
  const child = spawn(process.execPath, [resolve("cli/bigpeer.js"), ...args], { cwd, env });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, text })));
}

describe.each(Object.entries(faults))("with %s", (_, { make, says }) => {
  let config: string;
  beforeAll(async () => {
    mkdirSync(join(directory, "cas"), { recursive: true });
    config = await make();
  });

  test.each(Object.entries(commands))(
    "bigpeer %s says which cluster, context and address, what failed, and what to do",
    async (_, args) => {
      const { code, text } = await bigpeer(args, config);
      expect(text).toMatch(says);
      expect(text).toMatch(/cluster "dev"|"dev-context"/);
      expect(text).not.toMatch(/fetch failed|error serializing|run pulumi up|^ +at .*:\d+/m);
      if (!(args[0] === "check" && code === 0)) expect(code).toBeGreaterThan(0);
    },
    60_000,
  );

  test.each(Object.entries(engineCommands))(
    "bigpeer %s says the same, in the words with which the program of the stack ends",
    async (_, args) => {
      const message = await programEnds(config);
      const event = { sequence: 1, timestamp: 1, diagnosticEvent: { severity: "error", message, color: "never" } };
      engine.says({ events: [event], stderr: "error: update failed\n", code: 255 });
      const { code, text } = await bigpeer(args, config, { cwd: project, PATH: engine.path });
      expect(text).toMatch(says);
      expect(text).toContain('cluster "dev" cannot be reached');
      expect(text).not.toMatch(/fetch failed|error serializing|run pulumi up|^ +at .*:\d+/m);
      expect(code).toBe(1);
    },
    60_000,
  );
});

describe("with an operator that has no pod", () => {
  const deployment = {
    metadata: { name: "ditto-operator" },
    spec: { replicas: 1, selector: { matchLabels: { app: "operator" } } },
    status: { observedGeneration: 1, replicas: 1, unavailableReplicas: 1 },
  };
  const app = { spec: { appId: "2164bef3-37c0-489c-9ac6-c94b034525d7" } };
  const service = { spec: { clusterIP: "10.0.0.1", selector: { app: "api" }, ports: [{ port: 80 }] } };
  const pod = {
    metadata: { name: "api-0", namespace: "ditto" },
    status: { phase: "Running" },
    spec: { containers: [] },
  };
  const kinds = ["BigPeer", "BigPeerApp", "BigPeerReplication"];
  const served = kinds.map((kind) => ({ name: `${kind.toLowerCase()}s`, kind, namespaced: true }));
  const definitions = [...crds(defaultOperator), certManagerStandIn];
  let ca: string;
  beforeAll(async () => {
    ca = Buffer.from((await createCa("ca")).certificate).toString("base64");
  });
  const installed = (url: string): { code: number; body?: unknown } => {
    if (url.includes("/secrets/")) return { code: 200, body: { data: { "ca.crt": ca, "tls.crt": ca } } };
    if (url.startsWith("/version")) return { code: 200, body: { gitVersion: "v1.36.3" } };
    if (url.includes("/customresourcedefinitions")) return { code: 200, body: { items: definitions } };
    if (url.endsWith("/ditto.live/v1alpha1")) return { code: 200, body: { resources: served } };
    return { code: 404, body: { kind: "Status", code: 404 } };
  };
  const answer = (url: string): { code: number; body?: unknown } => {
    if (url.includes("/deployments/")) return { code: 200, body: deployment };
    if (url.includes("/bigpeerapps/")) return { code: 200, body: app };
    if (url.includes("/services/")) return { code: 200, body: service };
    if (url.includes("/pods")) return { code: 200, body: { items: url.includes("operator") ? [] : [pod] } };
    return installed(url);
  };

  test.each([["verify"], ["migrate --compare"]])(
    "bigpeer %s says so, with the command that looks",
    async (name) => {
      const config = kubeconfig(await apiServer(answer));
      const { code, text } = await bigpeer(commands[name] ?? [], config);
      expect(text).toMatch(
        /Deployment \S+\/ditto-operator has no running pod \(0 in all\); look at them with kubectl --context dev-context -n \S+ get pods -l app=operator \(docs\/runbook\/operator-missing\.md\)/,
      );
      expect(code).not.toBe(0);
    },
    60_000,
  );

  const without = (live: { code: number; body?: unknown }) => (url: string) =>
    url.includes("/deployments/ditto-operator") ? live : installed(url);
  const scaled = { ...deployment, spec: { ...deployment.spec, replicas: 0 }, status: { observedGeneration: 2 } };
  const missing: Readonly<Record<string, { readonly says: string; readonly live: { code: number; body?: unknown } }>> =
    {
      "a Deployment without a ready pod": {
        live: { code: 200, body: deployment },
        says: 'Deployment ditto/ditto-operator of cluster "dev" has no ready pod (0 of 1), so the operator does not run|look at its pods: kubectl --context dev-context -n ditto get pods -l app=operator (docs/runbook/operator-missing.md)',
      },
      "a Deployment that is scaled to 0": {
        live: { code: 200, body: scaled },
        says: 'Deployment ditto/ditto-operator of cluster "dev" is scaled to 0, so the operator does not run|scale it up: kubectl --context dev-context -n ditto scale deployment ditto-operator --replicas 1 (docs/runbook/operator-missing.md)',
      },
      "no Deployment": {
        live: { code: 404, body: { kind: "Status", code: 404 } },
        says: 'cluster "dev" has no Deployment ditto/ditto-operator, in which the operator runs|install the operator there, or correct `operator.managementApi` (docs/runbook/operator-missing.md)',
      },
    };

  /** Runs the program of a stack until it has looked at its clusters. @returns the messages of the warnings that it prints */
  async function programWarns(config: string): Promise<string[]> {
    const warnings: string[] = [];
    const warn = vi.spyOn(log, "warn").mockImplementation(async (message) => {
      warnings.push(message);
    });
    const message = await programEnds(config);
    warn.mockRestore();
    // What is registered is still being read from the cluster, which goes with the test.
    await runtime.disconnect();
    await withMocks();
    expect(message).toBe("");
    return warnings;
  }

  describe.each(Object.entries(missing))("with %s", (_, { live, says }) => {
    test("check --live warns, and does not fail for it", async () => {
      const config = kubeconfig(await apiServer(without(live)));
      const { code, text } = await bigpeer(commands["check --live"] ?? [], config);
      for (const said of says.split("|")) expect(text).toContain(said);
      expect(text).toContain("warning operator-not-running");
      expect(code).toBe(0);
    }, 60_000);

    test.each(Object.entries(engineCommands))(
      "bigpeer %s warns in the same words, and does not fail for it",
      async (_, args) => {
        const warnings = await programWarns(kubeconfig(await apiServer(without(live))));
        const events = warnings.map((message, sequence) => ({
          ...{ sequence, timestamp: 1 },
          diagnosticEvent: { severity: "warning", message, color: "never" },
        }));
        engine.says({ events, stdout: "{}" });
        const { code, text } = await bigpeer(args, "/dev/null", { cwd: project, PATH: engine.path });
        for (const said of says.split("|")) expect(text).toContain(said);
        expect(code).toBe(0);
      },
      60_000,
    );
  });

  test("nothing is said where the Deployment may not be read, or Kubernetes has not counted its pods yet", async () => {
    const { status: _, ...uncounted } = deployment;
    for (const live of [
      { code: 403, body: { kind: "Status", code: 403 } },
      { code: 200, body: uncounted },
    ]) {
      const warnings = await programWarns(kubeconfig(await apiServer(without(live))));
      expect(warnings.filter((each) => each.includes("operator-not-running"))).toEqual([]);
    }
  });
});
