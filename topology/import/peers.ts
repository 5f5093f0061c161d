import type { CaIssuer } from "../file/ca-issuer.ts";
import { peer as peerSchema } from "../file/peer.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { importAuth } from "./auth.ts";
import type { LeftOut } from "./left-out.ts";
import type { LivePeer } from "./live-objects.ts";
import { isObject, valueAtField, withoutFields } from "./spec-fields.ts";

export interface ImportedPeer {
  /** The entry of the topology. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly leftOut: readonly LeftOut[];
}

/** What of its surroundings the entry of a Big Peer depends on. */
export interface PeerSurroundings {
  /** Of its cluster in the kubeconfig. */
  readonly context: string;
  /** Undefined where it is the cluster's own. */
  readonly namespace: string | undefined;
  /** Whether the topology gives its cluster an ingress controller, by which the listener of Kafka is judged. */
  readonly hasIngress: boolean;
  /** The issuer by whose CA others trust it. */
  readonly issuer?: CaIssuer | undefined;
}

/** The entry of a Big Peer: each field that the contract knows under its key, everything else in `spec`. */
export function importPeer(
  contract: OperatorContract,
  { spec, cluster, namespace: place, name }: LivePeer,
  { context, namespace, hasIngress, issuer }: PeerSurroundings,
): ImportedPeer {
  const fields = contract.fields.bigPeer;
  const secrets = valueAtField(spec, fields.imagePullSecrets);
  const pullSecrets = Array.isArray(secrets) ? secrets.map((each) => (isObject(each) ? each.name : each)) : secrets;
  const known: readonly (readonly [key: string, path: string, value: unknown])[] = [
    ["version", fields.version, valueAtField(spec, fields.version)],
    ["host", fields.ingressHost, valueAtField(spec, fields.ingressHost)],
    ["store.replicas", fields.storeReplicas, valueAtField(spec, fields.storeReplicas)],
    ["store.partitions", fields.storePartitions, valueAtField(spec, fields.storePartitions)],
    ["store.mrf", fields.storeMrf, valueAtField(spec, fields.storeMrf)],
    ["store.storage", fields.storeStorageSize, valueAtField(spec, fields.storeStorageSize)],
    ["store.resources", fields.storeResources, valueAtField(spec, fields.storeResources)],
    ["subscriptions.replicas", fields.subscriptionsReplicas, valueAtField(spec, fields.subscriptionsReplicas)],
    ["subscriptions.resources", fields.subscriptionsResources, valueAtField(spec, fields.subscriptionsResources)],
    ["image", fields.image, valueAtField(spec, fields.image)],
    ["imagePullSecrets", fields.imagePullSecrets, pullSecrets],
    [
      "kafkaListener",
      fields.kafkaListener,
      fields.kafkaListener === "none" ? undefined : valueAtField(spec, fields.kafkaListener),
    ],
  ];
  const issued = issuer === undefined ? [] : [fields.caIssuer];
  const said = known.filter(([key, , value]) => value !== undefined && isTaken(key, value));
  const owner = { kind: "bigPeer", key: `playground-peer-${name}`, cluster, context, namespace: place, name } as const;
  const { auth, leftOut } = importAuth(contract, valueAtField(spec, fields.authProviders), owner);
  const rest = withoutFields(spec, [
    ...said.map(([, path]) => path),
    ...issued,
    fields.trustedCas,
    fields.authProviders,
  ]);
  const settings = said.reduce<Record<string, unknown>>((entry, [key, , value]) => withKey(entry, key, value), {});
  // The operator's default, which a topology without an ingress controller would switch off.
  const kafka = settings.kafkaListener ?? (hasIngress || settings.host !== undefined ? undefined : true);
  const entry = {
    cluster,
    ...(namespace === undefined ? {} : { namespace }),
    ...settings,
    ...(kafka === undefined ? {} : { kafkaListener: kafka }),
    ...(auth === undefined ? {} : { auth }),
    ...(issuer === undefined ? {} : { caIssuer: issuer }),
    ...(Object.keys(rest).length === 0 ? {} : { spec: rest }),
    adopt: true,
  };
  return { entry, leftOut };
}

/** False for a value that the schema would refuse: `spec` passes it on. */
function isTaken(key: string, value: unknown): boolean {
  return peerSchema.safeParse(withKey({ cluster: "c", version: "1.0.0" }, key, value)).success;
}

function withKey(entry: Readonly<Record<string, unknown>>, key: string, value: unknown): Record<string, unknown> {
  const [first = "", second] = key.split(".");
  if (second === undefined) return { ...entry, [first]: value };
  const inner = entry[first];
  return { ...entry, [first]: { ...(isObject(inner) ? inner : {}), [second]: value } };
}
