import { certManagerGroup } from "../file/ca-issuer.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { isPlainObject } from "../plain-object.ts";
import { type AuthWithToken, authProviders, playgroundMark } from "./auth-providers.ts";

/**
 * A Kubernetes object of a topology, as plain data. Components pass it to Pulumi, `render` writes it as YAML, and the contract check looks every path
 * up in the cluster's CRDs: all three get it from one place. A leaf can be a value that another resource provides later, so leaves are `unknown`
 * here.
 */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: unknown;
    readonly namespace: unknown;
    readonly labels?: Readonly<Record<string, unknown>>;
    readonly annotations?: Readonly<Record<string, unknown>>;
    readonly ownerReferences?: unknown;
  };
  readonly [field: string]: unknown;
}

/**
 * A change that the owner of a component makes to an object before it is written. The object contains a value of another resource as an `Output`, or
 * as a text that stands for it, such as `$(value-3)`, which can be used as a part of other texts.
 */
export type Transform = (manifest: Manifest) => Manifest;

/** The settings of a Big Peer that have a field of their own in the contract. */
export interface DeclaredSettings {
  readonly version: unknown;
  readonly store?:
    | {
        readonly replicas?: unknown;
        readonly partitions?: unknown;
        readonly mrf?: unknown;
        readonly storage?: unknown;
        readonly resources?: unknown;
      }
    | undefined;
  readonly subscriptions?: { readonly replicas?: unknown; readonly resources?: unknown } | undefined;
  readonly image?: unknown;
  readonly imagePullSecrets?: readonly unknown[] | undefined;
  readonly host?: unknown;
  readonly kafkaListener?: unknown;
  /** The issuer that signs its CA; undefined: it has a CA of its own. */
  readonly caIssuer?:
    | { readonly name: string; readonly kind?: string | undefined; readonly group?: string | undefined }
    | undefined;
  readonly spec?: PassedThrough;
}

/** The label of all that this program makes, by whatever way it gets into a cluster. */
export const managedByUs = { "app.kubernetes.io/managed-by": "bigpeer-topology" };

/**
 * For objects that are the topology's alone: a field that somebody has changed by hand goes back to what is declared, where
 * server-side apply would refuse the whole update over the conflict.
 */
export const ours = { "pulumi.com/patchForce": "true" };

/** The annotation of a side that dials nobody while its replication is paused: whom it will dial, `host:port` each, separated by commas. */
export const pausedAnnotation = "bigpeer-topology/paused-connections";

/** The text of that annotation. Its order says nothing, and to the engine another order would be an update. */
export function pausedText(addresses: readonly string[]): string {
  return addresses.toSorted().join(",");
}

/** A BigPeer. `readyTimeout` in seconds; it becomes Pulumi's time limit for the Ready condition. */
export function bigPeerManifest(
  contract: OperatorContract,
  object: {
    name: unknown;
    namespace: unknown;
    readyTimeout: number;
    settings: DeclaredSettings;
    auth?: AuthWithToken | undefined;
  },
): Manifest {
  const { settings } = object;
  const fields = contract.fields.bigPeer;
  const values: [string, unknown][] = [
    [fields.version, settings.version],
    [fields.ingressHost, settings.host],
    [fields.storeReplicas, settings.store?.replicas],
    [fields.storePartitions, settings.store?.partitions],
    [fields.storeMrf, settings.store?.mrf],
    [fields.storeStorageSize, settings.store?.storage],
    [fields.storeResources, settings.store?.resources],
    [fields.subscriptionsReplicas, settings.subscriptions?.replicas],
    [fields.subscriptionsResources, settings.subscriptions?.resources],
    [fields.image, settings.image],
    [fields.imagePullSecrets, settings.imagePullSecrets?.map((name) => ({ name }))],
    [fields.authProviders, object.auth ? authProviders(contract, object.auth) : undefined],
    [fields.caIssuer, issuerReference(settings.caIssuer)],
    [fields.kafkaListener, fields.kafkaListener === "none" ? undefined : settings.kafkaListener],
  ];
  const manifest: Manifest = {
    apiVersion: apiVersionOf(contract),
    kind: contract.kinds.bigPeer,
    metadata: {
      name: object.name,
      namespace: object.namespace,
      labels: managedByUs,
      annotations: {
        ...ours,
        ...playgroundMark(object.auth),
        "pulumi.com/waitFor": `condition=${contract.readyCondition}`,
        "pulumi.com/timeoutSeconds": String(object.readyTimeout),
      },
    },
    spec: { ...settings.spec },
  };
  return withFields(manifest, values);
}

/** cert-manager's own group is its default, and an operator's definition may lack the field. */
function issuerReference(issuer: DeclaredSettings["caIssuer"]): object | undefined {
  if (issuer === undefined) return undefined;
  const { name, kind = "ClusterIssuer", group } = issuer;
  return { name, kind, ...(group === undefined || group === certManagerGroup ? {} : { group }) };
}

/** The fields that a topology passes through to an object's `spec` unchanged. */
type PassedThrough = Readonly<Record<string, unknown>> | undefined;

/** A BigPeerApp on one Big Peer. `id` is a UUID, the same on every peer. */
export function appManifest(
  contract: OperatorContract,
  object: {
    name: unknown;
    namespace: unknown;
    peer: unknown;
    id: unknown;
    auth?: AuthWithToken | undefined;
    spec?: PassedThrough;
  },
): Manifest {
  const manifest: Manifest = {
    apiVersion: apiVersionOf(contract),
    kind: contract.kinds.app,
    metadata: {
      name: object.name,
      namespace: object.namespace,
      labels: { ...managedByUs, [contract.labels.bigPeer]: object.peer },
      annotations: { ...ours, ...playgroundMark(object.auth) },
    },
    ...passedThrough(object.spec),
  };
  return withFields(manifest, [
    [contract.fields.app.appId, object.id],
    [contract.fields.app.authProviders, object.auth ? authProviders(contract, object.auth) : undefined],
  ]);
}

/**
 * A BigPeerReplication on one Big Peer. No connections: the other side initiates. No queries: it receives nothing (API). `paused` is whom it will
 * dial once it is resumed, as `pausedAnnotation` has it: the operator has no field for a pause.
 */
export function replicationManifest(
  contract: OperatorContract,
  object: {
    name: unknown;
    namespace: unknown;
    peer: unknown;
    app: unknown;
    connections: unknown;
    paused?: unknown;
    queries: unknown;
    spec?: PassedThrough;
  },
): Manifest {
  const manifest: Manifest = {
    apiVersion: apiVersionOf(contract),
    kind: contract.kinds.replication,
    metadata: {
      name: object.name,
      namespace: object.namespace,
      labels: { ...managedByUs, [contract.labels.app]: object.app, [contract.labels.bigPeer]: object.peer },
      annotations: { ...ours, ...(object.paused === undefined ? {} : { [pausedAnnotation]: object.paused }) },
    },
    ...passedThrough(object.spec),
  };
  return withFields(manifest, [
    [contract.fields.replication.connections, object.connections],
    [contract.fields.replication.queriesByCollection, object.queries],
  ]);
}

export function apiVersionOf(contract: OperatorContract): string {
  return `${contract.group}/${contract.version}`;
}

function passedThrough(spec: PassedThrough): { spec?: Record<string, unknown> } {
  return spec ? { spec: { ...spec } } : {};
}

/** A manifest with each value at its path, such as `spec.version`; one that is undefined is left out. */
export function withFields(manifest: Manifest, values: readonly (readonly [path: string, value: unknown])[]): Manifest {
  return values.reduce(
    (result, [path, value]) => (value === undefined ? result : setField(result, path.split("."), value)),
    manifest,
  );
}

function setField<T extends object>(object: T, [step, ...rest]: readonly string[], value: unknown): T {
  if (step === undefined) return object;
  const current: unknown = Object.entries(object).find(([key]) => key === step)?.[1];
  const inner = typeof current === "object" && current !== null && !Array.isArray(current) ? current : {};
  if (rest.length > 0 && !isPlainObject(inner))
    throw new Error(
      `\`${step}\` in \`spec\` comes from another resource as a whole, and a setting of this object has to be written into it ` +
        `(\`${rest.join(".")}\`), so one of the two would be lost. Write \`${step}\` as a mapping, and give values of other resources to its keys`,
    );
  return { ...object, [step]: rest.length === 0 ? value : setField(inner, rest, value) };
}

/** The owner references of what goes with a Big Peer; undefined while it has no UID. */
export function ownedByBigPeer(
  contract: OperatorContract,
  { name, uid }: { readonly name: string; readonly uid: string | undefined },
): readonly object[] | undefined {
  if (uid === undefined) return undefined;
  return [{ apiVersion: apiVersionOf(contract), kind: contract.kinds.bigPeer, name, uid }];
}
