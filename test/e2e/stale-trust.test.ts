import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueLeaf } from "../../lab/operator/authority.ts";
import { renewLeafAnnotation } from "../../lab/operator/big-peer-identity.ts";
import { Deployment } from "../support/deployment.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-east": ["east"], "dev-west": ["west"] });
  await deployment.up("dev-east");
  await deployment.up("dev-west");
  await deployment.up("dev-east");
});
afterAll(() => deployment?.stop());

const core = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(CoreV1Api);
const authority = { namespace: "ditto", name: "ditto-bp2-ca" };
const trust = { namespace: "ditto", name: "bp1-trusts-bp2" };
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Runs a command as a user would. */
function bigpeer(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((done) => {
    const { env, directory: cwd } = deployment.engine;
    const child = execFile(process.execPath, [resolve("cli/bigpeer.ts"), ...args], { env, cwd }, (_, stdout, stderr) =>
      done({ code: child.exitCode ?? -1, text: stdout + stderr }),
    );
  });
}
const status = () => bigpeer("status", deployment.topologyFile, "--live");
const check = () => bigpeer("check", deployment.topologyFile, "--live");
const verify = () =>
  bigpeer("verify", deployment.topologyFile, "--reach", "cluster-ip", "--kubeconfig", deployment.lab.kubeconfig);
const mend = "pulumi up --stack dev-west, then pulumi up --stack dev-east; if somebody has edited the Secret";

test("while everybody trusts everybody, nothing is found", async () => {
  await expect.poll(async () => (await status()).text, { timeout: 20_000 }).toMatch(/nothing differs/);
  expect((await check()).text).not.toMatch(/stale-trust/);
  expect(await verify()).toMatchObject({ code: 0, text: expect.stringMatching(/4 of 4 probes passed/) });
});

test("a CA that cert-manager has renewed is found by all three, with the peers, the day and the commands", async () => {
  await core("west").deleteNamespacedSecret(authority);
  await expect
    .poll(
      () =>
        core("west")
          .readNamespacedSecret(authority)
          .catch(() => undefined),
      { timeout: 10_000 },
    )
    .toBeDefined();
  const what =
    /does not trust the CA that bp2 has since \d{4}-\d\d-\d\d: their connection fails when bp2 gets a new certificate, by \d{4}-\d\d-\d\d/;
  const shown = await status();
  expect(shown.text).toMatch(what);
  expect(shown).toMatchObject({ code: 1, text: expect.stringContaining(`fix: ${mend}`) });
  const checked = await check();
  expect(checked.text).toMatch(new RegExp(`warning stale-trust {2}peers.bp1: bp1 ${what.source}`));
  expect(checked.text).toContain(`fix: ${mend}`);
  const verified = await verify();
  expect(verified.text).toMatch(/4 of 4 probes passed; 1 without trust/);
  expect(verified).toMatchObject({ code: 1, text: expect.stringMatching(new RegExp(`bp1 ${what.source}`)) });
});

test("a certificate of the new CA that is shown already breaks the connection, and that is said", async () => {
  const body = [{ op: "add", path: "/metadata/annotations", value: { [renewLeafAnnotation]: "now" } }];
  await core("west").patchNamespacedSecret({ ...authority, body });
  await expect
    .poll(async () => (await status()).text, { timeout: 20_000 })
    .toMatch(
      /does not trust the certificate that bp2 shows since \d{4}-\d\d-\d\d \(issued by "CN=bp2 CA"\): their connection fails the next time it is opened/,
    );
});

test("the commands mend it", async () => {
  await deployment.up("dev-west");
  await deployment.up("dev-east");
  await expect.poll(async () => (await status()).text, { timeout: 20_000 }).toMatch(/nothing differs/);
  await expect.poll(async () => (await verify()).code, { timeout: 30_000 }).toBe(0);
});

test("a trust Secret that somebody has edited is found: without the CA, and with a certificate that is no CA's", async () => {
  const before = await core("east").readNamespacedSecret(trust);
  const edit = (pem: string) =>
    core("east").patchNamespacedSecret({
      ...trust,
      body: [{ op: "replace", path: "/data/ca.crt", value: base64(pem) }],
    });
  await edit("nothing");
  expect((await status()).text).toMatch(
    /holds no certificate of bp2 in the Secret ditto\/bp1-trusts-bp2 under ca\.crt/,
  );
  const secret = await core("west").readNamespacedSecret(authority);
  const [certificate = "", privateKey = ""] = ["tls.crt", "tls.key"].map((key) =>
    Buffer.from(secret.data?.[key] ?? "", "base64").toString(),
  );
  await edit((await issueLeaf({ certificate, privateKey }, "bp2")).certificate);
  expect((await check()).text).toMatch(/trusts bp2 by a certificate that is not a CA's \(CN=bp2\)/);
  await deployment.up("dev-east", ["--refresh"]);
  expect((await core("east").readNamespacedSecret(trust)).data).toEqual(before.data);
});

test("a CA Secret without a certificate is a sentence in status, and no stack trace", async () => {
  const secret = await core("west").readNamespacedSecret(authority);
  const put = (value: string) =>
    core("west").patchNamespacedSecret({ ...authority, body: [{ op: "replace", path: "/data/tls.crt", value }] });
  await put(base64("to be filled"));
  const { text, code } = await status();
  expect(text).toMatch(
    /has no CA certificate: Secret ditto\/ditto-bp2-ca holds none under tls\.crt\s+fix: kubectl --context west/,
  );
  expect(text).not.toMatch(/\n\s+at /);
  expect(code).toBe(1);
  await put(secret.data?.["tls.crt"] ?? "");
});
