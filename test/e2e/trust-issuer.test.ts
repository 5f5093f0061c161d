import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { afterEach, expect, test } from "vitest";
import type { KeyPair } from "../../lab/operator/authority.ts";
import { renewLeafAnnotation } from "../../lab/operator/big-peer-identity.ts";
import { operatorSchema } from "../../topology/operator/contract.ts";
import { valueAt } from "../../topology/value-at.ts";
import { certificatesIn } from "../../trust/certificates.ts";
import { Deployment } from "../support/deployment.ts";
import { createIssuer } from "../support/lab-issuer.ts";

const topology = (issuer: string, peers: readonly string[]) => `environment: development
${issuer}
clusters: { dev: { namespace: ditto } }
peers:
${peers.map((peer) => `  ${peer}: { cluster: dev, version: 1.63.2 }`).join("\n")}
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [${peers.join(", ")}] }
replications:
  orders: { app: shop, hub: hub, spokes: [${peers.slice(1).join(", ")}], up: { orders: "paid = true" } }
`;
const three = ["hub", "north", "south"];
const byIssuer = "caIssuer: { name: big-peers } # bigpeer-ignore trust-issuer: the lab's Big Peers send their CA along";

let deployment: Deployment | undefined;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

async function secretOf(on: Deployment, name: string, key: string): Promise<string> {
  const api = on.kubeConfig("dev").makeApiClient(CoreV1Api);
  const { data } = await api.readNamespacedSecret({ namespace: "ditto", name });
  return Buffer.from(data?.[key] ?? "", "base64").toString("utf8");
}

/** The subjects of the CAs that a Big Peer trusts by a Secret. */
async function trusted(on: Deployment, secret: string): Promise<string[]> {
  return certificatesIn(await secretOf(on, secret, "ca.crt"))
    .map(({ x509 }) => x509.subject)
    .sort();
}

async function listed(on: Deployment, name: string): Promise<unknown> {
  const peer = (await on.objects("dev", "bigpeers")).find(({ metadata }) => metadata?.name === name);
  return valueAt(peer, ["spec", "auth", "trustedCASecrets"]);
}

/** Waits until each Big Peer has a CA that an issuer has signed, or one of its own. */
async function casSignedBy(on: Deployment, root: KeyPair | undefined): Promise<void> {
  for (const peer of three)
    await expect
      .poll(() => secretOf(on, `ditto-${peer}-ca`, "ca.crt"), { timeout: 20_000 })
      .toBe(root?.certificate ?? (await secretOf(on, `ditto-${peer}-ca`, "tls.crt")));
}

/** cert-manager reissues the certificates that Big Peers show. */
async function reissue(on: Deployment, peers: readonly string[]): Promise<void> {
  const api = on.kubeConfig("dev").makeApiClient(CoreV1Api);
  for (const peer of peers)
    await api.patchNamespacedSecret(
      {
        ...{ namespace: "ditto", name: `ditto-${peer}-ca` },
        body: { metadata: { annotations: { [renewLeafAnnotation]: "now" } } },
      },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
}

test("trust moves from a CA of each Big Peer to the CA of their issuer, and documents flow all the time", async () => {
  const own = topology("", three);
  const issued = topology(byIssuer, three);
  // During the move a Secret holds the CA of the issuer and the former ones, so the operator has to read several certificates of one.
  const reading = operatorSchema.parse({ trustSecret: { bundle: true } });
  deployment = await Deployment.start(own, { dev: undefined }, reading);
  const running = deployment;
  const root = await createIssuer([running.kubeConfig("dev")], "big-peers");
  await running.up();
  expect(await listed(running, "hub")).toEqual([{ name: "hub-trusts-north" }, { name: "hub-trusts-south" }]);

  running.write(issued);
  await running.up();
  await casSignedBy(running, root);
  await running.up();
  const secret = "hub-trusts-clusterissuer.big-peers";
  expect(await listed(running, "hub")).toEqual([{ name: secret }]);
  // They still show certificates of their former CAs.
  expect(await trusted(running, secret)).toEqual(["CN=big-peers", "CN=north CA", "CN=south CA"]);
  expect(await trusted(running, "north-trusts-clusterissuer.big-peers")).toEqual(["CN=big-peers", "CN=hub CA"]);
  expect((await running.verify(issued)).passed).toBe(true);

  await reissue(running, three);
  const reissued = await running.verify(issued);
  expect([reissued.passed, reissued.trust]).toEqual([true, []]);
  await running.up();
  // They are dialled within their cluster alone, where the account of the update may not look, so it goes on trusting both.
  expect(await trusted(running, "north-trusts-clusterissuer.big-peers")).toEqual(["CN=big-peers", "CN=hub CA"]);
  expect(JSON.stringify(await running.engine.outputs("dev"))).toContain("hub has had a different CA since");
  await running.up("dev", ["--expect-no-changes"]);

  // A new site is there without a change of what its hub trusts.
  const before = await listed(running, "hub");
  const grown = topology(byIssuer, [...three, "west"]);
  running.write(grown);
  const changes = (await running.changes()).filter((each) => each.includes("hub-trust"));
  expect(changes).toEqual([]);
  await running.up();
  expect(await listed(running, "hub")).toEqual(before);
  const whole = await running.verify(grown);
  expect([whole.results.filter(({ passed }) => !passed), whole.trust, whole.leftovers]).toEqual([[], [], []]);
  expect(whole.passed).toBe(true);
});

test("with Big Peers that do not send their CA along, verify says so", async () => {
  const issued = topology(byIssuer, three);
  deployment = await Deployment.start(issued);
  await createIssuer([deployment.kubeConfig("dev")], "big-peers", "leaf");
  await deployment.up();
  const { passed, trust } = await deployment.verify(issued, 5_000);
  expect(passed).toBe(false);
  expect(JSON.stringify(trust)).toContain("does not send along its CA");
});
