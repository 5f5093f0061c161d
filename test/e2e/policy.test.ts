import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labPolicyPack } from "../../lab/policy-pack.ts";
import { Deployment } from "../support/deployment.ts";

const production = `
clusters:
  east: {}
  west: { ingress: { ports: 4040-4139 } }
peers:
  bp1: { cluster: east, version: 1.63.2, auth: { webhooks: { staff: { url: https://auth.example.com/ditto } } } }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, from: bp1, to: bp2, dial: from, queries: { cars: ["color = 'blue'"] } }
`;
const development = `environment: development\n${production.replace("version: 1.63.2 }", "version: 1.63.2, auth: { playground: {} } }")}`;

let deployment: Deployment;
let pack: string;
beforeAll(async () => {
  deployment = await Deployment.start(production);
  pack = labPolicyPack(deployment.engine, "policy");
  await limitLoadBalancer(["192.0.2.0/24"]);
});
afterAll(() => deployment?.stop());

async function limitLoadBalancer(loadBalancerSourceRanges: readonly string[]): Promise<void> {
  await deployment
    .kubeConfig("west")
    .makeApiClient(CoreV1Api)
    .patchNamespacedService({
      name: "ingress-nginx-controller",
      namespace: "ingress-nginx",
      body: [{ op: "add", path: "/spec/loadBalancerSourceRanges", value: loadBalancerSourceRanges }],
    });
}

/** What a preview with the pack says, and whether it succeeds. */
async function preview(topology: string, config?: object): Promise<{ exitCode: number; said: string }> {
  deployment.write(topology);
  const configFile = join(deployment.directory, "policy-config.json");
  writeFileSync(configFile, JSON.stringify(config ?? {}));
  const flags = ["--policy-pack", pack, ...(config ? ["--policy-pack-config", configFile] : [])];
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "preview", flags);
  return { exitCode, said: `${stdout}${stderr}` };
}

describe("the policy pack on a real engine", () => {
  test("a stack that keeps to all policies passes", async () => {
    const { exitCode, said } = await preview(production);
    expect(said).toMatch(/Policies:\n.*bigpeer-topology@v0\.1\.0/);
    expect(said).not.toContain("why:");
    expect(exitCode).toBe(0);
  });

  test("what a policy does not allow stops a preview, with the reason and what to write instead", async () => {
    const { exitCode, said } = await preview(development, { "versions-pinned": { range: ">=1.64.0" } });
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(
      /\[mandatory\] \[severity: critical\] {2}no-playground-auth {2}\(.*: west\/bp2\)\n.*\n.*__playgroundProvider accepts everybody who has the shared token\n +why: .*\n +fix: remove `auth\.playground` from the topology/,
    );
    for (const peer of ["bp1", "bp2"]) expect(said).toContain(`the Big Peer ${peer} is not protected`);
    expect(said).toContain("spec.version is 1.63.2, but only >=1.64.0");
  });

  test("a port opened on a load balancer for everybody stops a preview", async () => {
    await limitLoadBalancer([]);
    deployment.write(production);
    // Only once its ports have been opened is it known whose Service it is.
    await deployment.up();
    const { exitCode, said } = await preview(production);
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(
      /the Service ingress-nginx\/ingress-nginx-controller is a load balancer and has no loadBalancerSourceRanges \(ports .*\d+\)/,
    );
  });

  test("the configuration allows it all: by stack, by exception, by telling alone", async () => {
    const allowed = { developmentStacks: ["dev"] };
    const { exitCode, said } = await preview(development, {
      "no-playground-auth": allowed,
      "protected-from-deletion": allowed,
      "versions-pinned": { range: ">=1.64.0", enforcementLevel: "advisory" },
      "load-balancer-allow-list": {
        exceptions: { "ingress-nginx/ingress-nginx-controller": "security group sg-1 lets in east alone" },
      },
    });
    expect(exitCode).toBe(0);
    expect(said).toMatch(/\[advisory\].* versions-pinned/);
    expect(said.match(/why:/g)).toHaveLength(2);
  });
});
