import { isDeepStrictEqual } from "node:util";
import type { CaIssuer } from "../file/ca-issuer.ts";
import { peer as peerSchema } from "../file/peer.ts";
import { playgroundProvider } from "../objects/auth-providers.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { fillShape, readShape } from "../operator/shape.ts";
import type { LivePeer } from "./live-objects.ts";
import { isObject, valueAtField, withoutFields } from "./spec-fields.ts";

/** Auth providers as the topology writes them, and what of the live ones it cannot say. */
export interface ImportedAuth {
  readonly auth: Readonly<Record<string, unknown>> | undefined;
  readonly unexpressed: readonly string[];
}

export interface ImportedPeer {
  /** The entry of the topology. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly unexpressed: readonly string[];
}

/**
 * The entry of a Big Peer: each field that the contract knows under its key, everything else in `spec`.
 * @param issuer the issuer by whose CA others trust it
 * @param hasIngress whether the topology gives its cluster an ingress controller, by which the listener of Kafka is judged
 */
export function importPeer(
  contract: OperatorContract,
  { spec, cluster, name }: LivePeer,
  {
    namespace,
    hasIngress,
    issuer,
  }: { readonly namespace: string | undefined; readonly hasIngress: boolean; readonly issuer?: CaIssuer | undefined },
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
  const { auth, unexpressed } = importAuth(contract, valueAtField(spec, fields.authProviders));
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
  return { entry, unexpressed: unexpressed.map((what) => `${name}: ${what}`) };
}

/** Webhooks whose shape the contract knows. A playground's token is a secret, so it is for the user to configure. */
export function importAuth(contract: OperatorContract, providers: unknown): ImportedAuth {
  const each = Object.entries(isObject(providers) ? providers : {});
  const webhooks = each.flatMap(([name, value]) => {
    const read = readShape(contract.shapes.webhookProvider, value);
    const url = read?.url;
    const same = url !== undefined && isDeepStrictEqual(fillShape(contract.shapes.webhookProvider, { url }), value);
    return same ? [[name, { url }] as const] : [];
  });
  const taken = new Set(webhooks.map(([name]) => name));
  const unexpressed = each
    .filter(([name]) => !taken.has(name))
    .map(([name]) =>
      name === playgroundProvider
        ? "the playground's shared token is a secret: `pulumi config set --secret bigpeer:<key>`, then `auth: { playground: { token: { config: <key> } } }`"
        : `the auth provider ${name} is of a form that \`auth\` does not know; it stays in the cluster as it is`,
    );
  return { auth: webhooks.length === 0 ? undefined : { webhooks: Object.fromEntries(webhooks) }, unexpressed };
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
