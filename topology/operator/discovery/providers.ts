import { ownProperty } from "../../own-property.ts";
import type { OperatorContract } from "../contract.ts";
import { describeType, type FieldSchema, namedFields, schemaAt } from "../field-schema.ts";
import type { Shape } from "../shape.ts";
import type { Settled } from "./facts.ts";

/** Finds the form of an auth provider that is a webhook, if the schema of a BigPeer shows it. */
export function settleWebhook({ kinds, fields }: OperatorContract, schema: FieldSchema): Settled[] {
  const path = fields.bigPeer.authProviders;
  const provider = schemaAt(schema, path.split("."))?.additional;
  const found = provider && webhookShape(provider);
  if (!provider || !found) return [];
  const evidence = [`a provider in ${kinds.bigPeer}.${path} is ${describeType(provider)}`];
  return [{ setting: "shapes.webhookProvider", value: found, confidence: "likely", evidence }];
}

function webhookShape({ properties, required }: FieldSchema): Shape | undefined {
  for (const [member, field] of Object.entries(properties)) {
    if (!/webhook/i.test(member)) continue;
    if (field.type === "string") {
      const type = ownProperty(properties, "type");
      if (!type || !required.includes("type")) return { [member]: "{url}" };
      const tag = type.values.find((value) => typeof value === "string" && /webhook/i.test(value));
      return typeof tag === "string" ? { type: tag, [member]: "{url}" } : undefined;
    }
    const url = ["url", "webhookUrl"].find((name) => ownProperty(field.properties, name)?.type === "string");
    if (url !== undefined) return { [member]: { [url]: "{url}" } };
  }
  return undefined;
}

/** Finds the field by which a permission says that its queries are DQL, or that there is none. */
export function settleDqlPermission({ kinds, fields }: OperatorContract, schema: FieldSchema): Settled[] {
  const path = fields.bigPeer.authProviders;
  const permission = schemaAt(schema, [...path.split("."), "any", "anonymous", "permission"]);
  // Without the two, it is not the permission that is known.
  if (!permission || !ownProperty(permission.properties, "read") || !ownProperty(permission.properties, "write"))
    return [];
  const has = ownProperty(permission.properties, "qlVersion") !== undefined || permission.preservesUnknown;
  const evidence = [`a permission in ${kinds.bigPeer}.${path} is ${describeType(permission)}`];
  return [{ setting: "shapes.dqlPermission", value: has ? { qlVersion: 1 } : {}, confidence: "likely", evidence }];
}

/** Finds the field in which a BigPeerApp has auth providers of its own. */
export function settleAppProviders({ kinds, fields }: OperatorContract, schema: FieldSchema): Settled[] {
  const setting = "fields.app.authProviders";
  const current = fields.app.authProviders;
  if (schemaAt(schema, current.split("."))) return [];
  const found = namedFields(schema).filter(
    ({ path, schema: { additional } }) =>
      path[0] === "spec" &&
      /providers?$/i.test(path.at(-1) ?? "") &&
      additional !== undefined &&
      Object.keys(additional.properties).some((name) => /anonymous|webhook/i.test(name)),
  );
  const [first] = found;
  if (!first) return [];
  const evidence = [`${kinds.app}.${first.path.join(".")} is a ${describeType(first.schema)}; there is no ${current}`];
  return [{ setting, value: first.path.join("."), confidence: found.length === 1 ? "certain" : "guess", evidence }];
}

/** The switch of Kafka's listener for clients outside the cluster, or that there is none. */
export function settleKafkaListener({ kinds, fields }: OperatorContract, schema: FieldSchema): Settled[] {
  const setting = "fields.bigPeer.kafkaListener";
  const current = fields.bigPeer.kafkaListener;
  if (current !== "none" && schemaAt(schema, current.split("."))) return [];
  const found = namedFields(schema).filter(
    ({ path, schema: { type } }) =>
      path[0] === "spec" && type === "boolean" && /kafka.*external|external.*kafka/i.test(path.join(".")),
  );
  const [first] = found;
  if (first) {
    const name = first.path.join(".");
    return [
      {
        setting,
        value: name,
        confidence: found.length === 1 ? "likely" : "guess",
        evidence: [`${kinds.bigPeer}.${name} is a boolean`],
      },
    ];
  }
  const evidence = [`${kinds.bigPeer} has no field that mentions an external Kafka listener`];
  return [{ setting, value: "none", confidence: "likely", evidence }];
}
