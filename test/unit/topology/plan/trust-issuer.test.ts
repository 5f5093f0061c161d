import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createCa, createRoot, issueCa, issueLeaf } from "../../../../lab/operator/authority.ts";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { deployGrants } from "../../../../topology/objects/access.ts";
import { clusterManifests, placeholders } from "../../../../topology/objects/cluster-manifests.ts";
import { shareFingerprint } from "../../../../topology/objects/stack-share.ts";
import { bundleOf } from "../../../../topology/objects/trust-manifests.ts";
import { renderFiles } from "../../../../topology/render/files.ts";
import { certificatesIn } from "../../../../trust/certificates.ts";
import { staleTrust, type TrustSeen } from "../../../../trust/stale-trust.ts";

const spokes = (count: number) => Array.from({ length: count }, (_, index) => `shop-${index}`);

/** A hub and its shops; `issuer` is at the top, `of` are settings of single peers. */
function topology(count: number, issuer: string | undefined, of: Readonly<Record<string, string>> = {}): string {
  const peers = ["hub", ...spokes(count)].map(
    (peer) => `  ${peer}: { cluster: dev, version: 1.63.2${of[peer] ?? ""} }`,
  );
  return `environment: development
${issuer === undefined ? "" : `caIssuer: ${issuer}\n`}clusters: { dev: { namespace: ditto } }
peers:
${peers.join("\n")}
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, ${spokes(count).join(", ")}] }
replications:
  orders: { app: shop, hub: hub, spokes: [${spokes(count).join(", ")}], up: { orders: "paid = true" } }
`;
}
const issuer = "{ name: big-peers }";
const manifestsOf = (text: string, values = placeholders) =>
  clusterManifests(planText(text).plan, "dev", values).map(({ manifest }) => manifest);
const ofHub = (text: string) =>
  manifestsOf(text).filter(
    ({ metadata: { labels, name } }) => labels?.["ditto.live/big-peer"] === "hub" || name === "hub",
  );
const rulesOf = (text: string) =>
  checkSource(parseSource("topology.yaml", text)).findings.map(
    ({ severity, rule, path }) => `${severity} ${rule} ${path.join(".")}`,
  );

test("each BigPeer names the issuer, and a hub lists one Secret whatever the number of its spokes", () => {
  for (const count of [2, 50]) {
    const [hub, ...secrets] = manifestsOf(topology(count, issuer)).filter(
      ({ kind, metadata: { name } }) => (kind === "BigPeer" && name === "hub") || kind === "Secret",
    );
    const template = { caCertificate: { issuerRef: { name: "big-peers", kind: "ClusterIssuer" } } };
    expect(hub?.spec).toMatchObject({ auth: { keys: { certManager: { template } } } });
    const ofHubs = secrets.filter(({ metadata: { name } }) => String(name).startsWith("hub-"));
    expect(ofHubs.map(({ metadata: { name } }) => name)).toEqual(["hub-trusts-clusterissuer.big-peers"]);
  }
});

test("a new site changes nothing of its hub's objects", () => {
  expect(ofHub(topology(4, issuer))).toEqual(ofHub(topology(3, issuer)));
  expect(ofHub(topology(4, undefined))).not.toEqual(ofHub(topology(3, undefined)));
});

test("a peer without an issuer keeps a CA and a Secret of its own, beside those of every issuer", () => {
  const text = topology(4, issuer, {
    "shop-1": ", caIssuer: none",
    "shop-2": ", caIssuer: { kind: Issuer, name: big-peers }",
    "shop-3": ", caIssuer: { kind: StepClusterIssuer, group: certmanager.step.sm, name: regional }",
  });
  const { plan } = planText(text);
  expect(plan.peers.get("hub")?.trusts.map(({ peer, secret }) => [peer, secret])).toEqual([
    ["shop-0", "hub-trusts-clusterissuer.big-peers"],
    ["shop-1", "hub-trusts-shop-1"],
    ["shop-2", "hub-trusts-issuer.big-peers"],
    ["shop-3", "hub-trusts-stepclusterissuer.regional"],
  ]);
  expect(plan.peers.get("shop-1")?.settings).not.toHaveProperty("caIssuer");
  expect([...plan.peers.values()].map(({ caKey }) => caKey)).toEqual([
    "ca.crt",
    "ca.crt",
    "tls.crt",
    "ca.crt",
    "ca.crt",
  ]);
  const refs = manifestsOf(text).filter(({ kind }) => kind === "BigPeer");
  expect(JSON.stringify(refs[4]?.spec)).toContain(
    '"issuerRef":{"name":"regional","kind":"StepClusterIssuer","group":"certmanager.step.sm"}',
  );
  expect(JSON.stringify(refs[2]?.spec)).not.toContain("issuerRef");
});

test("with a bundle, one Secret is for the issuer and for all others", () => {
  const text = `operator: { trustSecret: { bundle: true } }\n${topology(3, issuer, { "shop-1": ", caIssuer: none" })}`;
  const { plan } = planText(text);
  expect(new Set(plan.peers.get("hub")?.trusts.map(({ secret }) => secret))).toEqual(new Set(["hub-trusted-cas"]));
});

test("adding and removing the issuer needs an update of the stack", () => {
  const print = (text: string) => shareFingerprint(planText(text).plan, new Set(["dev"]), []);
  expect(print(topology(2, issuer))).not.toBe(print(topology(2, undefined)));
});

test("it warns once that nobody knows what Big Peers send, and of members of whom nothing is said", () => {
  expect(rulesOf(topology(3, undefined))).toEqual([]);
  expect(rulesOf(topology(3, issuer))).toEqual(["warning trust-issuer caIssuer"]);
  const one = { "shop-0": `, caIssuer: ${issuer}` };
  expect(rulesOf(topology(3, undefined, one))).toEqual([
    "warning mixed-issuers replications.orders",
    "warning trust-issuer peers.shop-0.caIssuer",
  ]);
  const said = { ...one, hub: ", caIssuer: none", "shop-1": ", caIssuer: none", "shop-2": ", caIssuer: none" };
  expect(rulesOf(topology(3, undefined, said))).toEqual(["warning trust-issuer peers.shop-0.caIssuer"]);
});

test.each([
  "{ kind: ClusterIssue, name: big-peers }",
  "{ name: Big_Peers }",
  "{ kind: clusterissuer, name: big-peers }",
  "{}",
])("%s is refused as an issuer", (value) => {
  expect(rulesOf(topology(2, value)).filter((each) => each.startsWith("error"))).toHaveLength(1);
});

test("an issuer in `spec` beside the setting is one too many", () => {
  const spec =
    ", spec: { auth: { keys: { certManager: { template: { caCertificate: { issuerRef: { name: other } } } } } } }";
  expect(rulesOf(topology(2, issuer, { hub: spec }))).toContainEqual(
    expect.stringMatching(/^warning spec-overridden peers\.hub\.spec/),
  );
  expect(rulesOf(topology(2, undefined, { hub: spec }))).toEqual([]);
});

test("a deployment may read the issuers of its cluster, each by its name", () => {
  const text = topology(2, issuer, { "shop-0": ", caIssuer: { kind: Issuer, name: local }" });
  const grants = deployGrants(planText(text).plan, "dev").filter(({ group }) => group === "cert-manager.io");
  const names = grants.map(({ namespace, resource, name, verbs }) => [namespace, resource, name, verbs]);
  expect(names).toEqual([
    [undefined, "clusterissuers", "big-peers", ["get"]],
    ["ditto", "issuers", "local", ["get"]],
  ]);
});

const root = await createRoot("big-peers");
const former = await createCa("shop-1 CA");
const [shop0, shop1] = [await issueCa(root, "shop-0 CA"), await issueCa(root, "shop-1 CA")];

test("a Secret that is for several peers has each certificate once", () => {
  const moving = `${root.certificate}\n${former.certificate}\n`;
  const held = bundleOf([root.certificate, moving, `${root.certificate}\n`]);
  expect(certificatesIn(held).map(({ x509 }) => x509.subject)).toEqual(["CN=big-peers", "CN=shop-1 CA"]);
});

test("a rendering trusts the issuer's CA in one Secret", () => {
  const { plan } = planText(topology(3, issuer));
  const certificates = new Map([...plan.peers.keys()].map((peer) => [peer, root.certificate]));
  const files = renderFiles(plan, { topology: "topology.yaml", certificates, exposure: "manifests" });
  const secrets = files.filter(({ path }) => path.includes("secret-hub-trusts"));
  expect(secrets.map(({ path }) => path)).toEqual(["dev/ditto/secret-hub-trusts-clusterissuer.big-peers.yaml"]);
  const data = /ca\.crt: (\S+)/.exec(secrets[0]?.text ?? "")?.[1] ?? "";
  expect(certificatesIn(Buffer.from(data, "base64").toString("utf8"))).toHaveLength(1);
});

/** Everybody trusts the issuer's CA; shop-0 shows some certificates. */
function seen(shown: readonly X509Certificate[], change: Partial<TrustSeen> = {}): TrustSeen {
  return {
    authority: () => ({ value: root.certificate }),
    secret: () => ({ value: [root.certificate, root.certificate] }),
    listed: (truster) => ({ value: [`${truster}-trusts-clusterissuer.big-peers`] }),
    shown: (peer) => (peer === "shop-0" ? { chains: [shown] } : undefined),
    ...change,
  };
}

test("trust by the issuer is right where a Big Peer sends its CA along, and said to be broken where it does not", async () => {
  const { plan } = planText(topology(2, issuer));
  const leaf = new X509Certificate((await issueLeaf(shop0, "shop-0")).certificate);
  expect(staleTrust(plan, seen([leaf, new X509Certificate(shop0.certificate)]))).toEqual([]);
  const problems = staleTrust(plan, seen([leaf]));
  expect(problems).toMatchObject([{ truster: "hub", trusted: "shop-0" }]);
  expect(problems[0]?.what).toMatch(
    /shop-0 does not send along its CA \("CN=shop-0 CA"\), and hub trusts ClusterIssuer big-peers alone/,
  );
});

test("a Big Peer whose CA another issuer has signed is not trusted by the CA of this one", async () => {
  const { plan } = planText(topology(2, issuer));
  const other = await createRoot("other");
  const authority: TrustSeen["authority"] = (peer) => ({
    value: peer === "shop-1" ? other.certificate : root.certificate,
  });
  const sent = [
    new X509Certificate((await issueLeaf(shop1, "shop-0")).certificate),
    new X509Certificate(shop1.certificate),
  ];
  expect(staleTrust(plan, seen(sent, { authority })).map(({ truster, trusted }) => [truster, trusted])).toEqual([
    ["hub", "shop-1"],
  ]);
});
