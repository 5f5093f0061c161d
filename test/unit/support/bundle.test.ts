import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { writeArchive } from "../../../support/archive.ts";
import { collectBundle } from "../../../support/collect.ts";
import { lastBytes } from "../../../support/pod-logs.ts";
import { checkSource } from "../../../topology/check.ts";
import { parseSource } from "../../../topology/file/source.ts";

const token = "Zq7-the-shared-token";
const topology = `environment: development
clusters:
  east: { ingress: { host: bp.east.example.com } }
  west: { ingress: { host: bp.west.example.com } }
peers:
  # bigpeer-ignore plain-secret: a trial
  bp1: { cluster: east, version: 1.63.2, spec: { sink: { password: MARKER-of-the-topology } } }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const bigPeer = {
  metadata: { name: "bp1", namespace: "ditto" },
  spec: { auth: { providers: { __playgroundProvider: { anonymous: { sharedToken: token } } } } },
  status: { conditions: [{ type: "Ready", status: "False", message: `no client with ${token}` }] },
};
const pod = {
  metadata: { name: "ditto-operator-1", namespace: "ditto" },
  spec: { containers: [{ name: "operator" }] },
  status: { containerStatuses: [{ name: "operator", restartCount: 2 }] },
};

/** What the API server of east answers; what is not here is forbidden. */
const answers: Readonly<Record<string, unknown>> = {
  "/api/v1/namespaces/kube-system": { metadata: { name: "kube-system", uid: "the-uid-of-east" } },
  "/version": { gitVersion: "v1.35.0" },
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": {
    items: [
      {
        metadata: { name: "bigpeers.ditto.live" },
        spec: {
          group: "ditto.live",
          names: { kind: "BigPeer" },
          versions: [{ name: "v1alpha1", served: true, schema: {} }],
        },
      },
    ],
  },
  "/apis/ditto.live/v1alpha1/bigpeers": { items: [bigPeer] },
  "/apis/ditto.live/v1alpha1/bigpeerapps": { items: [] },
  "/apis/ditto.live/v1alpha1/bigpeerreplications": { items: [] },
  "/apis/apps/v1": {
    resources: [{ name: "deployments", kind: "Deployment", namespaced: true, verbs: ["get"], singularName: "" }],
  },
  "/apis/apps/v1/namespaces/ditto/deployments/ditto-operator": {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "ditto-operator", namespace: "ditto" },
    spec: { selector: { matchLabels: { app: "ditto-operator" } } },
  },
  "/api/v1/namespaces/ditto/pods?labelSelector=app=ditto-operator": { items: [pod] },
  "/api/v1/namespaces/ditto/pods?labelSelector=ditto.live/big-peer": { items: [] },
};
const logs: Readonly<Record<string, string>> = {
  false: `refused a client with ${token}\nAuthorization: Bearer eyJhbGciOi.eyJzdWIi.c2lnbg\n`,
  true: "panic: out of memory\n",
};

let server: Server | undefined;
afterEach(() => server?.close());

/** A kubeconfig in which east answers and nothing listens at west's address. */
async function kubeconfig(): Promise<{ text: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://east");
    const labels = searchParams.get("labelSelector");
    asked.push(pathname);
    const log = pathname.endsWith("/log") ? logs[searchParams.get("previous") ?? "false"] : undefined;
    const answer = answers[labels === null ? pathname : `${pathname}?labelSelector=${labels}`];
    const found = log ?? (answer === undefined ? undefined : JSON.stringify(answer));
    response.writeHead(found === undefined ? 403 : 200, { "content-type": log ? "text/plain" : "application/json" });
    response.end(found ?? JSON.stringify({ kind: "Status", code: 403 }));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const unused = createServer();
  await new Promise<void>((resolve) => unused.listen(0, "127.0.0.1", resolve));
  const { port: closed } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  const cluster = (name: string, at: number) => ({
    name,
    cluster: { server: `http://127.0.0.1:${at}`, "insecure-skip-tls-verify": true },
  });
  const text = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [cluster("east", port), cluster("west", closed)],
    users: [{ name: "u", user: { token: "MARKER-of-the-kubeconfig" } }],
    contexts: ["east", "west"].map((name) => ({ name, context: { cluster: name, user: "u" } })),
  });
  return { text, asked };
}

async function collected() {
  const { text: config, asked } = await kubeconfig();
  const folder = mkdtempSync(join(tmpdir(), "project-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source = parseSource("topology.yaml", topology);
  const { files, missing } = await collectBundle({
    ...{ source, checked: checkSource(source), project: folder, stacks: [], kubeconfig: config },
    ...{ clusters: () => true, limits: { lines: 100, bytes: 10_000 }, secrets: ["MARKER-of-the-kubeconfig"] },
    ...{ version: "0.1.0", now: new Date("2026-11-26T21:45:00Z") },
  });
  return { files: new Map(files.map(({ path, text }) => [path, text])), missing, asked };
}

test("a bundle has the operator's logs, also of the run before, the live objects, and what could not be read of which cluster", async () => {
  const { files, missing, asked } = await collected();
  expect(files.get("clusters/east/logs/ditto/ditto-operator-1/operator.log")).toMatch(
    /^refused a client with \(secret\)/,
  );
  expect(files.get("clusters/east/logs/ditto/ditto-operator-1/operator.previous.log")).toBe("panic: out of memory\n");
  expect(files.get("clusters/east/cluster.yaml")).toMatch(/kubernetes: v1\.35\.0\nidentity: the-uid-of-east/);
  expect(files.get("clusters/east/objects/ditto/BigPeer-bp1.yaml")).toContain("message: no client with (secret)");
  const reasons = (cluster: string) => missing.flatMap((each) => (each.cluster === cluster ? [each.reason] : []));
  expect(reasons("west")).toEqual([
    expect.stringMatching(/^nothing of this cluster was read, since it cannot be reached: .*ECONNREFUSED/),
  ]);
  expect(reasons("east").join("\n")).toMatch(
    /the events of namespace ditto .* may not list events in namespace ditto \(HTTP 403\)/,
  );
  expect(files.get("README.md")).toMatch(/## What could not be read[\s\S]*- west: nothing of this cluster was read/);
  expect(asked.filter((path) => /\/secrets\b/.test(path))).toEqual([]);
});

test("no file of a bundle has a secret: of the topology, of an object, of a log, of a kubeconfig", async () => {
  const { files } = await collected();
  for (const secret of [token, "MARKER-of-the-topology", "MARKER-of-the-kubeconfig", "eyJhbGciOi"])
    expect([...files].flatMap(([path, text]) => (text.includes(secret) ? [path] : []))).toEqual([]);
  expect(files.get("topology/topology.yaml")).toContain("password: (secret)");
  expect(files.get("topology/topology.yaml")).toContain("cars: [\"color = 'blue'\"]");
});

test("a long log is cut at its beginning, between two lines, and says so", () => {
  expect(lastBytes("one\ntwo\nthree\n", 9)).toBe("(the first 8 bytes were left out)\nthree\n");
  expect(lastBytes("one\n", 9)).toBe("one\n");
});

test("an archive is for its owner alone, and unpacks to one folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "bundle.tar.gz");
  await writeArchive(file, "bundle", [
    { path: "README.md", text: "# Support bundle\n" },
    { path: "clusters/east/cluster.yaml", text: "a: 1\n" },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await extract({ file, cwd: folder });
  expect(readFileSync(join(folder, "bundle/clusters/east/cluster.yaml"), "utf8")).toBe("a: 1\n");
  expect(readFileSync(join(folder, "bundle/README.md"), "utf8")).toBe("# Support bundle\n");
});
