import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { certManagerStandIn } from "../../../lab/operator/cert-manager.ts";
import { crds } from "../../../lab/operator/crds.ts";
import { contractCheck } from "../../../program/contract-check.ts";
import { planText } from "../../../topology/check.ts";
import { clusterFindings } from "../../../topology/operator/cluster-findings.ts";
import { defaultOperator } from "../../../topology/operator/contract.ts";
import { definitionsOf } from "../../../topology/operator/custom-resource-definition.ts";

const { plan } = planText(readFileSync("topologies/dev.yaml", "utf8"));
const definitions = definitionsOf([...crds(defaultOperator), certManagerStandIn]);
const short = (facts: Parameters<typeof clusterFindings>[2]) =>
  clusterFindings(plan, "dev", facts).map(({ severity, rule }) => `${severity} ${rule}`);

describe("what a cluster says of itself", () => {
  test.each([
    ["v1.31.0", []],
    ["v1.36.3", []],
    ["1.31.2-gke.100", []],
    ["v2.0.0", []],
    ["v1.30.9", ["warning old-kubernetes"]],
    ["v1.9.0+k3s1", ["warning old-kubernetes"]],
    ["unknown", []],
  ])("Kubernetes %s gives %j", (version, expected) => {
    expect(short({ version, definitions })).toEqual(expected);
  });

  test("a cluster without cert-manager is warned of", () => {
    const without = definitions.filter(({ group }) => group !== "cert-manager.io");
    expect(short({ version: "v1.36.3", definitions: without })).toEqual(["warning no-cert-manager"]);
  });
});

describe("a cluster that cannot be asked", () => {
  const kubeconfig = (server: string) =>
    JSON.stringify(
      {
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
        users: [{ name: "u", user: {} }],
        contexts: [{ name: "dev", context: { cluster: "c", user: "u" } }],
        "current-context": "dev",
      },
      null,
      1,
    );
  const check = (server: string, context = "dev") =>
    contractCheck(plan, [{ cluster: "dev", context, kubeconfig: kubeconfig(server) }]);

  test("is a warning that names it and the reason", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    await new Promise((resolve) => server.close(resolve));
    const [finding, ...others] = await check(`http://127.0.0.1:${port}`);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: "contract-unchecked", severity: "warning", path: ["clusters", "dev"] });
    expect(finding?.what).toContain("ECONNREFUSED");
  });

  test("is a warning that lists the contexts where the kubeconfig has no such one", async () => {
    const [finding] = await check("http://127.0.0.1:1", "other");
    expect(finding?.what).toMatch(/no context "other"; it has: dev/);
  });

  test("is a warning that names what is missing where its user may not look", async () => {
    const { createServer: createHttpServer } = await import("node:http");
    const server = createHttpServer((request, response) => {
      const allowed = request.url?.startsWith("/version");
      response.writeHead(allowed ? 200 : 403, { "content-type": "application/json" });
      response.end(JSON.stringify(allowed ? { gitVersion: "v1.36.3" } : { kind: "Status", code: 403 }));
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    const found = await check(`http://127.0.0.1:${port}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(found.map(({ severity, what, fix }) => `${severity} ${what}; ${fix}`)).toEqual([
      `warning the custom resource definitions of cluster "dev" cannot be read: the kubeconfig's user may not list customresourcedefinitions (HTTP 403) (context "dev", http://127.0.0.1:${port}); grant the right to this user; \`bigpeer rbac\` prints all that are needed (docs/runbook/credential-refused.md)`,
    ]);
  });
});
