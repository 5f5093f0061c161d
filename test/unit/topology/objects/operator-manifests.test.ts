import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";
import { operatorSchema } from "../../../../topology/operator/contract.ts";
import { fillShape, placeholdersOf, readShape, type Shape } from "../../../../topology/operator/shape.ts";

const topology = (
  change: { bp1?: string; cluster?: string; app?: string; replication?: string; more?: string } = {},
) => `
environment: development
${change.more ?? ""}
clusters:
  dev: { ${change.cluster ?? ""} }
peers:
  bp1: { cluster: dev, version: 1.63.2, ${change.bp1 ?? ""} }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2], ${change.app ?? ""} }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: "color = 'blue'" }, ${change.replication ?? ""} }
`;
const operator = (text: string) => ({ more: `operator: ${text}` });

/** Of every manifest of a kind whose name is this. */
const written = (text: string, kind: string, name: string) =>
  clusterManifests(planText(text).plan, "dev")
    .filter(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)
    .map(({ manifest }) => manifest);
const specOf = (text: string, kind: string, name: string) => written(text, kind, name)[0]?.spec;
const trustOf = (text: string) => written(text, "BigPeer", "bp1").at(-1)?.spec;

describe("a trusted CA", () => {
  test("is in its Secret under tls.crt and ca.crt, since nobody outside knows which one the operator reads", () => {
    const [secret] = written(topology(), "Secret", "bp1-trusts-bp2");
    expect(secret?.data).toEqual({ "tls.crt": "<CA certificate of bp2>", "ca.crt": "<CA certificate of bp2>" });
  });

  test.each([
    ["one key", "ca.pem", ["ca.pem"]],
    ["a list of keys", "[ca.pem, tls.crt]", ["ca.pem", "tls.crt"]],
  ])("is under the keys that the contract names: %s", (_, keys, expected) => {
    const text = topology(operator(`{ trustSecret: { certificateKey: ${keys} } }`));
    const [secret] = written(text, "Secret", "bp1-trusts-bp2");
    expect(Object.keys(secret?.data ?? {})).toEqual(expected);
  });

  test.each([
    ["by default the name in a mapping", undefined, [{ name: "bp1-trusts-bp2" }]],
    ["a bare name", '"{secret}"', ["bp1-trusts-bp2"]],
    [
      "a mapping with the data key",
      '{ name: "{secret}", certificate: "{key}" }',
      [{ name: "bp1-trusts-bp2", certificate: "tls.crt" }],
    ],
    ["nested", '{ secretRef: { name: "{secret}" } }', [{ secretRef: { name: "bp1-trusts-bp2" } }]],
  ])("is listed as the contract shapes an entry: %s", (_, shape, expected) => {
    const text = topology(shape === undefined ? {} : operator(`{ shapes: { trustedCa: ${shape} } }`));
    expect(trustOf(text)).toEqual({ auth: { trustedCASecrets: expected } });
  });

  test.each(['{ name: "{secrets}" }', "name", '{ name: "{secret}", key: "{kei}" }'])(
    "is refused in a shape that nothing could fill: %s",
    (shape) => {
      expect(() => planText(topology(operator(`{ shapes: { trustedCa: ${shape} } }`)))).toThrow(
        /operator\.shapes\.trustedCa.*\{secret\}/s,
      );
    },
  );
});

describe("an auth provider", () => {
  const anonymous = (playground: string) =>
    specOf(topology({ bp1: `auth: { playground: ${playground} }` }), "BigPeer", "bp1");
  const everything = { everything: true, queriesByCollection: {} };

  test("of a playground has all members that the management API requires, with a session of a week", () => {
    expect(anonymous("{}")).toMatchObject({
      auth: {
        providers: {
          __playgroundProvider: {
            anonymous: {
              permission: { read: everything, write: everything },
              sessionLength: 604_800,
              sharedToken: "<token of peer bp1>",
            },
          },
        },
      },
    });
    expect(JSON.stringify(anonymous("{}"))).not.toContain("qlVersion");
  });

  test("with queries of its own says that they are DQL", () => {
    const spec = anonymous("{ permissions: { read: { cars: \"color = 'blue'\" }, write: nothing } }");
    expect(spec).toMatchObject({
      auth: {
        providers: {
          __playgroundProvider: {
            anonymous: {
              permission: {
                read: { everything: false, queriesByCollection: { cars: ["color = 'blue'"] } },
                write: { everything: false, queriesByCollection: {} },
                qlVersion: 1,
              },
            },
          },
        },
      },
    });
  });

  test.each([
    [undefined, { webhookUrl: "https://a.example" }],
    ['{ tokenWebhook: { url: "{url}" } }', { tokenWebhook: { url: "https://a.example" } }],
    ['{ type: tokenWebhook, webhookUrl: "{url}" }', { type: "tokenWebhook", webhookUrl: "https://a.example" }],
  ])("that is a webhook is written as the contract shapes it: %s", (shape, expected) => {
    const auth = "auth: { webhooks: { staff: { url: 'https://a.example' } } }";
    const more = shape === undefined ? {} : operator(`{ shapes: { webhookProvider: ${shape} } }`);
    const spec = specOf(topology({ bp1: auth, ...more }), "BigPeer", "bp1");
    expect(spec).toMatchObject({ auth: { providers: { staff: expected } } });
  });

  test("of an app is where the contract says", () => {
    const auth = "auth: { webhooks: { staff: { url: 'https://a.example' } } }";
    const text = topology({ app: auth, ...operator("{ fields: { app: { authProviders: spec.authProviders } } }") });
    expect(specOf(text, "BigPeerApp", "cars-bp1")).toMatchObject({
      authProviders: { staff: { webhookUrl: "https://a.example" } },
    });
  });
});

describe("Kafka's listener for clients outside the cluster", () => {
  const listener = (change: Parameters<typeof topology>[0]) => specOf(topology(change), "BigPeer", "bp1");
  const off = { cdc: { network: { kafkaExternalListener: { enabled: false } } } };

  test("is off where the topology knows of no Ingress controller: it would be waited for without end", () => {
    expect(listener({})).toMatchObject(off);
  });

  test.each([
    ["the cluster has an ingress", { cluster: "ingress: {}" }],
    ["it has a further one", { cluster: "ingresses: { other: { service: o, deployment: o } }" }],
    ["the peer's HTTP API has a host", { bp1: "host: bp1.example.com" }],
    ["the contract knows no such switch", operator("{ fields: { bigPeer: { kafkaListener: none } } }")],
  ])("is left to the operator where %s", (_, change) => {
    expect(listener(change)).not.toHaveProperty("cdc");
  });

  test("is what the peer says, as a setting or in its spec", () => {
    const on = { cdc: { network: { kafkaExternalListener: { enabled: true } } } };
    expect(listener({ bp1: "kafkaListener: true" })).toMatchObject(on);
    expect(listener({ bp1: "kafkaListener: false", cluster: "ingress: {}" })).toMatchObject(off);
    const passed = "spec: { cdc: { network: { kafkaExternalListener: { enabled: true } }, topic: t } }";
    expect(listener({ bp1: passed })).toMatchObject({ cdc: { ...on.cdc, topic: "t" } });
  });
});

test("`spec` of an app and of a replication reaches each of its objects, beside what is set", () => {
  const text = topology({ app: "spec: { displayName: Cars }", replication: "spec: { limits: { rate: 5 } }" });
  for (const peer of ["bp1", "bp2"]) {
    expect(specOf(text, "BigPeerApp", `cars-${peer}`)).toMatchObject({
      displayName: "Cars",
      appId: "2164bef3-37c0-489c-9ac6-c94b034525d7",
    });
    expect(specOf(text, "BigPeerReplication", `blue-${peer}`)).toMatchObject({
      limits: { rate: 5 },
      queriesByCollection: { cars: ["color = 'blue'"] },
    });
  }
});

test("a shape reads back what it was filled with, whatever else a server has added", () => {
  const key = fc.stringMatching(/^[a-z]{1,6}$/);
  const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
    shape: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("{secret}", "{key}", "fixed", 3, true, null),
      fc.array(tie("shape"), { maxLength: 3 }),
      fc.dictionary(key, tie("shape"), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(shape, fc.string(), fc.string(), (any, secret, data) => {
      const values: Record<string, string> = { secret, key: data };
      const filled = fillShape(any, values);
      const added = typeof filled === "object" && filled && !Array.isArray(filled) ? { ...filled, Added: 1 } : filled;
      const expected = Object.fromEntries(placeholdersOf(any).map((name) => [name, values[name]]));
      expect(readShape(any, added)).toEqual(expected);
    }),
  );
});

test("a contract that a lab gets as JSON is the same contract", () => {
  const contract = operatorSchema.parse({ trustSecret: { certificateKey: "x" }, shapes: { trustedCa: "{secret}" } });
  expect(operatorSchema.parse(JSON.parse(JSON.stringify(contract)))).toEqual(contract);
});
