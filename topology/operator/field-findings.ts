import { Finding, type Path } from "../findings/finding.ts";
import type { ClusterManifest } from "../objects/cluster-manifests.ts";
import { shellWord } from "../objects/kubectl.ts";
import { live } from "../rules/live.ts";
import { valueAt } from "../value-at.ts";
import type { OperatorContract } from "./contract.ts";
import { contractCommand } from "./discovery/findings.ts";
import { describeType, describeValue, type FieldSchema, type Misfit, misfits, schemaAt } from "./field-schema.ts";
import { nearestFields } from "./nearest-fields.ts";

/** A kind of the contract by the name of its setting. */
export type KindSetting = "bigPeer" | "app" | "replication";

/** One kind of the contract as one cluster serves it. */
export interface ServedKind {
  readonly operator: OperatorContract;
  readonly cluster: string;
  /** The cluster's context in the kubeconfig, for commands. */
  readonly context: string;
  readonly setting: KindSetting;
  readonly kind: string;
  readonly schema: FieldSchema;
}

interface Found {
  /** The field. */
  readonly about: string;
  /** True if the value shows the type that is needed. */
  readonly telling: boolean;
  readonly finding: Finding;
}

/** A field that a setting of the contract names. */
interface ContractField {
  /** Its key in `operator.fields.<kind>`. */
  readonly key: string;
  readonly path: readonly string[];
}

/** Every field of some objects of a kind that the cluster does not have, has of another type, or requires and would not get. */
export function contractFieldFindings(served: ServedKind, manifests: readonly ClusterManifest[]): Finding[] {
  const fields = Object.entries(served.operator.fields[served.setting]).map(
    ([key, path]): ContractField => ({ key, path: path.split(".") }),
  );
  const found = manifests.flatMap((each) => {
    const { apiVersion, kind, metadata, ...written } = each.manifest;
    return misfits(served.schema, written, each.role === "object").flatMap((misfit) =>
      findingsOf(served, fields, misfit, written, each.source),
    );
  });
  return onceEach(found);
}

function findingsOf(
  served: ServedKind,
  fields: readonly ContractField[],
  misfit: Misfit,
  written: unknown,
  source: Path,
): Found[] {
  const about = generic(misfit.path);
  if (misfit.kind === "required")
    return [{ about, telling: true, finding: requiredField(served, misfit, fields, source) }];
  // A step of a setting's path that is missing takes all settings below it along.
  const below = fields.flatMap((field) => {
    const value = startsWith(field.path, misfit.path) ? valueAt(written, field.path) : undefined;
    return value === undefined ? [] : [{ ...field, value }];
  });
  if (below.length === 0) {
    const around = fields.find(({ path }) => startsWith(misfit.path, path));
    return [{ about, telling: true, finding: innerField(served, misfit, around, source) }];
  }
  return below.map((field) => ({
    about: field.key,
    telling: isTelling(field.value),
    finding: contractField(served, fields, field),
  }));
}

function contractField(
  served: ServedKind,
  fields: readonly ContractField[],
  field: ContractField & { readonly value: unknown },
): Finding {
  const { cluster, context, kind, setting, schema } = served;
  const present = schemaAt(schema, field.path);
  const name = field.path.join(".");
  const taken = new Set(fields.filter(({ key }) => key !== field.key).map(({ path }) => path.join(".")));
  return new Finding(present ? live.fieldType : live.missingField, {
    path: ["operator", "fields", setting, field.key],
    what: present
      ? `${kind}.${name} in cluster "${cluster}" is ${describeType(present)}, and ${describeValue(field.value)} would be written`
      : `${kind} in cluster "${cluster}" has no field ${name} (${describeValue(field.value)})`,
    why: consequences[field.key] ?? "the API server drops what it does not know, or refuses the whole object",
    fix: `${settingFix(
      `operator.fields.${setting}.${field.key}`,
      nearestFields(schema, field, taken),
      `kubectl --context ${shellWord(context)} explain ${kind.toLowerCase()}.${field.path[0]} --recursive`,
    )}${field.key === "kafkaListener" ? ", or to none if the operator has no such switch" : ""}${settled.has(`${setting}.${field.key}`) ? `; or have the cluster settle it: \`${contractCommand(context)}\`` : ""}`,
  });
}

/** The settings that `bigpeer contract` finds out. */
const settled: ReadonlySet<string> = new Set(["bigPeer.trustedCas", "bigPeer.kafkaListener", "app.authProviders"]);
/** The setting that says how the value of a field is written. */
const shapeOfField: Readonly<Record<string, string>> = {
  trustedCas: "operator.shapes.trustedCa",
  authProviders: "operator.shapes",
};

const consequences: Readonly<Record<string, string>> = {
  trustedCas: "no Big Peer would trust another, so no connection of any replication would come up",
  connections: "no Big Peer would dial another, so nothing would flow",
  queriesByCollection: "no Big Peer would subscribe to anything, so nothing would flow",
  appId: "no app could be served",
  authProviders: "nobody could sign in",
  kafkaListener:
    "an operator that has this switch under another name leaves it on, and without an Ingress controller no Big Peer becomes Ready",
};

function settingFix(setting: string, near: readonly string[], look: string): string {
  if (near.length === 0) return `set ${setting} to the field that has this meaning; see \`${look}\``;
  return `set ${setting} to the field that has this meaning; nearest: ${near.join(", ")}`;
}

/** A field inside the value of a setting, or one that the topology passes through. */
function innerField(
  { cluster, context, kind, setting, schema }: ServedKind,
  misfit: Exclude<Misfit, { kind: "required" }>,
  around: ContractField | undefined,
  source: Path,
): Finding {
  const name = generic(misfit.path);
  const near = nearestFields(schema, misfit).join(", ");
  const passedThrough = source[0] !== "clusters" && around === undefined && misfit.path[0] === "spec";
  const toChange = passedThrough
    ? `${source.join(".")}.${misfit.path.join(".")}`
    : around
      ? `${shapeOfField[around.key] ?? `operator.fields.${setting}.${around.key}`}, or the setting of ${source.join(".")} behind it`
      : source.join(".");
  return new Finding(misfit.kind === "type" ? live.fieldType : live.missingField, {
    path: passedThrough ? [...source, ...misfit.path] : around ? ["operator", "fields", setting, around.key] : source,
    what:
      misfit.kind === "type"
        ? `${kind}.${name} in cluster "${cluster}" is ${describeType(misfit.schema)}, and ${describeValue(misfit.value)} would be written`
        : `${kind} in cluster "${cluster}" has no field ${name} (${describeValue(misfit.value)})`,
    why: "the API server drops what it does not know, or refuses the whole object",
    fix: `change ${toChange}${near === "" ? "" : `; nearest: ${near}`}${around && shapeOfField[around.key] ? `; or have the cluster settle it: \`${contractCommand(context)}\`` : ""}`,
  });
}

function requiredField(
  { cluster, kind, setting }: ServedKind,
  misfit: Misfit & { kind: "required" },
  fields: readonly ContractField[],
  source: Path,
): Finding {
  const inside = fields.find(({ path }) => startsWith(misfit.path, path));
  const path: Path = inside ? ["operator", "fields", setting, inside.key] : ["operator", "fields", setting];
  const give = `give it in ${source.join(".")}.${misfit.path.join(".")}, or `;
  return new Finding(live.requiredField, {
    path,
    what: `${kind} in cluster "${cluster}" requires ${generic(misfit.path)} (${describeType(misfit.schema)}), which nothing sets`,
    fix: `${give}set the member of operator.fields.${setting} that means it to ${generic(misfit.path)}`,
  });
}

/** The same mistake in a hundred objects is one finding: that of the first whose value says most. */
function onceEach(findings: readonly Found[]): Finding[] {
  const byAbout = new Map<string, Found>();
  for (const found of findings) {
    const key = `${found.finding.rule} ${found.finding.path.join(".")} ${found.about}`;
    const before = byAbout.get(key);
    if (!before || (!before.telling && found.telling)) byAbout.set(key, found);
  }
  return [...byAbout.values()].map(({ finding }) => finding);
}

/** An empty list or map tells nothing about what belongs in it. */
function isTelling(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}

/** `spec.items.0.name` as `spec.items[].name`. */
function generic(path: readonly string[]): string {
  return path.join(".").replace(/\.\d+(?=\.|$)/g, "[]");
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.length <= path.length && start.every((step, index) => path[index] === step);
}
