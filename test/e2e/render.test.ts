import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, type KubernetesObject, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { stackExports } from "../../program/stack-exports.ts";
import { Deployment } from "../support/deployment.ts";

const topology = `
environment: development
clusters:
  east: { ingress: { host: bp.east.example.com, ports: 4040-4139 } }
  west: {}
peers:
  bp1: { cluster: east, version: 1.63.2, store: { replicas: 2 } }
  bp2: { cluster: west, version: 1.63.2, auth: { webhooks: { staff: { url: https://auth.example.com/ditto } } } }
  bp3: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3] }
replications:
  blue-cars: { app: cars, from: bp1, to: bp2, dial: to, queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, between: [bp2, bp3], queries: { cars: ["color = 'red'"] } }
`;
const outputsSchema = z.object({ topology: stackExports });
type Rendered = KubernetesObject & {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  data?: unknown;
};
const named = z.object({ name: z.string(), namespace: z.string() });
const header = z.object({ apiVersion: z.string(), kind: z.string(), metadata: named });
const rendered = z.custom<Rendered>((value) => header.safeParse(value).success);
/** What decides how an object behaves: all but what Pulumi, a GitOps tool or the API server keeps there for itself. */
const meaning = z.object({
  metadata: named.extend({
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z
      .record(z.string(), z.string())
      .default({})
      .transform((all) =>
        Object.fromEntries(Object.entries(all).filter(([key]) => !/^(pulumi\.com|argocd\.|kustomize\.)/.test(key))),
      ),
  }),
  type: z.string().optional(),
  data: z.unknown().optional(),
  spec: z.unknown().optional(),
});

let deployment: Deployment;
let out: string;
let cas: string;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
  out = join(deployment.directory, "gitops");
  cas = join(deployment.directory, "cas");
  mkdirSync(cas);
});
afterAll(() => deployment?.stop());

/** Runs the command. @returns every object that it has written, by cluster and path */
function render(...flags: string[]): Map<string, Rendered> {
  const program = join(import.meta.dirname, "../../cli/bigpeer.ts");
  const args = [program, "render", deployment.topologyFile, "--out", out, ...flags];
  execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const paths = readdirSync(out, { recursive: true }).map(String).sort();
  const files = paths.filter((path) => path.endsWith(".yaml") && !path.endsWith("kustomization.yaml"));
  return new Map(files.map((path) => [path, rendered.parse(parse(readFileSync(join(out, path), "utf8")))]));
}

const api = (path: string) => KubernetesObjectApi.makeApiClient(deployment.kubeConfig(path.split("/")[0] ?? ""));

/** As Argo CD and Flux do. */
async function apply(objects: ReadonlyMap<string, Rendered>): Promise<void> {
  for (const [path, object] of objects)
    await api(path).patch(object, undefined, undefined, "gitops", false, PatchStrategy.ServerSideApply);
}

async function live(objects: ReadonlyMap<string, Rendered>): Promise<Record<string, z.infer<typeof meaning>>> {
  const entries = [...objects].map(
    async ([
      path,
      {
        apiVersion,
        kind,
        metadata: { name, namespace },
      },
    ]) => {
      const object: KubernetesObject = await api(path).read({ apiVersion, kind, metadata: { name, namespace } });
      return [path, meaning.parse(withoutNodePorts(JSON.parse(JSON.stringify(object))))] as const;
    },
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The API server draws them by lot. */
function withoutNodePorts(object: unknown): unknown {
  return JSON.parse(JSON.stringify(object, (key, value) => (key === "nodePort" ? undefined : value)));
}

const isTrust = (path: string) => path.includes("/secret-");

describe("bigpeer render on the lab", () => {
  let byUp: Record<string, z.infer<typeof meaning>>;

  test("writes exactly the objects that up has made", async () => {
    await deployment.up();
    const { topology: exported } = outputsSchema.parse(await deployment.engine.outputs("dev"));
    for (const [peer, { caCertificate }] of Object.entries(exported.peers))
      writeFileSync(join(cas, `${peer}.pem`), caCertificate);
    const objects = render("--ca", cas);
    byUp = await live(objects);
    const kinds = { bigpeers: "bigpeer", bigpeerapps: "bigpeerapp", bigpeerreplications: "bigpeerreplication" };
    for (const cluster of ["east", "west"]) {
      for (const [plural, kind] of Object.entries(kinds)) {
        const there = (await deployment.names(cluster, plural)).map((name) => `${cluster}/ditto/${kind}-${name}.yaml`);
        expect([...objects.keys()].filter((path) => path.startsWith(`${cluster}/ditto/${kind}-`))).toEqual(there);
      }
    }
    for (const [path, { data }] of objects) if (isTrust(path)) expect(byUp[path]?.data).toEqual(data);
  });

  test("applied to empty clusters by server-side apply, the files make the same, and documents flow", async () => {
    const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "destroy");
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    for (const path of [...Object.keys(byUp)].filter(isTrust)) {
      // Without the CAs the command would refuse: a folder with trust in it is one that somebody has deployed.
      rmSync(join(out, path));
    }
    await apply(render("--allow-missing-ca"));
    for (const [peer, cluster] of Object.entries({ bp1: "east", bp2: "west", bp3: "west" }))
      writeFileSync(join(cas, `${peer}.pem`), await caOf(cluster, `ditto-${peer}-ca`));
    const objects = render("--ca", cas);
    await apply(objects);
    const byFiles = await live(objects);
    const withoutTrusted = (all: typeof byFiles) =>
      Object.fromEntries(
        Object.entries(all).map(([path, each]) => [path, isTrust(path) ? { ...each, data: {} } : each]),
      );
    // Whom a Secret trusts is another CA than before, which the operator has made anew.
    expect(withoutTrusted(byFiles)).toEqual(withoutTrusted(byUp));
    for (const [path, { data }] of objects) if (isTrust(path)) expect(byFiles[path]?.data).toEqual(data);
    const { results, passed } = await deployment.verify(topology);
    expect(results.filter((result) => !result.passed)).toEqual([]);
    expect(passed).toBe(true);
  });
});

/** What the command that `render` prints would write. Waits for the operator to have made it. */
async function caOf(cluster: string, name: string): Promise<string> {
  const core = deployment.kubeConfig(cluster).makeApiClient(CoreV1Api);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const secret = await core.readNamespacedSecret({ namespace: "ditto", name }).catch(() => undefined);
    const value = secret?.data?.["tls.crt"];
    if (value !== undefined) return Buffer.from(value, "base64").toString("utf8");
    if (Date.now() > deadline) throw new Error(`Secret ${name} did not come in ${cluster}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
