import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApiextensionsV1Api, AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkReport } from "../../cli/output/check-report.ts";
import { loadPlan } from "../../topology/check.ts";
import { Deployment } from "../support/deployment.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
const controller = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };
const program = join(import.meta.dirname, "../../cli/bigpeer.ts");

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, {});
});
afterAll(() => deployment?.stop());

const topologyFile = () => join(deployment.directory, "topology.yaml");

/** `<line> <severity> <rule> <path>` of every finding of `check --live`, and the exit code. */
async function checkLive(): Promise<{ code: number; findings: string[]; fixes: string }> {
  const args = [program, "check", topologyFile(), "--live", "--json", "--kubeconfig", deployment.access.kubeconfig];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout) => {
      const [file] = checkReport.parse(JSON.parse(stdout)).files;
      const found = file?.findings ?? [];
      resolve({
        code: child.exitCode ?? -1,
        findings: found.map(({ line, severity, rule, path }) => `${line} ${severity} ${rule} ${path}`),
        fixes: found.map(({ fix }) => fix).join("\n"),
      });
    });
  });
}

const core = () => deployment.kubeConfig("west").makeApiClient(CoreV1Api);
const apps = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(AppsV1Api);
const extensions = () => deployment.kubeConfig("east").makeApiClient(ApiextensionsV1Api);

describe("check --live", () => {
  test("finds nothing in clusters that have all that the topology needs", async () => {
    expect(await checkLive()).toMatchObject({ code: 0, findings: [] });
  });

  test("refuses a port that somebody else has open", async () => {
    const port = loadPlan(topologyFile()).plan.exposures.find(({ cluster }) => cluster === "west")?.port;
    const body = [{ op: "add", path: "/spec/ports/-", value: { name: "database", port, targetPort: port } }];
    await core().patchNamespacedService({ ...controller, body });
    const { code, findings, fixes } = await checkLive();
    expect(code).toBe(1);
    expect(findings).toEqual([expect.stringMatching(/^\d+ error port-taken replications\.blue-cars$/)]);
    expect(fixes).toMatch(/pin a free one/);
  });

  test("warns of a controller without the flag, and of one that is not there", async () => {
    const body = [
      { op: "replace", path: "/spec/template/spec/containers/0/args", value: ["/nginx-ingress-controller"] },
    ];
    await apps("east").patchNamespacedDeployment({ ...controller, body });
    await core().deleteNamespacedService(controller);
    const { code, findings, fixes } = await checkLive();
    expect(code).toBe(0);
    expect(findings).toEqual([
      expect.stringMatching(/^\d+ warning ingress-flag clusters\.east$/),
      expect.stringMatching(/^\d+ warning no-ingress-controller clusters\.west$/),
    ]);
    expect(fixes).toContain("--tcp-services-configmap=ingress-nginx/tcp-services");
    expect(fixes).toContain("install ingress-nginx");
    await apps("east").deleteNamespacedDeployment(controller);
    expect((await checkLive()).findings[0]).toMatch(/warning no-ingress-controller clusters\.east$/);
  });

  test("warns of a missing cert-manager, and refuses a missing kind with the command that installs the operator", async () => {
    await extensions().deleteCustomResourceDefinition({ name: "certificates.cert-manager.io" });
    await extensions().deleteCustomResourceDefinition({ name: "bigpeerreplications.ditto.live" });
    const { code, findings, fixes } = await checkLive();
    expect(code).toBe(1);
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/error missing-crd operator\.kinds\.replication$/),
        expect.stringMatching(/warning no-cert-manager clusters\.east$/),
      ]),
    );
    expect(fixes).toContain("helm upgrade --install ditto-operator oci://");
  });
});
