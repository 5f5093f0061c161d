import { expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { deployGrants } from "../../../../topology/objects/access.ts";
import { clusterManifests, placeholders } from "../../../../topology/objects/cluster-manifests.ts";

const topology = (hub: string, more = "") => `environment: development
clusters: { dev: {}, far: { ingress: { host: bp.far.example.com }${more} } }
peers:
  hub: { cluster: dev, version: 1.63.2${hub} }
  north: { cluster: dev, version: 1.63.2 }
  south: { cluster: far, version: 1.63.2 }
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, north, south] }
replications:
  orders: { app: shop, hub: hub, spokes: [north, south], dial: hub, up: { orders: "paid = true" } }
`;
const made = (text: string) => {
  const { plan } = planText(text);
  const manifests = clusterManifests(plan, "dev", { ...placeholders, caCertificates: (...peers) => peers.join("+") });
  const secrets = manifests
    .filter(
      ({ manifest: { kind, metadata } }) =>
        kind === "Secret" && String(metadata.labels?.["ditto.live/big-peer"]) === "hub",
    )
    .map(({ manifest: { metadata, data } }) => [metadata.name, Object(data)["ca.crt"]]);
  const patch = manifests.find(({ role, manifest }) => role === "patch" && manifest.metadata.name === "hub");
  return { plan, secrets, listed: Object(patch?.manifest.spec).auth.trustedCASecrets };
};

test("a Secret that the file names holds the CA of its peer, and the others have their usual names", () => {
  const { secrets, listed } = made(topology(", trustSecrets: { north: ca-of-the-north }"));
  expect(secrets).toEqual([
    ["ca-of-the-north", "north"],
    ["hub-trusts-south", "south"],
  ]);
  expect(listed).toEqual([{ name: "ca-of-the-north" }, { name: "hub-trusts-south" }]);
});

test("the list does not depend on the order of the file", () => {
  const [one, other] = [
    made(topology(", trustSecrets: { north: z, south: a }")),
    made(topology(", trustSecrets: { south: a, north: z }")),
  ];
  expect(one.listed).toEqual([{ name: "a" }, { name: "z" }]);
  expect(other.listed).toEqual(one.listed);
});

test("one that is named for two peers holds the CAs of both", () => {
  const { secrets, listed } = made(topology(", trustSecrets: { north: cas, south: cas }"));
  expect(secrets).toEqual([["cas", "north+south"]]);
  expect(listed).toEqual([{ name: "cas" }]);
});

test("a Secret of somebody else is listed behind the others, once, and neither written nor asked for", () => {
  const { plan, secrets, listed } = made(topology(", otherTrustSecrets: [partner-ca, hub-trusts-north]"));
  expect(secrets.map(([name]) => name)).toEqual(["hub-trusts-north", "hub-trusts-south"]);
  expect(listed).toEqual([{ name: "hub-trusts-north" }, { name: "hub-trusts-south" }, { name: "partner-ca" }]);
  expect(deployGrants(plan, "dev").map(({ name }) => name)).not.toContain("partner-ca");
});

test("a Big Peer that nothing links lists the Secrets of somebody else, too", () => {
  const alone = `environment: development
clusters: { dev: {} }
peers: { hub: { cluster: dev, version: 1.63.2, otherTrustSecrets: [partner-ca] } }
apps: { shop: { peers: [hub] } }
`;
  expect(made(alone)).toMatchObject({ secrets: [], listed: [{ name: "partner-ca" }] });
});

test("the name for a peer whose cluster is lost is left out without a finding", () => {
  const { plan } = made(topology(", trustSecrets: { south: ca-of-the-south }", ", lost: true"));
  expect(plan.peers.get("hub")?.trusts.map(({ peer }) => peer)).toEqual(["north"]);
  expect(
    planText(topology(", trustSecrets: { south: ca-of-the-south }", ", lost: true")).warnings.map(({ rule }) => rule),
  ).not.toContain("unused-trust-secret");
});
