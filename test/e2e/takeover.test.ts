import { execFile } from "node:child_process";
import { KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { checkReport } from "../../cli/output/check-report.ts";
import { previewReportSchema } from "../../preview/schema.ts";
import { Deployment } from "../support/deployment.ts";

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const production = `
environment: production
clusters:
  dev: {}
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { id: ${id}, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const development = production.replace("production", "development");
const adopting = production
  .replace("bp1: { ", "bp1: { adopt: true, ")
  .replace("[bp1, bp2] }", "[bp1, bp2], adopt: [bp1] }")
  .replace("between:", "adopt: true, between:");

const planted = "a-value-that-somebody-keeps-in-a-secret";
const byHand = { namespace: "ditto" };
/** As somebody makes them by `kubectl create -f`. */
const handMade = [
  {
    ...{ apiVersion: "ditto.live/v1alpha1", kind: "BigPeer", metadata: { ...byHand, name: "bp1" } },
    spec: { version: "1.60.0", network: { kafka: { externalListener: { enabled: false } } } },
  },
  {
    ...{ apiVersion: "ditto.live/v1alpha1", kind: "BigPeerApp" },
    metadata: { ...byHand, name: "cars-bp1", labels: { "ditto.live/big-peer": "bp1" } },
    spec: { appId: id },
  },
  {
    ...{ apiVersion: "ditto.live/v1alpha1", kind: "BigPeerReplication" },
    metadata: {
      ...{ ...byHand, name: "blue-cars-bp1" },
      labels: { "ditto.live/big-peer": "bp1", "ditto.live/app": "cars-bp1" },
    },
    spec: { connections: [], queriesByCollection: { cars: ["color = 'red'"] } },
  },
  {
    ...{ apiVersion: "v1", kind: "Secret", metadata: { ...byHand, name: "bp1-trusts-bp2" }, type: "Opaque" },
    data: { "tls.crt": Buffer.from(planted).toString("base64") },
  },
];
const identity = z.object({ metadata: z.object({ uid: z.string(), generation: z.number().optional() }) });

let deployment: Deployment;
let api: KubernetesObjectApi;
let before: string[];
beforeAll(async () => {
  deployment = await Deployment.start(development);
  api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig("dev"));
  for (const object of handMade) await api.create(object, undefined, undefined, "kubectl-create");
  before = await uids();
});
afterAll(() => deployment?.stop());

const uids = () => Promise.all(handMade.map(async (each) => identity.parse(await api.read(each)).metadata.uid));
const preview = async () => {
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "preview");
  return { exitCode, said: stdout + stderr };
};

function bigpeer(...args: string[]): Promise<{ code: number | null; out: string }> {
  return new Promise((done) => {
    const env = { ...deployment.engine.env, NO_COLOR: "1" };
    const child = execFile(process.execPath, ["cli/bigpeer.ts", ...args], { env }, (_error, out, err) => {
      if (out === "") throw new Error(err);
      done({ code: child.exitCode, out });
    });
  });
}
/** `<severity> <rule> <path>` of what `check --live` says of objects that exist already. */
async function checkLive() {
  const kubeconfig = deployment.access.kubeconfig;
  const { out } = await bigpeer("check", deployment.topologyFile, "--live", "--json", "--kubeconfig", kubeconfig);
  const [file] = checkReport.parse(JSON.parse(out)).files;
  return (file?.findings ?? [])
    .filter(({ rule }) => ["taken-over", "not-adopted", "adopted", "existing-unread"].includes(rule))
    .map(({ severity, rule, path }) => `${severity} ${rule} ${path}`)
    .sort();
}
const paths = ["apps.cars", "peers.bp1", "peers.bp1", "replications.blue-cars"];

test("pulumi preview names what somebody else has made, who, and each field that would change; no value of a Secret", async () => {
  const { exitCode, said } = await preview();
  expect(exitCode, said).toBe(0);
  expect(said).toMatch(
    /warning taken-over {2}peers\.bp1: BigPeer ditto\/bp1 in cluster "dev" exists already, made by kubectl-create.* at \d{4}-.*spec\.version 1\.60\.0 -> 1\.63\.2/,
  );
  expect(said).toMatch(/taken-over {2}apps\.cars: BigPeerApp ditto\/cars-bp1 .* change nothing in it/);
  expect(said).toMatch(
    /BigPeerReplication ditto\/blue-cars-bp1 .*spec\.queriesByCollection\.cars \["color = 'red'"\] -> \["color = 'blue'"\]/,
  );
  expect(said).toMatch(/Secret ditto\/bp1-trusts-bp2 .*the CA certificate of bp2/);
  expect(said).not.toContain(planted);
  expect(said).not.toContain(Buffer.from(planted).toString("base64"));
  // What nobody has made yet is not taken over.
  expect(said).not.toMatch(/ditto\/(bp2|cars-bp2|blue-cars-bp2|bp2-trusts-bp1) in cluster/);
});

test("check --live and bigpeer preview say the same", async () => {
  expect(await checkLive()).toEqual(paths.map((path) => `warning taken-over ${path}`));
  const { out } = await bigpeer("preview", deployment.topologyFile, "--project", deployment.engine.directory, "--json");
  const { stacks, summary } = previewReportSchema.parse(JSON.parse(out));
  expect(stacks[0]?.takenOver).toHaveLength(4);
  expect(stacks[0]?.takenOver?.join("\n")).toContain("spec.version 1.60.0 -> 1.63.2");
  expect(summary).toContain("4 taken over from somebody else");
});

test("in production preview and up refuse it, and nothing is written", async () => {
  deployment.write(production);
  const refused = await preview();
  expect(refused.exitCode).not.toBe(0);
  expect(refused.said).toMatch(/error not-adopted {2}peers\.bp1: BigPeer ditto\/bp1/);
  expect(refused.said).toContain("write `adopt: true` in peers.bp1");
  const { exitCode, stdout } = await deployment.engine.stack("dev", "up", ["--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(stdout).toContain("nothing was written");
  expect(await checkLive()).toEqual(paths.map((path) => `error not-adopted ${path}`));
  expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1"]);
  expect(await deployment.objects("dev", "bigpeers")).toMatchObject([{ spec: { version: "1.60.0" } }]);
});

test("with `adopt` in the file, up takes the same objects over", async () => {
  deployment.write(adopting);
  const said = await deployment.up();
  expect(said).toMatch(/warning taken-over {2}peers\.bp1\.adopt: .*as the file says/);
  expect(said).not.toContain("not-adopted");
  expect(await uids()).toEqual(before);
  const [bp1] = await deployment.objects("dev", "bigpeers");
  expect(bp1).toMatchObject({ metadata: { name: "bp1" }, spec: { version: "1.63.2" } });
  expect((await deployment.verify(adopting)).passed).toBe(true);
});

test("a second up changes nothing, and says that the key is no longer needed", async () => {
  const said = await deployment.up();
  expect(said).toMatch(/Resources:\s+\d+ unchanged/);
  expect(said).toMatch(/note adopted {2}peers\.bp1\.adopt:/);
  expect(said).not.toContain("taken-over");
  expect(await checkLive()).toEqual([
    "note adopted apps.cars.adopt",
    "note adopted peers.bp1.adopt",
    "note adopted replications.blue-cars.adopt",
  ]);
  deployment.write(production);
  expect(await deployment.changes()).toEqual([]);
});
