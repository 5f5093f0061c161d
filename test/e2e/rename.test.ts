import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { stackExports } from "../../program/stack-exports.ts";
import { Deployment } from "../support/deployment.ts";

/** Two clusters that dial each other, one by a host name and one by its load balancer; tokens and the app's ID are generated. */
const topology = `
environment: production
clusters:
  east:
    context: first
    ingress: { host: bp.east.example.com, ports: 4040-4139 }
  west:
    context: second
    ingress: { ports: 4040-4139, manage: arguments }
peers:
  bp1: { cluster: east, version: 1.63.2, auth: { playground: {} } }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2], auth: { playground: {} } }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, from: bp1, to: bp2, dial: to, queries: { cars: ["color = 'red'"] } }
`
  // In production a playground has to be meant.
  .replaceAll(/^( +)(?=bp1:|cars:)/gm, "$1# bigpeer-ignore playground-in-production: a test looks at its token\n$1");
const renamed = topology
  .replace("  east:\n", "  north:\n")
  .replace("  west:\n", "  south:\n")
  .replaceAll("cluster: east", "cluster: north")
  .replaceAll("cluster: west", "cluster: south");
/** With another peer, which is made before all else of its cluster. */
const withPeer = (settings: string) =>
  renamed.replace("  # bigpeer-ignore", `  bp0: { ${settings} }\n  # bigpeer-ignore`);

const outputsSchema = z.object({
  topology: stackExports,
  tokens: z.object({ peers: z.object({ bp1: z.string() }), apps: z.object({ cars: z.string() }) }),
  pending: z.array(z.unknown()),
});

let deployment: Deployment;
/** What has to outlive it all. */
let before: unknown;
beforeAll(async () => {
  deployment = await Deployment.start(topology, undefined, undefined, { checkpoints: true });
  await deployment.up();
  before = await kept();
});
afterAll(() => deployment?.stop());

/** The objects by their UIDs, what is exposed where, and what was generated. */
async function kept(): Promise<unknown> {
  const { topology: exported, tokens, pending } = outputsSchema.parse(await deployment.engine.outputs("dev", true));
  const controller = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };
  const contexts = ["first", "second"].map(async (context) => {
    const kinds = ["bigpeers", "bigpeerapps", "bigpeerreplications"];
    const objects = (await Promise.all(kinds.map((kind) => deployment.objects(context, kind)))).flat();
    const core = deployment.kubeConfig(context).makeApiClient(CoreV1Api);
    const secrets = (await core.listNamespacedSecret({ namespace: "ditto" })).items;
    const { spec } = await deployment.kubeConfig(context).makeApiClient(AppsV1Api).readNamespacedDeployment(controller);
    return {
      objects: [...objects, ...secrets]
        .map(({ metadata }) => `${metadata?.name} ${metadata?.uid}`)
        .filter((text) => !text.includes("bp0")),
      ports: (await core.readNamespacedService(controller)).spec?.ports?.map(({ name }) => name),
      entries: (await core.readNamespacedConfigMap({ ...controller, name: "tcp-services" })).data,
      arguments: spec?.template.spec?.containers[0]?.args,
    };
  });
  const { apps, generated, exposures, peers } = exported;
  const addresses = Object.entries(exposures).map(([id, address]) => `${id.replace(/^\w+/, "")} ${address}`);
  return {
    contexts: await Promise.all(contexts),
    apps,
    generated,
    addresses,
    ca: peers.bp1?.caCertificate,
    tokens,
    pending,
  };
}

describe("a cluster that gets another name and keeps its context", () => {
  test("changes nothing, and the preview says that it is the same cluster", async () => {
    deployment.write(renamed);
    const { stdout, exitCode } = await deployment.engine.stack("dev", "preview");
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/cluster "east" is now "north"; everything in it stays/);
    expect(await deployment.changes()).toEqual([]);
  });

  test("keeps what is in it when the update is interrupted half way", async () => {
    deployment.write(withPeer("cluster: north, version: 1.40.3, readyTimeout: 2"));
    const { exitCode, stdout } = await deployment.engine.stack("dev", "up", ["--parallel", "1"]);
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/bp0/);
    const { stdout: state } = await deployment.engine.run(["stack", "export", "--stack", "dev"], { quiet: true });
    expect(state).toMatch(/ClusterShare::north"/);
    expect(state).toMatch(/:BigPeer::east\/bp1"/);
    deployment.write(withPeer("cluster: north, version: 1.63.2"));
    expect((await deployment.changes()).filter((step) => !step.includes("bp0"))).toEqual([]);
    await deployment.up();
    expect(await kept()).toEqual(before);
  });

  test("is an ordinary one from then on", async () => {
    expect(await deployment.changes()).toEqual([]);
    const { results } = await deployment.verify(renamed);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
    const { stdout: state } = await deployment.engine.run(["stack", "export", "--stack", "dev"], { quiet: true });
    expect(state).not.toMatch(/::(east|west)\b/);
  });
});
