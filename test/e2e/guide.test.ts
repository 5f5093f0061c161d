import { readFileSync } from "node:fs";
import { CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { stackExports } from "../../program/stack-exports.ts";
import { planText } from "../../topology/check.ts";
import { Session } from "../../verify/session.ts";
import { Deployment } from "../support/deployment.ts";
import { UserCommand } from "../support/user-command.ts";

const guide = readFileSync("topologies/dev.yaml", "utf8");
const outputsSchema = z.object({
  topology: stackExports,
  tokens: z.union([
    z.literal("[secret]"),
    z.object({ peers: z.record(z.string(), z.string()), apps: z.record(z.string(), z.string()) }),
  ]),
  pending: z.array(z.unknown()),
});

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(guide);
});
afterAll(() => deployment?.stop());

const core = () => deployment.kubeConfig("dev").makeApiClient(CoreV1Api);
const secretNames = async () =>
  (await core().listNamespacedSecret({ namespace: "ditto" })).items
    .map(({ metadata }) => metadata?.name ?? "")
    .filter((name) => name.includes("-trusts-"));

/** The documents of a peer, read with a key that is gone afterwards. */
async function carsOn(peer: string): Promise<unknown[]> {
  const { kubeconfig } = deployment.lab;
  const access = { kubeconfig, reach: "cluster-ip" as const, apis: {}, managementApis: {} };
  const session = new Session(planText(guide).plan, access);
  try {
    const documents = await session.documents("cars", peer);
    return z.object({ items: z.array(z.unknown()) }).parse(await documents.execute("SELECT * FROM cars", {})).items;
  } finally {
    await session.close();
  }
}

describe("the guide's example on a real engine and API server", () => {
  test("comes up, and documents flow in every allowed direction and in no other", async () => {
    await deployment.up();
    const { results, leftovers } = await deployment.verify(guide);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(
      results.map(({ probe }) => `${probe.replication} ${probe.from} ${probe.to} ${probe.expected}`).sort(),
    ).toEqual([
      "blue-cars bp1 bp2 arrives",
      "blue-cars bp2 bp1 arrives",
      "red-cars bp1 bp2 arrives",
      "red-cars bp2 bp1 stays away",
    ]);
    expect(leftovers).toEqual([]);
  });

  test("verify leaves no key behind", async () => {
    expect(await deployment.names("dev", "bigpeerapikeys")).toEqual([]);
  });

  test("exports CA certificates, addresses and app IDs", async () => {
    const { topology, tokens, pending } = outputsSchema.parse(await deployment.engine.outputs("dev"));
    const { peers, apps, replications } = topology;
    expect(peers.bp1?.caCertificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(peers.bp1?.api).toBe("ditto-bp1-api.ditto.svc.cluster.local:8080");
    expect(apps).toEqual({ cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7" } });
    expect(replications["blue-cars"]).toMatchObject({
      bp2: "ditto-bp2-replication-blue-cars-bp2.ditto.svc.cluster.local:4040",
    });
    expect(tokens).toBe("[secret]");
    expect(pending).toEqual([]);
  });

  test("a second up changes nothing", async () => {
    await deployment.up("dev", ["--expect-no-changes"]);
    expect(await deployment.changes()).toEqual([]);
  });

  test("neither the token nor a private key is in plain text in anything that the run wrote", async () => {
    const { tokens } = outputsSchema.parse(await deployment.engine.outputs("dev", true));
    const token = (tokens !== "[secret]" && tokens.peers.bp1) || "";
    expect(token).toMatch(/^\w{40}$/);
    const { stdout: exported } = await deployment.engine.run(["stack", "export", "--stack", "dev"], { quiet: true });
    expect(exported).toContain("BigPeerReplication");
    expect(exported.includes(token)).toBe(false);
    // The state is searched with its secrets opened, too: the operator's private keys must not be in it at all.
    const { stdout: opened } = await deployment.engine.run(["stack", "export", "--stack", "dev", "--show-secrets"], {
      quiet: true,
    });
    expect(opened.includes(token)).toBe(true);
    expect(opened.includes("PRIVATE KEY")).toBe(false);
    expect(opened.includes(Buffer.from("-----BEGIN PRIVATE KEY").toString("base64").slice(0, 24))).toBe(false);
    expect(deployment.filesWith(token)).toEqual([]);
    expect(deployment.filesWith("PRIVATE KEY")).toEqual([]);
  });

  test("a preview after an edit shows that edit and nothing else", async () => {
    deployment.write(guide.replace("color = 'red'", "color = 'green'"));
    expect(await deployment.changes()).toEqual(["update dev/red-cars/bp2"]);
    deployment.write(guide);
  });

  test("a trusted CA that is taken away breaks the flow with an error that names the peer; put back, it flows", async () => {
    const api = deployment.kubeConfig("dev").makeApiClient(CustomObjectsApi);
    await api.patchNamespacedCustomObject({
      group: "ditto.live",
      version: "v1alpha1",
      namespace: "ditto",
      plural: "bigpeers",
      name: "bp2",
      body: [{ op: "remove", path: "/spec/auth/trustedCASecrets" }],
    });
    const broken = await deployment.verify(guide, 4000);
    const failures = broken.results.filter(({ probe, passed }) => !passed && probe.expected === "arrives");
    expect(failures).toHaveLength(3);
    expect(failures[0]?.message).toMatch(/TLS.*bp[12]|bp[12].*TLS/s);
    expect([await deployment.names("dev", "bigpeerapikeys"), await carsOn("bp1"), await carsOn("bp2")]).toEqual([
      [],
      [],
      [],
    ]);

    // The command, too, takes its probes and keys away when it is ended in the middle.
    const reach = ["--reach", "cluster-ip", "--kubeconfig", deployment.lab.kubeconfig, "--deadline", "120"];
    const verifying = new UserCommand(["cli/bigpeer.ts", "verify", deployment.topologyFile, ...reach]);
    await expect.poll(() => carsOn("bp1"), { timeout: 30_000 }).not.toEqual([]);
    verifying.interrupt();
    expect(await verifying.ended).toBe(1);
    expect(verifying.output).toMatch(/✗ blue-cars: bp1 → bp2 {2}cars {2}interrupted/);
    expect([await deployment.names("dev", "bigpeerapikeys"), await carsOn("bp1"), await carsOn("bp2")]).toEqual([
      [],
      [],
      [],
    ]);

    await deployment.up("dev", ["--refresh"]);
    expect((await deployment.verify(guide)).passed).toBe(true);
  });

  test("removing one replication removes both its sides and keeps the trust that the other needs", async () => {
    const fewer = guide.replace(/^ {2}red-cars:.*\n/m, "");
    deployment.write(fewer);
    await deployment.up();
    expect(await deployment.names("dev", "bigpeerreplications")).toEqual(["blue-cars-bp1", "blue-cars-bp2"]);
    expect(await secretNames()).toEqual(["bp1-trusts-bp2", "bp2-trusts-bp1"]);
    expect((await deployment.verify(fewer)).passed).toBe(true);
  });

  test("removing the last replication removes the trust", async () => {
    deployment.write(guide.replace(/^replications:[\s\S]*/m, ""));
    await deployment.up();
    expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1", "bp2"]);
    const specs = (await deployment.objects("dev", "bigpeers")).map((object) =>
      JSON.stringify(object).includes("trusts"),
    );
    expect(specs).toEqual([false, false]);
  });

  test("destroy leaves nothing of ours", async () => {
    deployment.write(guide);
    await deployment.up();
    const { exitCode, stdout } = await deployment.engine.stack("dev", "destroy");
    expect(stdout).not.toContain("error");
    expect(exitCode).toBe(0);
    for (const plural of ["bigpeers", "bigpeerapps", "bigpeerreplications"])
      expect(await deployment.names("dev", plural)).toEqual([]);
    // Kubernetes' garbage collector takes them after their Big Peers.
    await expect.poll(secretNames, { timeout: 30_000 }).toEqual([]);
  });
});

describe("a topology with mistakes stops preview and up before any resource", () => {
  test.each([
    [
      "preview",
      "all that can be judged at once",
      (text: string) =>
        text.replace("[bp1, bp2], queries", "[bp1, bp9], queries").replace("2164bef3-37c0", "2164bef3-37g0"),
      [/topology\.yaml:14:15 error app-id/, /topology\.yaml:17:\d+ error unknown-reference/],
    ],
    [
      "up",
      "all that can be judged at once",
      (text: string) =>
        text
          .replace("namespace: ditto }", "namespaces: ditto }")
          .replace("color = 'red'", "")
          .replace("blue-cars:", "blue-cars-of-every-colour-that-there-is-in-town:"),
      [
        /topology\.yaml:7:\d+ error unknown-key {2}clusters\.dev\.namespaces/,
        /topology\.yaml:18:\d+ error empty-query {2}replications\.red-cars\.queries\.cars\[0\]/,
        /topology\.yaml:17:\d+ error name-too-long .*: on "bp1" its Service would be called/,
        /topology\.yaml:17:\d+ error name-too-long .*: on "bp2" its Service would be called/,
      ],
    ],
    ["preview", "what is not YAML", (text: string) => `${text}]`, [/topology\.yaml:19:1 error not-yaml/]],
    [
      "up",
      "two peers of one name",
      (text: string) => text.replace("  bp2: {", "  bp1: {"),
      [/topology\.yaml:11:3 error duplicate-name {2}(peers\.)?bp1/],
    ],
  ] as const)("%s: %s", async (operation, _, edit, findings) => {
    deployment.write(edit(guide));
    const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", operation);
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/the topology has errors, so nothing was written/);
    for (const finding of findings) expect(stdout).toMatch(finding);
    expect(stdout.match(/^ +why: ./gm)).toHaveLength(findings.length);
    expect(stdout.match(/^ +fix: ./gm)).toHaveLength(findings.length);
    expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at .*\.[jt]s:\d+/);
    expect(await deployment.names("dev", "bigpeers")).toEqual([]);
    deployment.write(guide);
  });
});
