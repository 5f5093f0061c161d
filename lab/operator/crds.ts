/**
 * The custom resources of the Ditto Operator, written from what is publicly known of them, with full structural schemas: the API server
 * prunes, validates and merges as it would with the vendor's own. Where the contract is changed, its fields move here, too.
 */
import type { V1CustomResourceColumnDefinition, V1CustomResourceDefinition } from "@kubernetes/client-node";
import type { OperatorContract } from "../../topology/operator/contract.ts";
import {
  count,
  dnsLabel,
  flag,
  fromPaths,
  fromShape,
  listBy,
  listOfShape,
  mapOf,
  object,
  quantity,
  resources,
  type Schema,
  text,
  texts,
  uuid,
} from "./crd-schema.ts";

const queriesByCollection = object({ everything: flag, queriesByCollection: mapOf(texts) });
/** `qlVersion` 0 is the legacy query language (API). */
const permission = object(
  {
    read: queriesByCollection,
    write: queriesByCollection,
    qlVersion: { type: "integer", _enum: [0, 1] },
    remoteQuery: flag,
  },
  ["read", "write"],
);

/** A provider is one of the two kinds (deployments); all members of the anonymous one are required (API). */
function authProviders({ shapes: { webhookProvider } }: OperatorContract): Schema {
  const webhook = fromShape(webhookProvider, { url: { type: "string", pattern: "^https?://" } });
  const anonymous = object(
    { permission, sessionLength: { type: "integer", minimum: 1 }, sharedToken: { ...text, minLength: 1 } },
    ["permission", "sessionLength", "sharedToken"],
  );
  return mapOf({
    ...object({ anonymous, ...webhook.properties }),
    oneOf: [{ required: ["anonymous"] }, { required: webhook.required ?? [] }],
  });
}

const image = object({
  namePrefix: text,
  tag: text,
  pullPolicy: text,
  pullSecrets: listBy("name", object({ name: text }, ["name"])),
});
const keyReference = object({ name: text, certificate: text, key: text, optional: flag }, ["name"]);
const certificateTemplate = object({
  metadata: object({ labels: mapOf(text), annotations: mapOf(text) }),
  issuerRef: object({ group: text, kind: text, name: text }, ["name"]),
  secretTemplate: object({ metadata: object({ labels: mapOf(text), annotations: mapOf(text) }) }),
});

/** Fields that this project does not write by itself, which a topology may pass through (deployments). */
const passedThrough: [string, Schema][] = [
  ["spec.store.hashingScheme", text],
  ["spec.store.image", text],
  ["spec.store.storage", object({ size: quantity, storage_class_name: text, storageClassName: text })],
  ["spec.subscriptions.image", text],
  ["spec.api", object({ replicas: count, image: text, imagePullPolicy: text, resources })],
  ["spec.network.hostname", text],
  ["spec.attachments.backend", object({ type: text, s3: mapOf(text), azure: mapOf(text) })],
  [
    "spec.transactions.kafka",
    object({
      external: object({ topicName: text, bootstrapServers: text }),
      strimzi: object({ version: text, replicas: count }),
    }),
  ],
  [
    "spec.auth.keys",
    object({
      external: object({ caSecretRef: keyReference, inBandSecretRef: keyReference, jwtSecretRef: keyReference }),
      certManager: object({
        template: object({
          issuer: certificateTemplate,
          caCertificate: certificateTemplate,
          inBandCertificate: certificateTemplate,
          jwtCertificate: certificateTemplate,
        }),
      }),
    }),
  ],
];

function bigPeerSchema(contract: OperatorContract): Schema {
  const { bigPeer: fields } = contract.fields;
  const switches: [string, Schema][] = fields.kafkaListener === "none" ? [] : [[fields.kafkaListener, flag]];
  const schema = fromPaths([
    ...passedThrough,
    ...switches,
    [fields.version, { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+" }],
    [fields.ingressHost, text],
    [fields.ingressController, text],
    [fields.authProviders, authProviders(contract)],
    [fields.trustedCas, listOfShape(contract.shapes.trustedCa, "secret", { secret: dnsSubdomain, key: text })],
    [fields.storeReplicas, { ...count, minimum: 1 }],
    [fields.storePartitions, { ...count, minimum: 1 }],
    [fields.storeMrf, { ...count, minimum: 1 }],
    [fields.storeStorageSize, quantity],
    [fields.storeResources, resources],
    [fields.subscriptionsReplicas, count],
    [fields.subscriptionsResources, resources],
    [fields.image, image],
    [fields.imagePullSecrets, listBy("name", object({ name: text }, ["name"]))],
  ]);
  return required(schema, fields.version);
}

const dnsSubdomain: Schema = { type: "string", maxLength: 253, pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" };

function appSchema(contract: OperatorContract): Schema {
  const { app } = contract.fields;
  const schema = fromPaths([
    [app.appId, uuid],
    [app.authProviders, authProviders(contract)],
  ]);
  return required(schema, app.appId);
}

function replicationSchema({ fields: { replication } }: OperatorContract): Schema {
  // host:port, unique; an IPv6 address in brackets (API).
  const connection: Schema = { type: "string", pattern: "^(\\[[0-9a-fA-F:.]+\\]|[^:\\s\\[\\]]+):[0-9]{1,5}$" };
  return fromPaths([
    [replication.connections, { type: "array", items: connection, x_kubernetes_list_type: "set" }],
    [replication.queriesByCollection, mapOf({ type: "array", items: { type: "string", minLength: 1 } })],
  ]);
}

const apiKeySchema = object({
  spec: object(
    {
      name: dnsLabel,
      hash: text,
      expiresAt: { type: "string", format: "date-time" },
      permissions: permission,
    },
    ["name", "hash", "expiresAt", "permissions"],
  ),
});

/** The definitions of a contract's kinds. */
export function crds(contract: OperatorContract): V1CustomResourceDefinition[] {
  const { kinds } = contract;
  return [
    definition(contract, kinds.bigPeer, bigPeerSchema(contract), [
      column("Version", contract.fields.bigPeer.version),
      conditionColumn(contract.readyCondition),
    ]),
    definition(contract, kinds.app, appSchema(contract), [
      column("App ID", contract.fields.app.appId),
      conditionColumn("Ready"),
    ]),
    definition(contract, kinds.replication, replicationSchema(contract), [
      conditionColumn("Ready"),
      conditionColumn("Connected"),
    ]),
    definition(contract, kinds.apiKey, apiKeySchema, [column("Expires", "spec.expiresAt")]),
  ];
}

/** The plural of a kind, as the operator's own are. */
export function plural(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

function definition(
  { group, version }: OperatorContract,
  kind: string,
  schema: Schema,
  columns: V1CustomResourceColumnDefinition[],
): V1CustomResourceDefinition {
  const status = object({
    observedGeneration: { type: "integer", format: "int64" },
    conditions: listBy("type", condition),
  });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural(kind)}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural: plural(kind), singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: { ...schema, type: "object", properties: { ...schema.properties, status } } },
        },
      ],
    },
  };
}

const condition = object(
  {
    type: text,
    status: { type: "string", _enum: ["True", "False", "Unknown"] },
    reason: text,
    message: text,
    lastTransitionTime: { type: "string", format: "date-time" },
    observedGeneration: { type: "integer", format: "int64" },
  },
  ["type", "status", "reason", "message", "lastTransitionTime"],
);

function column(name: string, path: string): V1CustomResourceColumnDefinition {
  return { name, type: "string", jsonPath: `.${path}` };
}

function conditionColumn(type: string): V1CustomResourceColumnDefinition {
  return { name: type, type: "string", jsonPath: `.status.conditions[?(@.type=="${type}")].status` };
}

/** Makes every step of a path required. */
function required(schema: Schema, path: string): Schema {
  const [step, ...rest] = path.split(".");
  const inner = step === undefined ? undefined : schema.properties?.[step];
  if (step === undefined || inner === undefined) return schema;
  const properties = { ...schema.properties, [step]: required(inner, rest.join(".")) };
  return { ...schema, properties, required: [...(schema.required ?? []), step] };
}
