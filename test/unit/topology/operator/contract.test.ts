import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { crds } from "../../../../lab/operator/crds.ts";
import { planText } from "../../../../topology/check.ts";
import { defaultOperator, type OperatorContract, operatorSchema } from "../../../../topology/operator/contract.ts";
import { type Definition, definitionsOf } from "../../../../topology/operator/custom-resource-definition.ts";
import { contractFindings } from "../../../../topology/operator/definition-findings.ts";
import { fieldSchema, misfits } from "../../../../topology/operator/field-schema.ts";

const guide = readFileSync("topologies/dev.yaml", "utf8");
const contractOf = (operator: unknown): OperatorContract => operatorSchema.parse(operator);
const otherTrust = contractOf({ fields: { bigPeer: { trustedCas: "spec.auth.trust.caSecretRefs" } } });

/** As the API server sends them: with its own names of the schema extensions. */
const definitions = (contract: OperatorContract, change: (json: string) => string = (json) => json): Definition[] => {
  const json = JSON.stringify(crds(contract), (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key.replace(/^_/, ""),
        inner,
      ]),
    );
  });
  return definitionsOf(JSON.parse(change(json)));
};
const findings = (defined: readonly Definition[], topology = guide) =>
  contractFindings(planText(topology).plan, "dev", defined);
const short = (defined: readonly Definition[], topology = guide) =>
  findings(defined, topology).map(({ rule, path }) => `${rule} ${path.join(".")}`);

const everything = guide
  .replace(
    "version: 1.63.2, auth: { playground: {} }",
    `version: 1.63.2, auth: { playground: { sessionLength: 60, permissions: { read: { cars: "true" } } }, webhooks: { own: { url: "https://auth.example.com" } } },
         store: { replicas: 3, partitions: 1, mrf: 1, storage: 10Gi, resources: { requests: { cpu: 500m } } }, subscriptions: { replicas: 1 },
         image: { tag: "1" }, imagePullSecrets: [pull], host: bp1.example.com, spec: { store: { hashingScheme: ByDocumentId } }`,
  )
  .replace("peers: [bp1, bp2]", "auth: { playground: {} }, peers: [bp1, bp2]");

describe("the contract check of a cluster's custom resources", () => {
  test("finds nothing where they are as the contract says, whichever field is used", () => {
    expect(findings(definitions(defaultOperator))).toEqual([]);
    expect(findings(definitions(defaultOperator), everything)).toEqual([]);
    expect(findings(definitionsOf(crds(defaultOperator)), everything)).toEqual([]);
  });

  test("names the setting of a trust field that is called otherwise, and the field that it has become", () => {
    const found = findings(definitions(otherTrust));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      rule: "missing-field",
      severity: "error",
      path: ["operator", "fields", "bigPeer", "trustedCas"],
      what: 'BigPeer in cluster "dev" has no field spec.auth.trustedCASecrets (list of objects with name)',
    });
    expect(found[0]?.fix).toMatch(
      /^set operator\.fields\.bigPeer\.trustedCas to .*nearest: .*spec\.auth\.trust\.caSecretRefs \(list of objects with name\)/,
    );
  });

  test("is satisfied by the setting that it named", () => {
    const told = `${guide}\noperator: { fields: { bigPeer: { trustedCas: spec.auth.trust.caSecretRefs } } }\n`;
    expect(findings(definitions(otherTrust), told)).toEqual([]);
  });

  test("refuses an operator without conditions, since nobody could tell when a Big Peer is ready, and a field that it lacks", () => {
    const older = definitions(defaultOperator, (json) =>
      json
        .replaceAll('"conditions":', '"phases":')
        // Of the replication alone: a permission of an auth provider has one, too.
        .replace(/("x-kubernetes-list-type":"set"\},)"queriesByCollection":/, '$1"queries":'),
    );
    expect(short(older)).toEqual([
      "no-conditions operator.readyCondition",
      "missing-field operator.fields.replication.queriesByCollection",
    ]);
    const [conditions, queries] = findings(older);
    expect(conditions?.fix).toContain("0.17.0");
    expect(queries?.fix).toContain("nearest: spec.queries (map of lists of strings)");
  });

  test("refuses a field of another type", () => {
    const texts = definitions(contractOf({ fields: { bigPeer: { trustedCas: "spec.auth.elsewhere" } } }), (json) =>
      json.replace('"elsewhere":{', '"trustedCASecrets":{"type":"array","items":{"type":"string"}},"elsewhere":{'),
    );
    const found = findings(texts);
    expect(found.map(({ rule }) => rule)).toEqual(["field-type"]);
    expect(found[0]?.what).toBe(
      'BigPeer.spec.auth.trustedCASecrets[] in cluster "dev" is string, and object with name would be written',
    );
  });

  test("refuses a field that is required and that nothing sets", () => {
    const more = definitions(defaultOperator, (json) =>
      json.replace('"required":["version"]', '"required":["version","network"]'),
    );
    expect(short(more)).toEqual(["required-field operator.fields.bigPeer"]);
    expect(findings(more)[0]?.fix).toContain("give it in peers.bp1.spec.network");
  });

  test("refuses what a topology passes through and the cluster does not have, in the place that passes it", () => {
    const passed = guide.replace("bp2: { cluster: dev,", "bp2: { cluster: dev, spec: { store: { hashScheme: x } },");
    const found = findings(definitions(defaultOperator), passed);
    expect(found.map(({ path }) => path.join("."))).toEqual(["peers.bp2.spec.store.hashScheme"]);
    expect(found[0]?.fix).toContain("spec.store.hashingScheme (string)");
  });

  test("refuses an entry of the trusted CAs in another shape, with the setting that shapes it", () => {
    const bare = definitions(contractOf({ shapes: { trustedCa: "{secret}" } }));
    const found = findings(bare);
    expect(found.map(({ rule }) => rule)).toEqual(["field-type"]);
    expect(found[0]?.fix).toMatch(/^change operator\.shapes\.trustedCa.*npx bigpeer contract --context dev --write/);
    expect(findings(bare, `${guide}\noperator: { shapes: { trustedCa: "{secret}" } }\n`)).toEqual([]);
  });

  test("refuses a switch of Kafka's listener that is not there, and is satisfied by none", () => {
    const lacking = definitions(contractOf({ fields: { bigPeer: { kafkaListener: "none" } } }));
    const found = findings(lacking);
    expect(found.map(({ rule, path }) => `${rule} ${path.join(".")}`)).toEqual([
      "missing-field operator.fields.bigPeer.kafkaListener",
    ]);
    expect(found[0]?.fix).toContain("none if the operator has no such switch");
    const told = `${guide}\noperator: { fields: { bigPeer: { kafkaListener: none } } }\n`;
    expect(findings(lacking, told)).toEqual([]);
  });

  test("refuses what an app and a replication pass through and the cluster does not have, in the place that passes it", () => {
    const passed = guide
      .replace("peers: [bp1, bp2] }", "peers: [bp1, bp2], spec: { displayName: Cars } }")
      .replace("between: [bp1, bp2],", "between: [bp1, bp2], spec: { rate: 5 },");
    expect(findings(definitions(defaultOperator), passed).map(({ path }) => path.join("."))).toEqual([
      "apps.cars.spec.displayName",
      "replications.blue-cars.spec.rate",
    ]);
  });

  test("knows, as the stand-in operator does, that a playground needs a session's length and a token", () => {
    const bigPeer = definitions(defaultOperator).find(({ kind }) => kind === "BigPeer");
    const permission = { read: { everything: true }, write: { everything: true } };
    const spec = { version: "1.65.1", auth: { providers: { p: { anonymous: { permission } } } } };
    const lacks = misfits(fieldSchema(bigPeer?.versions[0]?.schema), { spec }, true);
    expect(lacks.map(({ kind, path }) => `${kind} ${path.at(-1)}`)).toEqual([
      "required sessionLength",
      "required sharedToken",
    ]);
  });

  test("says one thing once, however many objects it is about", () => {
    const renamed = definitions(contractOf({ fields: { app: { appId: "spec.id" } } }));
    expect(short(renamed)).toEqual(["missing-field operator.fields.app.appId", "required-field operator.fields.app"]);
  });

  test("takes everything where the schema keeps unknown fields", () => {
    const open = definitionsOf(
      crds(defaultOperator).map(({ spec, ...rest }) => ({
        ...rest,
        spec: {
          ...spec,
          versions: spec.versions.map((version) => ({
            ...version,
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                },
              },
            },
          })),
        },
      })),
    );
    expect(findings(open, everything)).toEqual([]);
  });

  test("says how to install an operator that is not there", () => {
    const found = findings([]);
    expect(found.map(({ rule }) => rule)).toEqual(["missing-crd"]);
    expect(found[0]?.what).toContain("BigPeer, BigPeerApp, BigPeerReplication");
    expect(found[0]?.fix).toContain("helm upgrade --install ditto-operator oci://");
  });

  test("names the group under which the kinds are served", () => {
    const found = findings(definitions(contractOf({ group: "ditto.example" })));
    expect(found[0]).toMatchObject({ rule: "missing-crd", path: ["operator", "group"] });
    expect(found[0]?.fix).toContain("ditto.example");
  });

  test("names the kinds that are served in place of a missing one", () => {
    expect(short(definitions(contractOf({ kinds: { replication: "BigPeerReplications" } })))).toEqual([
      "missing-crd operator.kinds.replication",
    ]);
  });

  test("names the versions that are served", () => {
    const found = findings(definitions(contractOf({ version: "v1alpha2" })));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ rule: "version-not-served", path: ["operator", "version"] });
    expect(found[0]?.fix).toContain("set operator.version to v1alpha2");
  });

  test("asks nothing of a cluster that runs nothing", () => {
    const empty = guide.replace("dev: { namespace: ditto }", "dev: { namespace: ditto }\n  spare: {}");
    expect(contractFindings(planText(empty).plan, "spare", [])).toEqual([]);
  });
});
