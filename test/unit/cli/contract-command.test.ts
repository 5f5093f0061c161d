import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { crds } from "../../../lab/operator/crds.ts";
import { operatorSchema } from "../../../topology/operator/contract.ts";

const program = join(import.meta.dirname, "../../../cli/bigpeer.js");
const contract = operatorSchema.parse({
  fields: { bigPeer: { trustedCas: "spec.network.trust.authorities" } },
  shapes: { trustedCa: "{secret}" },
  caSecret: { name: "{peer}-root-ca" },
});
const topology = `# One site.
environment: development
clusters:
  east: { context: gke-east } # in Frankfurt
peers:
  bp1: { cluster: east, version: 1.63.2 }
`;

interface Asked {
  readonly path: string;
  readonly accept: string;
}

let directory: string;
let server: Server;
let asked: Asked[];
/** Path -> status that is answered in place of what is there. */
let refused: Record<string, number>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-contract-"));
  asked = [];
  refused = {};
  server = createServer(({ url = "", headers }, response) => {
    const path = url.split("?")[0] ?? "";
    asked.push({ path, accept: String(headers.accept) });
    const status = refused[path] ?? (path in answers ? 200 : 404);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(status === 200 ? answers[path] : { kind: "Status", code: status }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    join(directory, "kubeconfig"),
    JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config" },
      clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "gke-east", context: { cluster: "c", user: "u" } }],
    }),
  );
  writeFileSync(join(directory, "topology.yaml"), topology);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

const ownerReferences = [{ apiVersion: "ditto.live/v1alpha1", kind: "BigPeer", name: "bp1", uid: "1" }];
const certManager = (kind: string) => ({
  metadata: { name: `${kind}s.cert-manager.io` },
  spec: {
    group: "cert-manager.io",
    names: { kind },
    scope: "Namespaced",
    versions: [{ name: "v1", served: true, storage: true }],
  },
});
const metadata = { name: "bp1-root-ca", namespace: "ditto", ownerReferences };
/** What a cluster answers by path; of Secrets what it answers to whoever asks for the metadata. */
const answers: Record<string, unknown> = {
  "/version": { major: "1", minor: "36", gitVersion: "v1.36.3" },
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": {
    items: [...crds(contract), certManager("certificate"), certManager("issuer")],
  },
  "/apis/ditto.live/v1alpha1/bigpeers": {
    items: [
      {
        metadata: { name: "bp1", namespace: "ditto" },
        spec: { auth: { providers: { p: { anonymous: { sharedToken: "S3CRET" } } } } },
      },
    ],
  },
  "/apis/cert-manager.io/v1/namespaces/ditto/certificates": {
    items: [{ metadata, spec: { secretName: "bp1-root-ca", isCA: true, issuerRef: { name: "self-signed" } } }],
  },
  "/apis/cert-manager.io/v1/namespaces/ditto/issuers": {
    items: [{ metadata: { name: "self-signed" }, spec: { selfSigned: {} } }],
  },
  "/api/v1/namespaces/ditto/secrets": {
    items: [
      {
        metadata: {
          ...metadata,
          managedFields: [
            { manager: "cert-manager", fieldsV1: { "f:data": { ".": {}, "f:tls.crt": {}, "f:tls.key": {} } } },
          ],
        },
      },
    ],
  },
};

function contractCommand(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { FORCE_COLOR: _, KUBECONFIG: __, ...inherited } = process.env;
  const all = [program, "contract", ...args, "--kubeconfig", join(directory, "kubeconfig")];
  return new Promise((done) => {
    const options = { cwd: directory, env: { ...inherited, NO_COLOR: "1" } };
    const child = execFile(process.execPath, all, options, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

test("prints what was found where, how sure it is, and the block that fits; and asks for no Secret's data", async () => {
  const { code, out } = await contractCommand("topology.yaml", "--context", "gke-east");
  expect(out).toMatch(
    /fields\.bigPeer\.trustedCas {2}spec\.network\.trust\.authorities {2}likely, instead of spec\.auth/,
  );
  expect(out).toMatch(/caSecret\.name {2}\{peer\}-root-ca {2}certain/);
  expect(out).toContain("Certificate bp1-root-ca is a CA (isCA) and is kept in Secret bp1-root-ca");
  expect(out).toContain(`operator:
  fields:
    bigPeer:
      trustedCas: spec.network.trust.authorities
  shapes:
    trustedCa: "{secret}"
  caSecret:
    name: "{peer}-root-ca"
`);
  expect(code).toBe(1);
  expect(out).not.toContain("S3CRET");
  const secrets = asked.filter(({ path }) => path.includes("/secrets"));
  expect(secrets).toHaveLength(1);
  for (const { accept } of secrets) expect(accept).toMatch(/^application\/json;as=PartialObjectMetadataList;/);
  expect(readFileSync(join(directory, "topology.yaml"), "utf8")).toBe(topology);
});

test("writes it into the topology with --write, and then has nothing to say", async () => {
  expect((await contractCommand("topology.yaml", "--write")).code).toBe(0);
  const written = readFileSync(join(directory, "topology.yaml"), "utf8");
  expect(written.startsWith(topology)).toBe(true);
  const { code, out } = await contractCommand("topology.yaml");
  expect(out).toContain("nothing that is certain differs from the contract");
  expect(code).toBe(0);
});

test("gives JSON, which holds nothing of a Big Peer but its name", async () => {
  const { out } = await contractCommand("topology.yaml", "--json");
  const report = JSON.parse(out);
  expect(report).toMatchObject({
    version: 1,
    peer: { namespace: "ditto", name: "bp1" },
    operator: { caSecret: { name: "{peer}-root-ca" } },
    written: false,
  });
  expect(out).not.toContain("S3CRET");
});

test("goes without a topology file, and without the right to list Secrets", async () => {
  rmSync(join(directory, "topology.yaml"));
  refused = { "/api/v1/namespaces/ditto/secrets": 403 };
  const { out } = await contractCommand("--context", "gke-east");
  expect(out).toContain("no Secrets (there are none, or listing them is not allowed)");
  expect(out).toMatch(/caSecret\.name {2}\{peer\}-root-ca {2}certain/);
});

test("looks in the topology's namespaces, where the Big Peers of the whole cluster may not be listed", async () => {
  refused = { "/apis/ditto.live/v1alpha1/bigpeers": 403 };
  const { out } = await contractCommand("topology.yaml");
  expect(asked.map(({ path }) => path)).toContain("/apis/ditto.live/v1alpha1/namespaces/ditto/bigpeers");
  expect(out).toMatch(/caSecret\.name {2}unknown/);
});

test.each([
  [["topology.yaml", "--cluster", "eats"], /--cluster eats: there is no such cluster; did you mean "east"/],
  [["topology.yaml", "--peer", "bp2"], /--peer bp2: the cluster does not have this Big Peer; .*bp1/],
  [["topology.yaml", "--context", "gke-west"], /has no context "gke-west"; it has: gke-east/],
  [["missing.yaml"], /there is no topology file missing\.yaml/],
  [["--write", "--context", "gke-east"], /--write needs a topology file, and there is none yet/],
])("says what is wrong with %j", async (args, message) => {
  const { code, err } = await contractCommand(...args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});

test("says why a cluster cannot be read", async () => {
  refused = { "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": 403 };
  const { code, err } = await contractCommand("topology.yaml");
  expect(err).toContain(
    'cannot be read: the kubeconfig\'s user may not list customresourcedefinitions (HTTP 403) (context "gke-east", ',
  );
  expect(code).toBe(2);
});
