import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { importCommand } from "../../../cli/commands/import.ts";
import { createCa } from "../../../lab/operator/authority.ts";
import { planText } from "../../../topology/check.ts";
import { clusterManifests, placeholders } from "../../../topology/objects/cluster-manifests.ts";
import type { Manifest } from "../../../topology/objects/manifests.ts";
import { resourceOf } from "../../../topology/plan/names.ts";

/** As `bigpeer contract` prints it: another group, other kinds, labels, fields, shapes and names. */
const contract = `operator:
  group: bigpeers.example.com
  version: v2
  kinds: { bigPeer: Peer, app: PeerApp, replication: PeerLink }
  labels: { bigPeer: example.com/peer, app: example.com/app }
  fields:
    bigPeer: { trustedCas: spec.trust.authorities, storeReplicas: spec.size }
    app: { appId: spec.identity.id }
    replication: { connections: spec.dials, queriesByCollection: spec.wants }
  shapes: { trustedCa: { secretRef: { name: "{secret}", key: "{key}" } } }
  caSecret: { name: "{peer}-authority", certificateKey: ca.pem }
  trustSecret: { certificateKey: ca.pem }
  replicationService: { name: "{replication}-link", port: 5050 }
`;
const topology = `environment: development
${contract}clusters: { dev: {} }
peers:
  bp1: { cluster: dev, version: 1.63.2, store: { replicas: 3 }, kafkaListener: true, trustSecrets: { bp2: the-other-ca } }
  bp2: { cluster: dev, version: 1.63.2, kafkaListener: true }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const { plan } = planText(topology);
const base64 = (text: string) => Buffer.from(text).toString("base64");
const folder = mkdtempSync(join(tmpdir(), "import-command-"));
const kubeconfig = join(folder, "kubeconfig");

const spec = z.object({ spec: z.record(z.string(), z.unknown()) });
function merged(object: Manifest, patch: Manifest | undefined): unknown {
  return patch ? { ...object, spec: { ...spec.parse(object).spec, ...spec.parse(patch).spec } } : object;
}

const server = createServer();
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** An API server that serves what the plan with the other contract has made, under its group and kinds alone. */
beforeAll(async () => {
  const authorities = new Map<string, string>();
  for (const peer of plan.peers.keys()) authorities.set(peer, (await createCa(peer)).certificate);
  const values = { ...placeholders, caCertificates: (peer: string) => base64(authorities.get(peer) ?? "") };
  const manifests = clusterManifests(plan, "dev", values);
  const patchOf = ({ metadata: { name } }: Manifest) =>
    manifests.find(({ role, manifest }) => role === "patch" && manifest.metadata.name === name)?.manifest;
  const objects = manifests.filter(({ role }) => role === "object").map(({ manifest }) => manifest);
  const { group, version, kinds } = plan.operator;
  const answers = new Map<string, unknown>();
  for (const kind of [kinds.bigPeer, kinds.app, kinds.replication])
    answers.set(`/apis/${group}/${version}/${resourceOf(kind)}`, {
      items: objects
        .filter((each) => each.kind === kind)
        .map((each) => merged(each, kind === kinds.bigPeer ? patchOf(each) : undefined)),
    });
  answers.set("/api/v1/services", { items: [] });
  for (const secret of objects.filter(({ kind }) => kind === "Secret"))
    answers.set(`/api/v1/namespaces/ditto/secrets/${secret.metadata.name}`, secret);
  for (const [peer, certificate] of authorities)
    answers.set(`/api/v1/namespaces/ditto/secrets/${peer}-authority`, { data: { "ca.pem": base64(certificate) } });
  server.on("request", ({ url = "" }, response) => {
    const found = answers.get(url.replace(/\?.*/, ""));
    response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? { kind: "Status", code: 404 }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const config = {
    ...{ apiVersion: "v1", kind: "Config", users: [{ name: "u", user: { token: "t" } }] },
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    contexts: [{ name: "dev", context: { cluster: "c", user: "u" } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
});

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(folder, "file-")), "contract.yaml");
  writeFileSync(file, text);
  return file;
}

async function imported(options: { contract?: string; json?: boolean; out?: string }) {
  let out = "";
  let err = "";
  const written = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const told = vi.spyOn(console, "error").mockImplementation((text) => {
    err += `${text}\n`;
  });
  onTestFinished(() => {
    written.mockRestore();
    told.mockRestore();
  });
  const code = await importCommand({ context: ["dev"], kubeconfig, ...options });
  return { code, out, err };
}

describe("bigpeer import --contract", () => {
  test("reads every field where the contract says, and the topology that it writes makes the same objects", async () => {
    const { code, out, err } = await imported({ contract: fileOf(contract) });
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(Object.keys(parse(out))[0]).toBe("operator");
    const again = planText(out).plan;
    expect(again.operator).toEqual(plan.operator);
    expect(again.peers.get("bp1")?.trusts).toEqual([{ peer: "bp2", secret: "the-other-ca" }]);
    expect(clusterManifests(again, "dev")).toEqual(clusterManifests(plan, "dev"));
  });

  test("takes a whole topology as well, and has the block of it in the JSON, too", async () => {
    const { out } = await imported({ contract: fileOf(topology), json: true });
    const { topology: found, leftOut } = JSON.parse(out);
    expect(found.operator).toEqual(parse(contract).operator);
    expect(Object.keys(found.peers)).toEqual(["bp1", "bp2"]);
    expect(leftOut).toEqual([]);
  });

  test("writes a file that needs nothing more, and never overwrites one", async () => {
    const file = fileOf(contract);
    const out = join(folder, "imported.yaml");
    const { code, err } = await imported({ contract: file, out });
    expect(code).toBe(0);
    expect(err).toContain(`next: bigpeer check ${out}`);
    expect(planText(readFileSync(out, "utf8")).plan.operator).toEqual(plan.operator);
    await expect(imported({ contract: file, out })).rejects.toThrow(/cannot be written: EEXIST/);
  });

  test("is needed: without it, the kinds of this release are asked for, and the cluster serves none of them", async () => {
    await expect(imported({})).rejects.toThrow(/BigPeer\w* objects of cluster "dev" cannot be read/);
  });

  test.each([
    ["has no `operator:`", "clusters: {}\n", /it has no `operator:`; write what `bigpeer contract --context <name>`/],
    ["has a key that is none", "operator: { grop: x }\n", /--contract \S+: operator\..*grop/],
    ["is no YAML", "operator: {\n", /--contract \S+: /],
  ])("refuses a file that %s, and says what to write", async (_, text, says) => {
    await expect(imported({ contract: fileOf(text) })).rejects.toThrow(says);
  });
});
