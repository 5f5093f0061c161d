/** A kubeconfig's credential plugin, as a program that counts its starts, against an API server on the loopback. */
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { output } from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { certificateReader } from "../../../components/certificate-reader.ts";
import { reachCluster } from "../../../kubernetes/cluster-reach.ts";
import { loadKubeConfig } from "../../../kubernetes/kubeconfig.ts";
import { PooledKubeConfig } from "../../../kubernetes/pooled-kube-config.ts";
import { readDefinitions } from "../../../kubernetes/read-definitions.ts";
import { readObject } from "../../../kubernetes/read-object.ts";
import { readSecretKey, secretsApi } from "../../../kubernetes/secret-key.ts";
import { createAuthority } from "../../../lab/certificates.ts";
import { controllerObject } from "../../../program/read-controller.ts";
import { readLive } from "../../../status/live-objects.ts";
import { loadPlan } from "../../../topology/check.ts";
import { portForwardReach } from "../../../verify/port-forward.ts";
import { Session } from "../../../verify/session.ts";

const place = { namespace: "ditto", secret: "ditto-bp1-ca", key: "tls.crt" };
const authority = await createAuthority();
const pem = authority.certificate;
const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "ditto-bp1-ca" },
  data: { "tls.crt": base64(pem) },
};

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

let directory: string;
let servers: Server[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-plugin-"));
});
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
  rmSync(directory, { recursive: true, force: true });
});

/** A plugin that notes each start and takes a while; `$n` is how many starts there have been. */
function plugin(body: string, name = "get-token.sh"): string {
  const file = join(directory, name);
  const log = join(directory, "starts");
  writeFileSync(
    file,
    `#!/bin/sh\necho "start: $KUBERNETES_EXEC_INFO" >> '${log}'\nn=$(wc -l < '${log}')\nsleep 0.2\n${body}\n`,
  );
  chmodSync(file, 0o755);
  return file;
}
const starts = () => {
  const log = join(directory, "starts");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
};
const credential = (status: string) =>
  `echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{${status}}}"`;
const givesToken = credential('\\"token\\":\\"t$n\\"');

/** An API server that takes one token at a time, and counts who comes with it. */
async function apiServer(accepts: (token: string | undefined) => boolean = () => true) {
  const asked: (string | undefined)[] = [];
  const answer: RequestListener = ({ headers, url = "" }, response) => {
    const token = headers.authorization?.replace("Bearer ", "");
    asked.push(token);
    const taken = accepts(token);
    response.writeHead(taken ? 200 : 401, { "content-type": "application/json" });
    const list = url.includes("customresourcedefinitions")
      ? { kind: "CustomResourceDefinitionList", items: [] }
      : secret;
    const resources = [
      { name: "services", kind: "Service", namespaced: true },
      { name: "bigpeerreplications", kind: "BigPeerReplication", namespaced: true },
    ];
    response.end(JSON.stringify(taken ? { ...list, gitVersion: "v1.36.0", resources } : { kind: "Status", code: 401 }));
  };
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { asked, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function kubeconfig(url: string, command: string, exec: object = {}, cluster: object = {}): string {
  const apiVersion = "client.authentication.k8s.io/v1";
  const entry = { server: url, ...(url.startsWith("http:") ? { "insecure-skip-tls-verify": true } : {}), ...cluster };
  const file = join(directory, "kubeconfig");
  const content = {
    apiVersion: "v1",
    kind: "Config",
    clusters: ["east", "west"].map((name) => ({ name, cluster: entry })),
    users: [{ name: "aws", user: { exec: { apiVersion, command, interactiveMode: "Never", ...exec } } }],
    contexts: ["east", "west"].map((name) => ({ name, context: { cluster: name, user: "aws" } })),
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const read = (file: string, context = "east") =>
  readSecretKey(secretsApi({ kubeconfig: file, context }), place, { wait: false });
const fifty = (file: string) => Promise.all(Array.from({ length: 50 }, () => read(file)));
/** Reads fifty certificates as the program does it. */
const certificates = (file: string) => {
  const reader = certificateReader({ kubeconfig: file, context: "east" });
  return Promise.all(
    Array.from({ length: 50 }, () => new Promise((done) => reader.read(place, output(undefined)).apply(done))),
  );
};
const failures = async (file: string) =>
  (await Promise.allSettled(Array.from({ length: 50 }, () => read(file)))).map((each) =>
    each.status === "rejected" ? String(each.reason) : "",
  );

test("fifty reads of a cluster at once start the plugin once, and so does whatever else reads it", async () => {
  const { url, asked } = await apiServer();
  const file = kubeconfig(url, plugin(givesToken));
  const topology = join(directory, "topology.yaml");
  writeFileSync(
    topology,
    `environment: development
clusters: { east: {} }
peers: { bp1: { cluster: east, version: 1.63.2 }, bp2: { cluster: east, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications: { menus: { app: cars, between: [bp1, bp2], queries: { menus: "true" } } }
`,
  );
  const { plan } = loadPlan(topology);
  const session = new Session(plan, { kubeconfig: file, reach: "cluster-ip", apis: {}, managementApis: {} });
  await Promise.all([
    fifty(file),
    certificates(file),
    readDefinitions({ kubeconfig: file, context: "east" }),
    readObject({ kubeconfig: file, context: "east" }, controllerObject("Service", "ingress-nginx", "controller")),
    readLive(plan, file),
    session.live.connected("menus", "bp1"),
    loadKubeConfig({ kubeconfig: file, context: "east" }).applyToHTTPSOptions({}),
  ]);
  expect(asked.length).toBeGreaterThan(105);
  expect(new Set(asked)).toEqual(new Set(["t1"]));
  expect(starts()).toHaveLength(1);
  await fifty(file);
  expect(starts()).toHaveLength(1);
});

test("two contexts of one user share what its plugin gives", async () => {
  const { url } = await apiServer();
  const file = kubeconfig(url, plugin(givesToken));
  expect(await Promise.all([read(file, "east"), read(file, "west")])).toEqual([pem, pem]);
  expect(starts()).toHaveLength(1);
});

test("a plugin that is to be told of the cluster is started for each, and told", async () => {
  const { url } = await apiServer();
  const file = kubeconfig(url, plugin(givesToken), { provideClusterInfo: true }, { "tls-server-name": "$CONTEXT" });
  const differing = readFileSync(file, "utf8").replace("$CONTEXT", "east").replace("$CONTEXT", "west");
  writeFileSync(file, differing);
  await Promise.all([read(file, "east"), read(file, "west"), read(file, "east")]);
  const told = starts().map((text): unknown => JSON.parse(text.replace("start: ", "")));
  expect(told).toHaveLength(2);
  for (const name of ["east", "west"])
    expect(told).toContainEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: {
        interactive: false,
        cluster: { server: url, "tls-server-name": name, "insecure-skip-tls-verify": true },
      },
    });
});

test("a credential that has expired is replaced once, for all who ask then", async () => {
  const { url, asked } = await apiServer();
  const soon = new Date(Date.now() + 1_000).toISOString();
  const expires = `if [ "$n" = 1 ]; then ${credential(`\\"token\\":\\"t1\\",\\"expirationTimestamp\\":\\"${soon}\\"`)}; else ${givesToken}; fi`;
  const file = kubeconfig(url, plugin(expires));
  await fifty(file);
  expect([starts().length, new Set(asked)]).toEqual([1, new Set(["t1"])]);
  await expect.poll(() => Date.now(), { timeout: 2_000 }).toBeGreaterThan(Date.parse(soon));
  asked.length = 0;
  await fifty(file);
  expect([starts().length, new Set(asked)]).toEqual([2, new Set(["t2"])]);
});

test("a credential that the API server refuses is replaced once, and what was refused is asked again", async () => {
  let current = "t1";
  const { url } = await apiServer((token) => token === current);
  const file = kubeconfig(url, plugin(givesToken));
  await fifty(file);
  current = "t2";
  expect(new Set(await fifty(file))).toEqual(new Set([pem]));
  expect(starts()).toHaveLength(2);
  current = "t3";
  expect(new Set(await fifty(file))).toEqual(new Set([pem]));
  expect(starts()).toHaveLength(3);
  current = "t4";
  await readDefinitions({ kubeconfig: file, context: "east" });
  expect(starts()).toHaveLength(4);
  current = "t5";
  await reachCluster({ kubeconfig: file, context: "east" });
  expect(starts()).toHaveLength(5);
});

test("where the next one is refused, too, that is the answer, and the plugin is left alone", async () => {
  const { url, asked } = await apiServer(() => false);
  const file = kubeconfig(url, plugin(givesToken));
  for (const said of [...(await failures(file)), ...(await failures(file))]) expect(said).toMatch(/HTTP 401/);
  expect(starts()).toHaveLength(2);
  expect(new Set(asked)).toEqual(new Set(["t1", "t2"]));
});

test("a plugin that fails is started once for all who wait, and its words are the reason", async () => {
  const { url, asked } = await apiServer();
  const file = kubeconfig(url, plugin("echo 'Error loading SSO Token: it has expired' >&2; exit 255"));
  for (const said of await failures(file))
    expect(said).toMatch(
      /the credential plugin ".*get-token\.sh" of the kubeconfig's user "aws" ended with the exit code 255: Error loading SSO Token: it has expired/,
    );
  expect(starts()).toHaveLength(1);
  expect(asked).toEqual([]);
});

test("a plugin that is not installed is named, with what the kubeconfig says of how to get it", async () => {
  const { url } = await apiServer();
  const hint = "Install it from https://example.com/get-token";
  await expect(read(kubeconfig(url, "no-such-plugin", { installHint: hint }))).rejects.toThrow(
    `the credential plugin "no-such-plugin" of the kubeconfig's user "aws" is not installed: ${hint}`,
  );
  await expect(read(kubeconfig(url, "none-either"))).rejects.toThrow(/is not installed: install it, or put the folder/);
});

test("what a plugin prints is never shown, whatever it is", async () => {
  const { url } = await apiServer();
  for (const [name, body] of [
    ["a.sh", "echo MARKER"],
    ["b.sh", credential('\\"password\\":\\"MARKER\\"')],
  ] as const)
    for (const said of await failures(kubeconfig(url, plugin(body, name)))) {
      expect(said).toMatch(/run it by hand to see what it prints/);
      expect(said).not.toContain("MARKER");
    }
});

test("a plugin with a relative path is looked for beside the kubeconfig, as kubectl does it", async () => {
  const { url } = await apiServer();
  plugin(givesToken, "beside.sh");
  expect(await read(kubeconfig(url, "./beside.sh"))).toBe(pem);
});

test("a client certificate that is replaced is shown on the connections after it", async () => {
  const serving = await authority.issue("server", ["127.0.0.1"]);
  const clients = [await authority.issue("first", []), await authority.issue("second", [])];
  for (const [index, { certificate, key }] of clients.entries()) {
    const status = { clientCertificateData: certificate, clientKeyData: key };
    writeFileSync(join(directory, `${index + 1}.json`), JSON.stringify({ kind: "ExecCredential", status }));
  }
  let current = "first";
  const seen: string[] = [];
  const nameOf = ({ socket }: IncomingMessage) =>
    socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : "";
  const server = createTlsServer(
    { cert: serving.certificate, key: serving.key, ca: authority.certificate, requestCert: true },
    (request, response) => {
      seen.push(nameOf(request));
      response.writeHead(nameOf(request) === current ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify(secret));
    },
  ).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = kubeconfig(url, plugin(`cat '${directory}'/$n.json`), {}, { "certificate-authority-data": base64(pem) });
  expect(await read(file)).toBe(pem);
  current = "second";
  expect(await read(file)).toBe(pem);
  expect(seen).toEqual(["first", "first", "second"]);
  expect(starts()).toHaveLength(2);
});

test("a way by port-forward is opened with another credential where the first is refused", async () => {
  const upgrades: string[] = [];
  const { url, server } = await apiServer();
  server.on("upgrade", ({ headers }: IncomingMessage, socket) => {
    upgrades.push(headers.authorization ?? "");
    socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });
  const file = kubeconfig(url, plugin(givesToken));
  const config = loadKubeConfig({ kubeconfig: file, context: "east" });
  expect(config).toBeInstanceOf(PooledKubeConfig);
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response) => {
    const pod = {
      metadata: { namespace: "ditto", name: "up" },
      spec: { containers: [] },
      status: { phase: "Running" },
    };
    const service = { spec: { selector: { app: "api" }, ports: [{ port: 80, targetPort: 80 }] } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.url?.includes("/services/") ? service : { items: [pod] }));
  });
  const way = await portForwardReach(config).service({ namespace: "ditto", name: "api", port: 80 });
  const answer = await fetch(way.url);
  expect([answer.status, await answer.text()]).toEqual([502, "Unexpected server response: 401"]);
  expect(upgrades).toEqual(["Bearer t1", "Bearer t2"]);
  await way.close();
});
