import { readFileSync } from "node:fs";
import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createCa } from "../../lab/operator/authority.ts";
import { renewLeafAnnotation } from "../../lab/operator/big-peer-identity.ts";
import { stackExports } from "../../program/stack-exports.ts";
import { certificatesIn, signerOf } from "../../trust/certificates.ts";
import { certificatesShownAt } from "../../trust/shown-certificates.ts";
import { Deployment } from "../support/deployment.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
const pendingSchema = z.array(
  z.object({ what: z.string(), reason: z.string(), next: z.string(), until: z.string().optional() }),
);
const outputsSchema = z.object({ topology: stackExports, pending: pendingSchema });
const controller = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };
const tcpServices = { namespace: "ingress-nginx", name: "tcp-services" };

/**
 * One story of two clusters, from the first update to the last: each test goes on where the one before it has ended, so none can run alone, and
 * after a failure those that follow say little.
 */
let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-west": ["west"] }, undefined, { checkpoints: true });
});
afterAll(() => deployment?.stop());

const core = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(CoreV1Api);
const outputs = async (stack: string) => outputsSchema.parse(await deployment.engine.outputs(stack));
const pending = async (stack: string) => (await outputs(stack)).pending.map(({ what }) => what);
const secretsOf = async (cluster: string) =>
  (await core(cluster).listNamespacedSecret({ namespace: "ditto" })).items.filter(({ metadata }) =>
    metadata?.name?.includes("-trusts-"),
  );
const ports = async (cluster: string) =>
  (await core(cluster).readNamespacedService(controller)).spec?.ports?.map(({ name, port }) => `${name} ${port}`);
const entries = async (cluster: string) => (await core(cluster).readNamespacedConfigMap(tcpServices)).data;
const controllerArguments = async (cluster: string) =>
  (await deployment.kubeConfig(cluster).makeApiClient(AppsV1Api).readNamespacedDeployment(controller)).spec?.template
    .spec?.containers[0]?.args;

/** Another CA in place of a peer's own, as cert-manager renews it. */
async function renewCa(cluster: string, peer: string): Promise<void> {
  const place = { namespace: "ditto", name: `ditto-${peer}-ca` };
  const secret = await core(cluster).readNamespacedSecret(place);
  const ca = await createCa(`${peer} CA`);
  const values = { "tls.crt": ca.certificate, "ca.crt": ca.certificate, "tls.key": ca.privateKey };
  const data = Object.entries(values).map(([key, pem]) => [key, Buffer.from(pem).toString("base64")]);
  await core(cluster).replaceNamespacedSecret({ ...place, body: { ...secret, data: Object.fromEntries(data) } });
}

/** How many certificates of bp2 there are in the Secret by which bp1 trusts it. */
async function trustedCas(): Promise<number> {
  const secret = await core("east").readNamespacedSecret({ namespace: "ditto", name: "bp1-trusts-bp2" });
  return certificatesIn(Buffer.from(secret.data?.["ca.crt"] ?? "", "base64").toString()).length;
}

async function shownByBp2(): Promise<string> {
  const ca = await core("west").readNamespacedSecret({ namespace: "ditto", name: "ditto-bp2-ca" });
  const service = { namespace: "ditto", name: "ditto-bp2-replication-blue-cars-bp2" };
  const { spec } = await core("west").readNamespacedService(service);
  const chain = await certificatesShownAt({ host: spec?.clusterIP ?? "", port: 4040 });
  const authorities = certificatesIn(Buffer.from(ca.data?.["tls.crt"] ?? "", "base64").toString());
  return signerOf(chain, authorities) ? "the CA that it has" : "another CA";
}

async function destroy(stack: string): Promise<void> {
  const { exitCode, stdout, stderr } = await deployment.engine.stack(stack, "destroy");
  expect(`${stdout}${stderr}`).not.toMatch(/error/i);
  expect(exitCode).toBe(0);
}

describe("two clusters with a stack each", () => {
  test("what somebody else has in tcp-services and on the controller's Service is there before", async () => {
    await core("west").createNamespacedConfigMap({
      namespace: tcpServices.namespace,
      body: { metadata: { name: tcpServices.name }, data: { "4050": "other/database:5432" } },
    });
    await core("west").patchNamespacedService({
      ...controller,
      body: [{ op: "add", path: "/spec/ports/-", value: { name: "database", port: 4050, targetPort: 4050 } }],
    });
    expect(await ports("west")).toContain("database 4050");
  });

  test("the second stack alone does all that it can, and says what waits for whom", async () => {
    await deployment.up("dev-west");
    const { pending: waiting, topology: exported } = await outputs("dev-west");
    expect(waiting).toContainEqual({
      what: "trust of bp1",
      reason: 'the stack "dev-east" does not exist yet',
      next: "pulumi up --stack dev-east",
    });
    expect(waiting.map(({ what }) => what)).toContain('ID of app "cars"');
    expect(exported.peers.bp2?.caCertificate).toContain("BEGIN CERTIFICATE");
    expect(await deployment.names("west", "bigpeers")).toEqual(["bp2"]);
  });

  test("one pass of each later nothing is pending, and documents flow in every allowed direction and in no other", async () => {
    await deployment.addStack("dev-east", ["east"]);
    await deployment.up("dev-east");
    expect(await pending("dev-east")).toEqual([]);
    await deployment.up("dev-west");
    expect(await pending("dev-west")).toEqual([]);
    const { results, leftovers } = await deployment.verify(topology);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results).toHaveLength(4);
    expect(leftovers).toEqual([]);
  });

  test("the app ID is made once and is the same in both clusters", async () => {
    const ids = await Promise.all(["east", "west"].map((cluster) => deployment.objects(cluster, "bigpeerapps")));
    const specs = ids.flat().map((app) => ("spec" in app ? JSON.stringify(app.spec) : ""));
    expect(specs).toHaveLength(2);
    expect(new Set(specs).size).toBe(1);
  });

  test("another up of either changes nothing", async () => {
    await deployment.up("dev-east", ["--expect-no-changes"]);
    await deployment.up("dev-west", ["--expect-no-changes"]);
  });

  test("ports, keys and arguments of others are as they were", async () => {
    expect(await entries("west")).toMatchObject({ "4050": "other/database:5432" });
    expect(await ports("west")).toEqual(expect.arrayContaining(["http 80", "https 443", "database 4050"]));
    expect(await controllerArguments("west")).toEqual([
      "/nginx-ingress-controller",
      expect.stringContaining("--publish-service"),
      "--ingress-class=nginx",
      "--tcp-services-configmap=ingress-nginx/tcp-services",
    ]);
  });

  test("a port that somebody else has open is refused before any write", async () => {
    deployment.write(topology.replace("blue-cars: { app: cars,", "blue-cars: { app: cars, port: { bp2: 4050 },"));
    const { exitCode, stdout } = await deployment.engine.stack("dev-west", "up");
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/error port-taken/);
    expect(stdout).toMatch(/pin a free one: `port: \{ bp2: \d+ }`/);
    deployment.write(topology);
    expect(await deployment.changes("dev-west")).toEqual([]);
  });

  test("two clusters that nobody can reach are refused before any write, with a hub as the way out", async () => {
    const closed = topology
      .replace(/ingress: \{ host.*/, "inbound: none")
      .replace(/ingress: \{ ports.*/, "inbound: none");
    deployment.write(closed);
    const { exitCode, stdout } = await deployment.engine.stack("dev-east", "preview");
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/unreachable-pair/);
    expect(stdout).toMatch(/hub/);
    deployment.write(topology);
  });

  test("a CA is rotated twice under a running probe while weeks go by, and no document is late", async () => {
    let running = true;
    const failures: string[] = [];
    let rounds = 0;
    const probing = (async () => {
      while (running) {
        const { results } = await deployment.verify(topology);
        failures.push(...results.filter(({ passed }) => !passed).map(({ message }) => message));
        rounds += 1;
      }
    })();
    const bothUp = async (flags: readonly string[] = []) => {
      await deployment.up("dev-west", flags);
      await deployment.up("dev-east", flags);
    };
    const rotations = async (stack: string) => {
      const { pending: waiting } = await outputs(stack);
      return waiting.map(({ what, until }) => `${what} until ${until?.slice(0, 4)}`);
    };
    const decade = `rotation of the CA of bp2 until ${new Date(Date.now() + 10 * 365 * 24 * 60 * 60 * 1000).getFullYear()}`;
    expect(await trustedCas()).toBe(1);
    await renewCa("west", "bp2");
    // As many merges as there may be in the weeks until cert-manager issues bp2's certificate anew: in a lab it waits until it is told.
    await bothUp();
    expect(await trustedCas()).toBe(2);
    for (const stack of ["dev-west", "dev-east"]) expect(await rotations(stack)).toEqual([decade]);
    await bothUp(["--expect-no-changes"]);
    await bothUp(["--expect-no-changes"]);
    expect(await trustedCas()).toBe(2);
    await renewCa("west", "bp2");
    await bothUp();
    expect(await trustedCas()).toBe(3);
    await core("west").patchNamespacedSecret({
      ...{ namespace: "ditto", name: "ditto-bp2-ca" },
      body: [{ op: "add", path: "/metadata/annotations", value: { [renewLeafAnnotation]: "now" } }],
    });
    await expect.poll(async () => await shownByBp2(), { timeout: 10_000 }).toBe("the CA that it has");
    await bothUp();
    expect(await trustedCas()).toBe(1);
    for (const stack of ["dev-west", "dev-east"]) expect(await rotations(stack)).toEqual([]);
    const after = rounds;
    await expect.poll(() => rounds, { timeout: 20_000 }).toBeGreaterThan(after + 1);
    running = false;
    await probing;
    expect(failures).toEqual([]);
    await bothUp(["--expect-no-changes"]);
  });

  test("a peer that leaves is untrusted everywhere, and its exposure and its own Secrets go with it", async () => {
    const without = topology
      .replace(/^ {2}bp2:.*\n/m, "")
      .replace("peers: [bp1, bp2]", "peers: [bp1]")
      .replace(/^replications:[\s\S]*/m, "");
    deployment.write(without);
    await deployment.up("dev-east");
    await deployment.up("dev-west");
    expect(JSON.stringify(await deployment.objects("east", "bigpeers"))).not.toContain("bp1-trusts-bp2");
    await expect.poll(() => secretsOf("west"), { timeout: 30_000 }).toEqual([]);
    expect(await deployment.names("west", "bigpeers")).toEqual([]);
    expect(await deployment.names("east", "bigpeerreplications")).toEqual([]);
    expect(await ports("east")).toEqual(["http 80", "https 443"]);
    expect(await entries("west")).toEqual({ "4050": "other/database:5432" });
    expect(await ports("west")).toEqual(["http 80", "https 443", "database 4050"]);
    deployment.write(topology);
  });

  test("the other order, with the first run interrupted in the middle, ends the same", async () => {
    await destroy("dev-west");
    await destroy("dev-east");
    const interrupted = deployment.engine.stack("dev-east", "up");
    await expect.poll(() => deployment.names("east", "bigpeers"), { timeout: 30_000 }).toEqual(["bp1"]);
    await deployment.engine.interrupt();
    await interrupted;
    await deployment.up("dev-east");
    expect(await pending("dev-east")).toContain("trust of bp2");
    await deployment.up("dev-west");
    expect(await pending("dev-west")).toEqual([]);
    await deployment.up("dev-east");
    expect(await pending("dev-east")).toEqual([]);
    expect((await deployment.verify(topology)).results.filter(({ passed }) => !passed)).toEqual([]);
  });

  test("destroy leaves nothing of ours, and all that is somebody else's", async () => {
    await destroy("dev-east");
    await destroy("dev-west");
    for (const cluster of ["east", "west"]) {
      await expect.poll(() => secretsOf(cluster), { timeout: 30_000 }).toEqual([]);
      expect(await deployment.names(cluster, "bigpeers")).toEqual([]);
      expect(await deployment.names(cluster, "bigpeerreplications")).toEqual([]);
    }
    expect(await entries("west")).toEqual({ "4050": "other/database:5432" });
    expect(await ports("west")).toEqual(["http 80", "https 443", "database 4050"]);
    expect(await controllerArguments("west")).toContain("/nginx-ingress-controller");
  });
});
