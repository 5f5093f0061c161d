/** A preview in which another resource, such as the Helm release of a controller, has not given its names yet. */
import { beforeEach, expect, test } from "vitest";
import { registrations } from "../../support/registered-resources.ts";

const registered = await registrations({ preview: true });
const { output } = await import("@pulumi/pulumi");
const { unknown } = await import("@pulumi/pulumi/output.js");
const { CaTrust, TcpExposure } = await import("../../../components/index.ts");

beforeEach(() => {
  registered.length = 0;
});

/** As another resource of the same program gives it in a preview. */
const notYet = (): import("@pulumi/pulumi").Output<string> => output(unknown).apply(String);
const patchesOf = (kind: string) =>
  registered.filter(({ type }) => type.endsWith(`:${kind}`)).map(({ inputs }) => inputs);

test("a patch has a name all the same, without which Pulumi's provider would refuse the preview", async () => {
  const controller = { namespace: "edge", service: notYet(), deployment: notYet(), configMap: notYet() };
  new TcpExposure("west", { controller, exposures: [], currentArguments: ["/nginx"] });
  new CaTrust("trust", {
    peer: notYet(),
    namespace: "ditto",
    trusts: [{ peer: "bp2", secret: "theirs", certificates: "PEM" }],
  });
  for (const kind of ["ConfigMapPatch", "ServicePatch", "DeploymentPatch", "BigPeerPatch"]) {
    await expect.poll(() => patchesOf(kind).length).toBe(1);
    expect(patchesOf(kind)[0], kind).toMatchObject({ metadata: { name: "not-known-yet" } });
  }
});

test("a name that is known already is the one that is previewed", async () => {
  const controller = { namespace: output("edge"), service: output("front"), configMap: "tcp" };
  new TcpExposure("west", { controller, exposures: [] });
  await expect.poll(() => patchesOf("ServicePatch").length).toBe(1);
  expect(patchesOf("ServicePatch")[0]).toMatchObject({ metadata: { name: "front", namespace: "edge" } });
});
