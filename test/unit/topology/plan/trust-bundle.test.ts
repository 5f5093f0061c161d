import { expect, test } from "vitest";
import { createCa } from "../../../../lab/operator/authority.ts";
import { trustedIn } from "../../../../lab/operator/trusted-cas.ts";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { clusterManifests, placeholders } from "../../../../topology/objects/cluster-manifests.ts";
import { certificatesIn } from "../../../../trust/certificates.ts";
import { staleTrust, type TrustSeen } from "../../../../trust/stale-trust.ts";

const topology = (settings: string) => `environment: development
operator: { trustSecret: ${settings} }
clusters: { dev: {} }
peers:
${["hub", "north", "south"].map((peer) => `  ${peer}: { cluster: dev, version: 1.63.2 }`).join("\n")}
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, north, south] }
replications:
  orders: { app: shop, hub: hub, spokes: [north, south], up: { orders: "paid = true" } }
`;

test("one Secret of each peer is for all that it trusts, and its list names that one", () => {
  const { plan } = planText(topology("{ bundle: true }"));
  const manifests = clusterManifests(plan, "dev", { ...placeholders, caCertificates: (...peers) => peers.join("+") });
  const secrets = manifests.filter(({ manifest }) => manifest.kind === "Secret");
  expect(secrets.map(({ manifest: { metadata, data } }) => [metadata.name, Object(data)["ca.crt"]])).toEqual([
    ["hub-trusted-cas", "north+south"],
    ["north-trusted-cas", "hub"],
    ["south-trusted-cas", "hub"],
  ]);
  const [patch] = manifests.filter(({ role }) => role === "patch");
  expect(patch?.manifest.spec).toEqual({ auth: { trustedCASecrets: [{ name: "hub-trusted-cas" }] } });
});

test("without the setting each trusted peer has a Secret, as before", () => {
  const { plan } = planText(topology("{ bundle: false }"));
  expect(plan.peers.get("hub")?.trusts.map(({ secret }) => secret)).toEqual(["hub-trusts-north", "hub-trusts-south"]);
});

test("it warns that nobody knows whether the operator reads it, and where no Secret can hold it", () => {
  const rules = (text: string) =>
    checkSource(parseSource("topology.yaml", text)).findings.map(
      ({ rule, severity, what }) => `${severity} ${rule} ${what}`,
    );
  expect(rules(topology("{ bundle: true }"))).toEqual([
    expect.stringMatching(/^warning trust-bundle no public source/),
  ]);
  const names = Array.from({ length: 500 }, (_, index) => `site-${index}`);
  const many = topology("{ bundle: true }")
    .replace("  north:", `${names.map((name) => `  ${name}: { cluster: dev, version: 1.63.2 }`).join("\n")}\n  north:`)
    .replaceAll("north, south", `north, south, ${names.join(", ")}`);
  expect(rules(many)).toContainEqual(expect.stringMatching(/hub trusts 502 Big Peers: with 2 data keys.* 1,024 KiB/));
  expect(rules(many.replace("bundle: true", "bundle: true, certificateKey: ca.crt"))).toHaveLength(1);
});

const [north, south] = [await createCa("north"), await createCa("south")];

test("trust by a bundle is stale for the peer whose CA is missing in it, and for no other", () => {
  const { plan } = planText(topology("{ bundle: true }"));
  const authorities = new Map([
    ["north", north.certificate],
    ["south", south.certificate],
  ]);
  const seen: TrustSeen = {
    authority: (peer) => ({ value: authorities.get(peer) }),
    secret: (truster) => ({ value: truster === "hub" ? [north.certificate, north.certificate] : undefined }),
    listed: (truster) => ({ value: [`${truster}-trusted-cas`] }),
    shown: () => undefined,
  };
  expect(staleTrust(plan, seen).map(({ truster, trusted }) => [truster, trusted])).toEqual([["hub", "south"]]);
});

test("the lab's operator reads the certificates of several CAs only where the contract says so", () => {
  const pem = `${north.certificate}\n${south.certificate}\n`;
  expect(certificatesIn(trustedIn(pem, { bundle: true })).length).toBe(2);
  expect(certificatesIn(trustedIn(pem, { bundle: false })).map(({ x509 }) => x509.subject)).toEqual(["CN=north"]);
});

test("by default it reads the former CA of a rotation, too", async () => {
  const former = await createCa("north");
  const pem = `${north.certificate}\n${former.certificate}\n`;
  expect(certificatesIn(trustedIn(pem, { bundle: false })).length).toBe(2);
});
