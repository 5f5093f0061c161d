import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crds } from "../../../../lab/operator/crds.ts";
import { planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { Finding } from "../../../../topology/findings/finding.ts";
import {
  defaultOperator,
  fillTemplate,
  type OperatorContract,
  operatorSchema,
} from "../../../../topology/operator/contract.ts";
import { type Definition, definitionsOf } from "../../../../topology/operator/custom-resource-definition.ts";
import type {
  ObservedCertificate,
  ObservedSecret,
  OperatorFacts,
} from "../../../../topology/operator/discovery/facts.ts";
import { contractDiffers, isUsed } from "../../../../topology/operator/discovery/findings.ts";
import { type Judged, operatorBlock, settleContract } from "../../../../topology/operator/discovery/settle.ts";
import { withContract } from "../../../../topology/operator/discovery/written.ts";
import { live } from "../../../../topology/rules/live.ts";

const contractOf = (operator: unknown): OperatorContract => operatorSchema.parse(operator);

const of = (peer: string) => ({ labels: { "ditto.live/big-peer": peer }, owners: [`BigPeer/${peer}`] });
const certificate = (peer: string, secret: string, isCa = true, issuer = "self-signed"): ObservedCertificate => ({
  ...{ ...of(peer), name: secret, secret, isCa, issuer },
});
const secret = (peer: string, name: string, keys = ["ca.crt", "tls.crt", "tls.key"]): ObservedSecret => ({
  ...{ ...of(peer), name, keys, certificate: name },
});

/** A cluster whose operator is as a contract says, with Big Peers and all that is made for them. */
function cluster(
  contract: OperatorContract,
  peers = ["bp1", "bp2"],
  change: Partial<OperatorFacts> = {},
): OperatorFacts {
  const ca = (peer: string) => fillTemplate(contract.caSecret.name, { peer });
  return {
    definitions: definitionsOf(crds(contract)),
    peers: peers.map((name) => ({ name, namespace: "ditto", labels: {}, owners: [], spec: { version: "1.65.1" } })),
    certificates: peers.flatMap((peer) => [
      certificate(peer, ca(peer)),
      certificate(peer, `${peer}-inband-pair`, false, `${peer}-issuer`),
      certificate(peer, `${peer}-jwt-pair`, false),
    ]),
    issuers: [
      { name: "self-signed", caSecret: undefined },
      ...peers.map((peer) => ({ name: `${peer}-issuer`, caSecret: ca(peer) })),
    ],
    secrets: peers.flatMap((peer) => [
      secret(peer, ca(peer), ["ca.crt", "tls.key", contract.caSecret.certificateKey]),
      secret(peer, `${peer}-inband-pair`),
      secret(peer, `${peer}-jwt-pair`),
    ]),
    ...change,
  };
}

/** The API server's definition of a BigPeer whose `spec` has these properties. */
function bigPeerWith(spec: Record<string, unknown>): Definition[] {
  const openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties: spec } } };
  const versions = [{ name: "v1alpha1", served: true, schema: { openAPIV3Schema } }];
  return definitionsOf([
    { metadata: { name: "bigpeers.ditto.live" }, spec: { group: "ditto.live", names: { kind: "BigPeer" }, versions } },
  ]);
}

const settle = (facts: OperatorFacts, contract = defaultOperator) => settleContract(contract, facts);
const found = (judged: readonly Judged[], setting: string) => judged.find((each) => each.setting === setting);
const told = (judged: readonly Judged[], setting: string) => {
  const { value, confidence } = found(judged, setting) ?? {};
  return [value, confidence];
};
const list = (items: unknown, description = "") => ({ type: "array", items, description });
const named = { type: "object", properties: { name: { type: "string" } } };

test("an operator that is as the contract says leaves nothing to write", () => {
  const judged = settle(cluster(defaultOperator));
  expect(judged.filter(({ differs }) => differs)).toEqual([]);
  expect(operatorBlock(judged)).toEqual({});
  expect(told(judged, "caSecret.name")).toEqual(["ditto-{peer}-ca", "certain"]);
  expect(told(judged, "fields.bigPeer.trustedCas")).toEqual(["spec.auth.trustedCASecrets", "likely"]);
});

describe("an operator with other names, paths and shapes", () => {
  const other = contractOf({
    fields: { bigPeer: { trustedCas: "spec.network.replication.trust.caSecretRefs", kafkaListener: "none" } },
    shapes: {
      trustedCa: { name: "{secret}", certificate: "{key}" },
      webhookProvider: { tokenWebhook: { url: "{url}" } },
    },
    caSecret: { name: "{peer}-authority-ca" },
    version: "v1beta1",
  });

  test("gives the block that makes the contract fit, and judged by that nothing differs any more", () => {
    const block = operatorBlock(settle(cluster(other)));
    expect(block).toEqual({
      version: "v1beta1",
      fields: { bigPeer: { trustedCas: "spec.network.replication.trust.caSecretRefs", kafkaListener: "none" } },
      shapes: {
        trustedCa: { name: "{secret}", certificate: "{key}" },
        webhookProvider: { tokenWebhook: { url: "{url}" } },
      },
      caSecret: { name: "{peer}-authority-ca" },
    });
    const again = settle(cluster(other), contractOf(block));
    expect(again.filter(({ differs }) => differs)).toEqual([]);
  });

  test("is judged from its Certificates alone, where Secrets may not be listed", () => {
    const judged = settle(cluster(other, ["bp1"], { secrets: undefined }));
    expect(told(judged, "caSecret.name")).toEqual(["{peer}-authority-ca", "certain"]);
  });

  test("is judged from names alone, where there are no Certificates, and less surely", () => {
    const facts = cluster(other, ["bp1", "bp2"], { certificates: undefined, issuers: undefined });
    expect(told(settle(facts), "caSecret.name")).toEqual(["{peer}-authority-ca", "likely"]);
  });

  test("without a language version in its permissions is written none", () => {
    const older = definitionsOf(
      JSON.parse(JSON.stringify(crds(defaultOperator)).replaceAll('"qlVersion":', '"language":')),
    );
    expect(operatorBlock(settle(cluster(defaultOperator, ["bp1"], { definitions: older })))).toEqual({
      shapes: { dqlPermission: {} },
    });
  });

  test("under another group is found by its kind", () => {
    const moved = contractOf({ group: "ditto.example", fields: { bigPeer: { trustedCas: "spec.trustedCas" } } });
    expect(operatorBlock(settle(cluster(moved)))).toMatchObject({
      group: "ditto.example",
      fields: { bigPeer: { trustedCas: "spec.trustedCas" } },
    });
  });

  test("has whatever path, shape and name it has found out", () => {
    const word = fc.constantFrom("auth", "network", "tls", "replication", "security", "peers");
    const field = fc.constantFrom(
      "trustedCas",
      "trustedCASecrets",
      "caTrust",
      "trustBundle",
      "trustedCertificateAuthorities",
    );
    const shape = fc.constantFrom<unknown>(
      "{secret}",
      { name: "{secret}" },
      { secretName: "{secret}" },
      { name: "{secret}", certificate: "{key}" },
      { name: "{secret}", key: "{key}" },
      { secretRef: { name: "{secret}" } },
      { caSecretRef: { name: "{secret}", certificate: "{key}" } },
    );
    const name = fc.constantFrom(
      "ditto-{peer}-ca",
      "{peer}-ca",
      "ca-{peer}",
      "{peer}.ca",
      "{peer}-root-ca",
      "x-{peer}-authority",
    );
    const peers = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{2,7}$/), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 3 }),
        field,
        shape,
        name,
        peers,
        (steps, last, trustedCa, caName, names) => {
          const trustedCas = ["spec", ...steps, last].join(".");
          const there = contractOf({
            fields: { bigPeer: { trustedCas } },
            shapes: { trustedCa },
            caSecret: { name: caName },
          });
          const judged = settle(cluster(there, names));
          expect(found(judged, "fields.bigPeer.trustedCas")?.value).toBe(trustedCas);
          expect(found(judged, "shapes.trustedCa")?.value).toEqual(trustedCa);
          expect(found(judged, "caSecret.name")?.value).toBe(caName);
        },
      ),
    );
  });
});

describe("the list of trusted CAs", () => {
  const trust = (spec: Record<string, unknown>, peerSpec: unknown = {}, secrets: ObservedSecret[] = []) =>
    settle({
      definitions: bigPeerWith(spec),
      peers: [{ name: "bp1", namespace: "ditto", labels: {}, owners: [], spec: peerSpec }],
      ...{ certificates: [], issuers: [], secrets },
    });

  test("is known by its description, where its name says little", () => {
    const judged = trust({
      extraSecrets: list(named, "More Secrets."),
      peerSecrets: list(named, "Secrets of the CAs that this Big Peer trusts when it connects to others."),
    });
    expect(told(judged, "fields.bigPeer.trustedCas")).toEqual(["spec.peerSecrets", "likely"]);
    expect(found(judged, "fields.bigPeer.trustedCas")?.evidence[0]).toContain("that this Big Peer trusts");
  });

  test("is a guess between two that are as likely, and then not part of the block", () => {
    const judged = trust({ trustedCas: list(named), trustedCaSecrets: list(named) });
    expect(found(judged, "fields.bigPeer.trustedCas")).toMatchObject({ confidence: "guess" });
    expect(found(judged, "fields.bigPeer.trustedCas")?.evidence.join()).toMatch(/as likely: spec\.trustedCa/);
    expect(operatorBlock(judged)).toEqual({ fields: { bigPeer: { kafkaListener: "none" } } });
  });

  test("is certain where a Big Peer uses it for a Secret that is there", () => {
    const spec = { trustedCas: list(named), trustedCaSecrets: list(named) };
    const judged = trust(spec, { trustedCas: [{ name: "ca-of-bp2" }] }, [secret("bp2", "ca-of-bp2")]);
    expect(told(judged, "fields.bigPeer.trustedCas")).toEqual(["spec.trustedCas", "certain"]);
    expect(found(judged, "fields.bigPeer.trustedCas")?.evidence).toContain("bp1 lists ca-of-bp2 there");
  });

  test("is not a list of image pull Secrets, nor one of numbers", () => {
    const judged = trust({
      imagePullSecrets: list(named, "Secrets that are trusted by the registry's CA."),
      registry: { type: "object", properties: { pullSecrets: list(named, "Trusted by the registry's CA.") } },
      trustedPorts: list({ type: "integer" }),
    });
    expect(told(judged, "fields.bigPeer.trustedCas")).toEqual([undefined, "unknown"]);
    expect(told(judged, "shapes.trustedCa")).toEqual([undefined, "unknown"]);
  });

  test("with entries that require what nobody here can fill is found, and its shape left to a person", () => {
    const entry = {
      ...named,
      properties: { ...named.properties, federation: { type: "string" } },
      required: ["federation"],
    };
    const judged = trust({ trustedCaSecrets: list(entry) });
    expect(found(judged, "shapes.trustedCa")).toMatchObject({ confidence: "guess" });
    expect(found(judged, "shapes.trustedCa")?.evidence.join()).toContain("requires federation");
  });

  test("is unknown where the definition takes any field", () => {
    const open = definitionsOf([
      {
        metadata: { name: "bigpeers.ditto.live" },
        spec: {
          group: "ditto.live",
          names: { kind: "BigPeer" },
          versions: [
            {
              name: "v1alpha1",
              served: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
                },
              },
            },
          ],
        },
      },
    ]);
    const judged = settle(cluster(defaultOperator, ["bp1"], { definitions: open }));
    expect(found(judged, "fields.bigPeer.trustedCas")).toMatchObject({ value: undefined, confidence: "unknown" });
    expect(found(judged, "fields.bigPeer.trustedCas")?.evidence.join()).toContain("accepts any field");
    expect(judged.filter(({ differs }) => differs)).toEqual([]);
  });
});

describe("the Secret of a Big Peer's CA", () => {
  const ca = (change: Partial<OperatorFacts>, peers = ["bp1"]) => settle(cluster(defaultOperator, peers, change));

  test("is unknown before there is a Big Peer, and before anything of it may be listed", () => {
    expect(told(ca({}, []), "caSecret.name")).toEqual([undefined, "unknown"]);
    const judged = ca({ certificates: undefined, issuers: undefined, secrets: undefined });
    expect(told(judged, "caSecret.name")).toEqual([undefined, "unknown"]);
  });

  test("is the one that the Big Peer names, where keys are given to it", () => {
    const spec = {
      auth: { keys: { external: { caSecretRef: { name: "bp1-given" }, jwtSecretRef: { name: "bp1-jwt" } } } },
    };
    const judged = ca({
      peers: [{ name: "bp1", namespace: "ditto", labels: {}, owners: [], spec }],
      certificates: [],
      secrets: [secret("bp1", "bp1-given"), secret("bp1", "bp1-jwt")],
    });
    expect(told(judged, "caSecret.name")).toEqual(["{peer}-given", "certain"]);
  });

  test("is a guess between two CAs, and where its name does not have the Big Peer's in it", () => {
    const two = [certificate("bp1", "bp1-ca-one"), certificate("bp1", "bp1-ca-two")];
    expect(told(ca({ certificates: two, secrets: undefined }), "caSecret.name")[1]).toBe("guess");
    const nameless = ca({ certificates: [certificate("bp1", "the-ca")], secrets: undefined });
    expect(told(nameless, "caSecret.name")).toEqual(["the-ca", "guess"]);
  });

  test("has the template that fits all Big Peers, where one name can be read in two ways", () => {
    const there = contractOf({ caSecret: { name: "ca-{peer}" } });
    expect(told(settle(cluster(there, ["ca", "bp2"])), "caSecret.name")[0]).toBe("ca-{peer}");
    expect(told(settle(cluster(there, ["ca"])), "caSecret.name")[1]).toBe("guess");
  });

  test("is not one of ours, which hold the CAs of others", () => {
    const ours = { ...secret("bp1", "bp1-trusts-ca"), labels: { "app.kubernetes.io/managed-by": "bigpeer-topology" } };
    const judged = ca({ certificates: undefined, secrets: [ours] });
    expect(told(judged, "caSecret.name")).toEqual([undefined, "unknown"]);
  });

  test.each([
    [["ca.crt", "tls.crt", "tls.key"], "tls.crt", "certain"],
    [["authority.pem", "authority.key"], "authority.pem", "likely"],
    [["a.pem", "b.pem"], "a.pem", "guess"],
  ])("has its certificate under a key of %j", (keys, value, confidence) => {
    const judged = ca({ secrets: [secret("bp1", "ditto-bp1-ca", keys)] });
    expect(told(judged, "caSecret.certificateKey")).toEqual([value, confidence]);
  });
});

describe("the topology file", () => {
  const text = `# Two sites.
environment: development
operator:
  release: 0.18.1 # what Helm says
  caSecret: { name: "guessed-{peer}" } # to be settled
clusters:
  dev: {} # the only one
peers:
  bp1: { cluster: dev, version: 1.63.2 }
`;
  const other = contractOf({ caSecret: { name: "{peer}-ca" }, shapes: { trustedCa: "{secret}" } });
  const judgedOf = (topology: string) => settle(cluster(other), planText(topology).plan.operator);

  test("gets what was found, and keeps everything else, comments too", () => {
    const { text: after, changed, refused } = withContract(parseSource("t.yaml", text), judgedOf(text));
    expect(refused).toEqual([]);
    expect(changed.map(({ setting }) => setting)).toEqual(["shapes.trustedCa", "caSecret.name"]);
    expect(after).toBe(
      text
        .replace('"guessed-{peer}"', '"{peer}-ca"')
        .replace("clusters:", `  shapes:\n    trustedCa: "{secret}"\nclusters:`),
    );
    expect(judgedOf(after).filter(({ differs }) => differs)).toEqual([]);
  });

  test("without an operator block gets one", () => {
    const bare = text.replace(/operator:\n.*\n.*\n/, "");
    const { text: after } = withContract(parseSource("t.yaml", bare), judgedOf(bare));
    expect(judgedOf(after).filter(({ differs }) => differs)).toEqual([]);
    expect(after.startsWith("# Two sites.\n")).toBe(true);
  });

  test("is left alone where nothing that is sure differs", () => {
    const same = text.replace(/ {2}caSecret.*\n/, "");
    const judged = settle(cluster(defaultOperator), planText(same).plan.operator);
    expect(withContract(parseSource("t.yaml", same), judged)).toMatchObject({ text: same, changed: [] });
  });
});

describe("check --live", () => {
  const place = { cluster: "east", context: "gke-east" };
  const other = contractOf({ fields: { bigPeer: { trustedCas: "spec.trust.cas" } }, caSecret: { name: "{peer}-ca" } });

  test("names what differs, and the command that writes it", () => {
    const findings = contractDiffers(settle(cluster(other)), place, []);
    expect(findings.map(({ rule, severity, path }) => `${severity} ${rule} ${path.join(".")}`)).toEqual([
      "warning contract-differs operator.fields.bigPeer.trustedCas",
      "warning contract-differs operator.caSecret.name",
    ]);
    expect(findings[1]?.what).toMatch(/"east" it is \{peer\}-ca, but ditto-\{peer\}-ca is assumed: Certificate/);
    expect(findings[1]?.fix).toContain("npx bigpeer contract --context gke-east --write");
  });

  test("does not repeat what the check of the definitions has found", () => {
    const path = ["operator", "fields", "bigPeer", "trustedCas"];
    const missing = new Finding(live.missingField, { path, what: "", fix: "" });
    const findings = contractDiffers(settle(cluster(other)), place, [missing]);
    expect(findings.map((each) => each.path.join("."))).toEqual(["operator.caSecret.name"]);
  });

  test("asks only about what the topology uses in that cluster", () => {
    const used = (change: string) => {
      const { plan } = planText(`
environment: development
clusters: { east: {}, west: {} }
peers:
  bp1: { cluster: east, version: 1.63.2, ${change} }
  bp2: { cluster: east, version: 1.63.2 }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications: { blue: { app: cars, between: [bp1, bp2], queries: { cars: "color = 'blue'" } } }
`);
      const settings = settle(cluster(other)).map(({ setting }) => setting);
      expect(settings.filter((setting) => isUsed(plan, "west", setting))).toEqual([]);
      return settings.filter((setting) => isUsed(plan, "east", setting)).map((setting) => setting.split(".").at(-1));
    };
    const always = ["trustedCas", "trustedCa", "name", "certificateKey"];
    expect(used("").sort()).toEqual(always.toSorted());
    expect(used("auth: { webhooks: { s: { url: 'https://a.example' } } }")).toContain("webhookProvider");
    expect(used("auth: { playground: {} }")).not.toContain("dqlPermission");
    expect(used('auth: { playground: { permissions: { read: { cars: "true" } } } }')).toContain("dqlPermission");
  });

  test("says nothing of a guess", () => {
    const guessed = cluster(other, ["bp1"], {
      certificates: [certificate("bp1", "bp1-ca"), certificate("bp1", "bp1-ca-2")],
      issuers: [],
      secrets: undefined,
    });
    expect(contractDiffers(settle(guessed), place, []).map(({ path }) => path.at(-1))).toEqual(["trustedCas"]);
  });
});
