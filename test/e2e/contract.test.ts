import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operatorSchema } from "../../topology/operator/contract.ts";
import { Deployment } from "../support/deployment.ts";

const guide = readFileSync("topologies/dev.yaml", "utf8");
const otherTrust = operatorSchema.parse({ fields: { bigPeer: { trustedCas: "spec.auth.trust.caSecretRefs" } } });

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(guide, undefined, otherTrust);
});
afterAll(() => deployment?.stop());

const written = async () => [
  ...(await deployment.names("dev", "bigpeers")),
  ...(await deployment.names("dev", "bigpeerapps")),
  ...(await deployment.names("dev", "bigpeerreplications")),
];

describe("a cluster whose operator calls the trust field otherwise", () => {
  test.each(["preview", "up"] as const)(
    "stops %s before any write, with the setting and the field to set it to",
    async (operation) => {
      const { exitCode, stdout } = await deployment.engine.stack("dev", operation);
      expect(exitCode).not.toBe(0);
      expect(stdout).toMatch(/error.*missing-field/);
      expect(stdout).toContain("no field spec.auth.trustedCASecrets");
      expect(stdout).toMatch(/set operator\.fields\.bigPeer\.trustedCas.*spec\.auth\.trust\.caSecretRefs/);
      expect(stdout).not.toMatch(/no-cert-manager|\n\s+at .*\.[jt]s:\d+/);
      expect(await written()).toEqual([]);
    },
  );

  const told = `${guide}\noperator: { fields: { bigPeer: { trustedCas: spec.auth.trust.caSecretRefs } } }\n`;

  test("takes the topology once the setting says so, and documents flow", async () => {
    deployment.write(told);
    await deployment.up();
    expect((await deployment.verify(told)).passed).toBe(true);
    deployment.write(guide);
  });

  test("shows a warning of the topology once in the diagnostics, and goes on", async () => {
    deployment.write(told.replace(`["color = 'red'"]`, `["color == 'red'"]`));
    const { exitCode, stdout } = await deployment.engine.stack("dev", "preview");
    deployment.write(guide);
    expect(exitCode).toBe(0);
    const diagnostics = stdout.split("Diagnostics:")[1] ?? "";
    expect(diagnostics.match(/warning double-equals/g)).toHaveLength(1);
    expect(diagnostics.match(/^ +fix: ./gm)).toHaveLength(1);
  });
});
