import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operatorSchema } from "../../topology/operator/contract.ts";
import { Deployment } from "../support/deployment.ts";

const program = join(import.meta.dirname, "../../cli/bigpeer.ts");
/** The guide's example, by somebody who knows of his operator only how Helm was told to install it. */
const guide = `${readFileSync("topologies/dev.yaml", "utf8")}
operator:
  managementApi: { authMode: k8s-token } # as in our values.yaml
`;
/** An operator with other names, paths and shapes than this release takes for granted. */
const other = operatorSchema.parse({
  fields: {
    bigPeer: {
      trustedCas: "spec.network.replication.trust.caSecretRefs",
      kafkaListener: "spec.kafka.externalListener.enabled",
    },
  },
  shapes: { trustedCa: { secretName: "{secret}", certificate: "{key}" } },
  caSecret: { name: "{peer}-root-ca" },
  trustSecret: { certificateKey: ["ca.crt"] },
  managementApi: { authMode: "k8s-token" },
});

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(guide, undefined, other);
});
afterAll(() => deployment?.stop());

function bigpeer(command: string, ...options: string[]): Promise<{ code: number; out: string }> {
  const args = [program, command, deployment.topologyFile, ...options, "--kubeconfig", deployment.lab.kubeconfig];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { env: { ...process.env, NO_COLOR: "1" } }, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out: out + err }),
    );
  });
}
const topology = () => readFileSync(deployment.topologyFile, "utf8");

describe("the first contact with an operator that has other names, paths and shapes", () => {
  test("check --live names what the definitions lack, and the command that settles it", async () => {
    const { code, out } = await bigpeer("check", "--live");
    expect(code).toBe(1);
    expect(out).toMatch(/error missing-field.*operator\.fields\.bigPeer\.trustedCas/);
    expect(out).toContain("npx bigpeer contract --context dev --write");
  });

  test("the definitions alone settle the fields and shapes; the CA waits for a first Big Peer", async () => {
    const { code, out } = await bigpeer("contract", "--context", "dev", "--write");
    expect(out).toMatch(/fields\.bigPeer\.trustedCas {2}spec\.network\.replication\.trust\.caSecretRefs {2}likely/);
    expect(out).toMatch(/caSecret\.name {2}unknown/);
    expect(code).toBe(1);
    expect(topology().startsWith(guide.trimEnd())).toBe(true);
    expect((await bigpeer("check", "--live")).code).toBe(0);
  });

  test("an update makes the Big Peers and says that their CAs are not where they are looked for", async () => {
    const { exitCode, stdout } = await deployment.engine.stack("dev", "up");
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain("Set operator.caSecret.name");
    expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1", "bp2"]);
  });

  test("check --live says where they are, and the command writes it", async () => {
    const { out } = await bigpeer("check", "--live");
    expect(out).toMatch(/warning contract-differs.*operator\.caSecret.*it is \{peer\}-root-ca/);
    const settled = await bigpeer("contract", "--context", "dev", "--write");
    expect(settled.out).toMatch(/caSecret\.name {2}\{peer\}-root-ca {2}certain/);
    expect(settled.out).toContain("the same name fits 1 more Big Peer");
    expect(settled.code).toBe(0);
    expect(settled.out).not.toMatch(/BEGIN|PRIVATE KEY/);
    expect((await bigpeer("check", "--live")).out).not.toContain("contract-differs");
  });

  test("then everything is made, each trusts the other, and documents flow", async () => {
    await deployment.up();
    const custom = deployment.kubeConfig("dev").makeApiClient(CustomObjectsApi);
    const bp1: unknown = await custom.getNamespacedCustomObject({
      ...{ group: "ditto.live", version: "v1alpha1", namespace: "ditto", plural: "bigpeers", name: "bp1" },
    });
    expect(bp1).toMatchObject({
      spec: {
        network: {
          replication: { trust: { caSecretRefs: [{ secretName: "bp1-trusts-bp2", certificate: "tls.crt" }] } },
        },
        kafka: { externalListener: { enabled: false } },
      },
    });
    // With the token of the kubeconfig's user: the management API asks for one.
    expect((await deployment.verify(topology())).passed).toBe(true);
  });
});
