import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { exposedTopology } from "../support/exposed-topology.ts";

const ways = [
  "{ ingress: { host: bp.west.example.com } }",
  "{ exposure: { address: { host: 192.0.2.7 } } }",
  "{ exposure: { loadBalancer: { externalTrafficPolicy: Local, sourceRanges: [203.0.113.0/24, '2001:db8::/32'] } } }",
  "{ exposure: { gateway: { name: tcp, namespace: infra } } }",
  "{ exposure: { nodePort: { host: node1.example.com, backend: { selector: { a: b }, targetPort: replication } } } }",
  "{ exposure: { transportServer: {} } }",
];
const policy = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal("NetworkPolicy"),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});

let directory: string;
let lab: RunningLab;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "network-policies-"));
  const cluster = { name: "west", context: "west", namespaces: ["ditto"] };
  lab = await startLab({ directory: join(directory, "lab"), clusters: [cluster] });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Without a typed client, which would leave out a field that it does not know before the API server could refuse it. */
async function created(namespace: string, body: unknown): Promise<{ code: number | undefined; object: unknown }> {
  const config = loadKubeConfig({ cluster: "west", kubeconfig: lab.kubeconfig, context: "west" });
  const options: RequestOptions = { method: "POST", headers: { "Content-Type": "application/json" } };
  await config.applyToHTTPSOptions(options);
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies?dryRun=All&fieldValidation=Strict`;
  return new Promise((done, fail) => {
    const sent = request(`${config.getCurrentCluster()?.server}${path}`, options, async (response) => {
      const chunks = await response.toArray();
      done({ code: response.statusCode, object: JSON.parse(Buffer.concat(chunks).toString("utf8")) });
    });
    sent.on("error", fail);
    sent.end(JSON.stringify(body));
  });
}

test("an API server takes the NetworkPolicies of every way of exposing, without a field that it does not know", async () => {
  for (const [index, way] of ways.entries()) {
    const file = join(directory, `${index}.yaml`);
    const folder = join(directory, `policies-${index}`);
    writeFileSync(file, exposedTopology(way));
    execFileSync(process.execPath, ["cli/bigpeer.ts", "firewall", file, "--network-policies", folder]);
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.includes("networkpolicy-"),
    );
    expect(paths.length).toBeGreaterThanOrEqual(4);
    for (const path of paths) {
      const object = policy.parse(parse(readFileSync(join(folder, path), "utf8")));
      const { code, object: stored } = await created(object.metadata.namespace, object);
      expect({ path, code, stored }).toMatchObject({ code: 201, stored: object });
    }
  }
  // It would have refused a misspelt one.
  const odd = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "odd" } };
  expect((await created("ditto", { ...odd, spec: { podSelector: {}, ingres: [] } })).code).toBe(400);
});
