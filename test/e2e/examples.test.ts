import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Engine } from "../../lab/engine.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-examples-"));
const ingress = {
  namespace: "ingress-nginx",
  service: "ingress-nginx-controller",
  deployment: "ingress-nginx-controller",
  container: "controller",
  configMap: "tcp-services",
  flag: true,
};
let lab: RunningLab;
beforeAll(async () => {
  const namespaces = ["ditto", "ingress-nginx"];
  lab = await startLab({
    directory: join(directory, "lab"),
    clusters: [
      { name: "east", context: "east", namespaces },
      { name: "west", context: "west", namespaces, ingresses: [{ ...ingress, host: "bp.west.example.com" }] },
    ],
  });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const steps = z.object({ steps: z.array(z.object({ op: z.string(), urn: z.string() })) });

test("the components work without a topology file: preview, up and a second up that changes nothing but what Pulumi compares by position", async () => {
  mkdirSync(join(directory, "pulumi"));
  const engine = new Engine({ directory: join(directory, "pulumi"), env: lab.env, project: "examples/components" });
  await engine.init("dev", "config: {}\n");
  const preview = await engine.stack("dev", "preview", ["--json"]);
  expect(preview.stderr).not.toMatch(/error/);
  const kinds = steps.parse(JSON.parse(preview.stdout)).steps.map(({ urn }) => urn.split("::")[2]?.split("$").at(-1));
  expect(kinds.filter((kind) => kind?.startsWith("kubernetes:")).sort()).toEqual([
    "kubernetes:core/v1:ConfigMapPatch",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:ServicePatch",
    "kubernetes:ditto.live/v1alpha1:BigPeer",
    "kubernetes:ditto.live/v1alpha1:BigPeer",
    "kubernetes:ditto.live/v1alpha1:BigPeerApp",
    "kubernetes:ditto.live/v1alpha1:BigPeerApp",
    "kubernetes:ditto.live/v1alpha1:BigPeerPatch",
    "kubernetes:ditto.live/v1alpha1:BigPeerPatch",
    "kubernetes:ditto.live/v1alpha1:BigPeerReplication",
    "kubernetes:ditto.live/v1alpha1:BigPeerReplication",
  ]);
  expect((await engine.stack("dev", "up")).exitCode).toBe(0);
  // Others have ports before ours on the controller's Service. Whoever looks at it first says so by `portsAreOpen`.
  const again = steps.parse(JSON.parse((await engine.stack("dev", "preview", ["--json"])).stdout));
  const changed = again.steps.filter(({ op }) => op !== "same").map(({ urn }) => urn.split("::").at(-1));
  expect(changed).toEqual(["west-ports"]);
  expect(await engine.outputs("dev")).toEqual({
    addresses: {
      bp1: "ditto-bp1-replication-blue-cars-bp1.ditto.svc.cluster.local:4040",
      bp2: "ditto-bp2-replication-blue-cars-bp2.ditto.svc.cluster.local:4040",
    },
    dialled: [expect.stringMatching(/^bp\.west\.example\.com:4\d{3}$/)],
  });
});
