import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { formatSummary } from "../../../cli/commands/verify.ts";
import { createCa, issueLeaf, type KeyPair } from "../../../lab/operator/authority.ts";
import { statusOf } from "../../../status/report.ts";
import type { Observation } from "../../../status/status-row.ts";
import { planText } from "../../../topology/check.ts";
import { clusterManifests } from "../../../topology/objects/cluster-manifests.ts";
import { staleTrust, type TrustSeen } from "../../../trust/stale-trust.ts";

const { plan } = planText(`
clusters:
  east: { stack: dev-east }
  west: { stack: dev-west, ingress: { host: bp.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2] }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`);
let [bp1, bp2, renewed]: KeyPair[] = [];
let leafOfOld: X509Certificate;
let leafOfRenewed: X509Certificate;
let leaf: KeyPair;
beforeAll(async () => {
  [bp1, bp2, renewed] = await Promise.all(["bp1 CA", "bp2 CA", "bp2 CA"].map(createCa));
  const of = async (ca: KeyPair | undefined) => issueLeaf(ca ?? { certificate: "", privateKey: "" }, "bp2");
  leaf = await of(bp2);
  leafOfOld = new X509Certificate(leaf.certificate);
  leafOfRenewed = new X509Certificate((await of(renewed)).certificate);
});

const pem = (pair: KeyPair | undefined) => pair?.certificate ?? "";
const twice = (text: string) => ({ value: [text, text] });

/** Both trust each other, unless it is said otherwise of bp2's CA, or of bp1's trust in it. */
function seen(change: {
  ca?: ReturnType<TrustSeen["authority"]>;
  secret?: ReturnType<TrustSeen["secret"]>;
  listed?: readonly string[];
  shows?: readonly X509Certificate[];
}): TrustSeen {
  return {
    authority: (peer) => (peer === "bp1" ? { value: pem(bp1) } : (change.ca ?? { value: pem(bp2) })),
    secret: (truster) => (truster === "bp2" ? twice(pem(bp1)) : (change.secret ?? twice(pem(bp2)))),
    listed: (truster) => ({
      value: truster === "bp2" ? ["bp2-trusts-bp1"] : (change.listed ?? ["bp1-trusts-bp2"]),
    }),
    shown: (peer) => (peer === "bp2" && change.shows ? { chains: change.shows.map((each) => [each]) } : undefined),
  };
}
const problems = (change: Parameters<typeof seen>[0], now?: Date) =>
  staleTrust(plan, seen(change), now).map(({ truster, what, mend }) => `${truster} ${what} | ${mend}`);
const day = (certificate: X509Certificate, which: "validFrom" | "validTo" = "validFrom") =>
  new Date(certificate[which]).toISOString().slice(0, 10);
const mend = "pulumi up --stack dev-west && pulumi up --refresh --stack dev-east";

describe("trust compared with what there is", () => {
  test("is right where everybody trusts the CA that each has, and in a rotation", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ shows: [leafOfOld] })).toEqual([]);
    const both = twice(`${pem(renewed)}${pem(bp2)}`);
    expect(problems({ ca: { value: pem(renewed) }, secret: both, shows: [leafOfOld, leafOfRenewed] })).toEqual([]);
  });

  test("lacks a CA that is another one by now: since when, until when it lasts, and the commands of both stacks", () => {
    const ca = { value: pem(renewed) };
    const since = day(new X509Certificate(pem(renewed)));
    const what = `bp1 does not trust the CA that bp2 has since ${since}: their connection fails`;
    expect(problems({ ca })).toEqual([
      `${what} the next time it is opened, or when bp2 gets a new certificate | ${mend}`,
    ]);
    expect(problems({ ca, shows: [leafOfOld] })).toEqual([
      `${what} when bp2 gets a new certificate, by ${day(leafOfOld, "validTo")} at the latest | ${mend}`,
    ]);
  });

  test("lacks the CA of a certificate that one of several replicas shows", () => {
    expect(problems({ ca: { value: pem(renewed) }, shows: [leafOfOld, leafOfRenewed] })).toEqual([
      `bp1 does not trust the certificate that bp2 shows since ${day(leafOfRenewed)} (issued by "CN=bp2 CA"): their connection fails the next time it is opened | ${mend}`,
    ]);
    // A former CA that went too early, though the new one is trusted.
    expect(problems({ ca: { value: pem(renewed) }, secret: twice(pem(renewed)), shows: [leafOfOld] })[0]).toMatch(
      /^bp1 does not trust the certificate that bp2 shows/,
    );
  });

  test("is found where one data key alone lacks the CA, since nobody knows which of them the operator reads", () => {
    const secret = { value: [pem(renewed), pem(bp2)] };
    expect(problems({ ca: { value: pem(renewed) }, secret })).toHaveLength(1);
  });

  test("is found edited by hand: without a certificate, with one that is no CA's, or no longer listed", () => {
    const refresh = "pulumi up --refresh --stack dev-east";
    expect(problems({ secret: { value: [pem(bp2), undefined] } })).toEqual([
      `bp1 holds no certificate of bp2 in the Secret ditto/bp1-trusts-bp2 under ca.crt | ${refresh}`,
    ]);
    expect(problems({ secret: twice(leaf.certificate) })).toEqual([
      `bp1 trusts bp2 by a certificate that is not a CA's (CN=bp2): connections cannot be verified with it | ${refresh}`,
    ]);
    expect(problems({ listed: [] })).toEqual([
      `bp1 does not list the Secret ditto/bp1-trusts-bp2, so it does not trust bp2 | ${refresh}`,
    ]);
  });

  test("says what is wrong with a CA itself: none, none that is a CA's, one that has expired", () => {
    expect(problems({ ca: { value: "to be filled" } })).toEqual([
      expect.stringMatching(
        /^bp2 has no CA certificate: Secret ditto\/ditto-bp2-ca holds none under tls\.crt \(cert-manager fills it; .*\) \| kubectl --context west -n ditto describe secret ditto-bp2-ca$/,
      ),
    ]);
    expect(problems({ ca: { value: leaf.certificate } })[0]).toMatch(
      /^bp2 has a certificate in Secret ditto\/ditto-bp2-ca, key tls\.crt, that is not a CA's \(CN=bp2\)/,
    );
    const expiry = new Date(new X509Certificate(pem(bp2)).validTo);
    const late = problems({}, new Date(expiry.getTime() + 24 * 60 * 60 * 1000)).find((each) =>
      each.startsWith("bp2 has"),
    );
    expect(late).toMatch(new RegExp(`^bp2 has a CA certificate that expired on ${expiry.toISOString().slice(0, 10)}`));
  });

  test("of what is not deployed yet, or cannot be read, is not judged", () => {
    expect(problems({ ca: { value: pem(renewed) }, secret: { value: undefined } })).toEqual([]);
    expect(problems({ ca: { value: pem(renewed) }, secret: { unknown: "HTTP 403" } })).toEqual([]);
    expect(problems({ ca: { unknown: "HTTP 403" } })).toEqual([]);
  });
});

describe("stale trust in what commands say", () => {
  const manifest = (cluster: string, kind: string, name: string, role: string) =>
    clusterManifests(plan, cluster).find(
      (each) => each.manifest.kind === kind && each.manifest.metadata.name === name && each.role === role,
    )?.manifest;
  const asDeclared: Observation = {
    deployed: ({ cluster, kind, name, role }) => ({ object: manifest(cluster, kind, name, role) }),
    leftovers: () => [],
    live: ({ cluster, kind, name, role }) => ({ object: manifest(cluster, kind, name, role) }),
    caExpiry: new Map(),
  };
  const rows = (trust: TrustSeen) =>
    statusOf(plan, { ...asDeclared, trust }).flatMap(({ ref, problems: found }) =>
      found.map(({ what }) => `${ref.kind} ${ref.name}: ${what}`),
    );

  test("status tells it in the row of the Big Peer that trusts, once", () => {
    expect(rows(seen({}))).toEqual([]);
    expect(rows(seen({ ca: { value: pem(renewed) } }))).toEqual([
      expect.stringMatching(/^BigPeer bp1: does not trust the CA that bp2 has since/),
    ]);
  });

  test("status says in the row of a Big Peer that its CA cannot be read", () => {
    expect(rows(seen({ ca: { unknown: "Secret ditto/ditto-bp2-ca is not there" } }))).toEqual([
      "BigPeer bp2: its CA certificate cannot be read: Secret ditto/ditto-bp2-ca is not there",
    ]);
  });

  test("verify sums it up beside its probes, with what it could not compare", () => {
    const trust = staleTrust(plan, seen({ ca: { value: pem(renewed) } }));
    const text = formatSummary({
      ...{ passed: false, results: [], leftovers: [], trust, paused: [] },
      notCompared: ["the CA of bp1: HTTP 403"],
    });
    expect(text).toMatch(
      /bp1 does not trust the CA that bp2 has since .*\n.*fix:.* pulumi up --stack dev-west && pulumi up --refresh --stack dev-east/,
    );
    expect(text).toContain("trust could not be compared: the CA of bp1: HTTP 403");
  });
});
