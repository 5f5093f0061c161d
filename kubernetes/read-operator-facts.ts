import { CoreV1Api, CustomObjectsApi, setHeaderOptions } from "@kubernetes/client-node";
import { z } from "zod";
import type { OperatorContract } from "../topology/operator/contract.ts";
import type { Definition } from "../topology/operator/custom-resource-definition.ts";
import type {
  ObservedCertificate,
  ObservedIssuer,
  ObservedPeer,
  ObservedSecret,
  OperatorFacts,
} from "../topology/operator/discovery/facts.ts";
import { httpCode } from "./failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "./kubeconfig.ts";
import { readDefinitions } from "./read-definitions.ts";

export interface FactsOptions {
  /** Definitions that have been read already. */
  readonly definitions?: readonly Definition[] | undefined;
  /** Namespaces to look for Big Peers in, where listing those of the whole cluster is not allowed. */
  readonly namespaces: readonly string[];
  /** Look in these namespaces alone, and list no Secrets: no more rights are needed than a deployment has. */
  readonly modest?: boolean | undefined;
  /** The Big Peer to look at: its name. @default the first */
  readonly peer?: string | undefined;
}

/** Asks for the names and labels of objects, and nothing that they hold (Kubernetes: PartialObjectMetadataList). */
const metadataAlone = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/**
 * Reads what a cluster shows of its operator. Of Secrets the metadata alone is asked for, so no value of any comes here; the keys
 * of their data are in what the API server notes of their field managers.
 * @throws Error if the cluster cannot be reached or refuses to list its definitions
 */
export async function readOperatorFacts(
  source: KubeconfigSource,
  contract: OperatorContract,
  options: FactsOptions,
): Promise<OperatorFacts> {
  const definitions = options.definitions ?? (await readDefinitions(source)).definitions;
  const config = loadKubeConfig(source);
  const custom = config.makeApiClient(CustomObjectsApi);
  const peers = await readPeers(custom, contract, definitions, options);
  const namespace = peers[0]?.namespace;
  if (namespace === undefined)
    return { definitions, peers, certificates: undefined, issuers: undefined, secrets: undefined };
  const certManager = (plural: string) => {
    const found = definitions.find(({ name }) => name === `${plural}.cert-manager.io`);
    const version = found?.versions.find(({ served }) => served)?.name;
    if (version === undefined) return Promise.resolve(undefined);
    return allowed(() =>
      custom.listNamespacedCustomObject({ group: "cert-manager.io", version, namespace, plural }).then(itemsOf),
    );
  };
  const [certificates, issuers, secrets] = await Promise.all([
    certManager("certificates"),
    certManager("issuers"),
    options.modest ? undefined : readSecrets(config.makeApiClient(CoreV1Api), namespace),
  ]);
  return {
    definitions,
    peers,
    certificates: certificates?.flatMap(certificateOf),
    issuers: issuers?.flatMap(issuerOf),
    secrets,
  };
}

async function readPeers(
  custom: CustomObjectsApi,
  contract: OperatorContract,
  definitions: readonly Definition[],
  { namespaces, modest, peer }: FactsOptions,
): Promise<ObservedPeer[]> {
  const ofKind = definitions.filter(({ kind }) => kind === contract.kinds.bigPeer);
  const definition = ofKind.find(({ group }) => group === contract.group) ?? ofKind[0];
  const served = definition?.versions.filter((each) => each.served).map(({ name }) => name) ?? [];
  const version = served.includes(contract.version) ? contract.version : served.at(-1);
  if (!definition || version === undefined) return [];
  const [plural = ""] = definition.name.split(".");
  const of = { group: definition.group, version, plural };
  const everywhere = modest ? undefined : await allowed(() => custom.listClusterCustomObject(of).then(itemsOf));
  const items =
    everywhere ??
    (
      await Promise.all(
        namespaces.map((namespace) =>
          allowed(() => custom.listNamespacedCustomObject({ ...of, namespace }).then(itemsOf)),
        ),
      )
    ).flatMap((each) => each ?? []);
  const found = items.flatMap(peerOf);
  // The one that was asked for, else the first that the API server lists.
  return found.toSorted((a, b) => Number(b.name === peer) - Number(a.name === peer));
}

async function readSecrets(core: CoreV1Api, namespace: string): Promise<ObservedSecret[] | undefined> {
  const items = await allowed(() =>
    core
      .listNamespacedSecret({ namespace }, setHeaderOptions("Accept", metadataAlone))
      .then((list): unknown[] => list.items),
  );
  return items?.flatMap(secretOf);
}

/** Undefined where it may not be done, or there is no such thing. */
async function allowed<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ([403, 404].includes(httpCode(error) ?? 0)) return undefined;
    throw error;
  }
}

const list = z.object({ items: z.array(z.unknown()).nullish() });
function itemsOf(answer: unknown): unknown[] {
  return list.parse(answer).items ?? [];
}

const metadata = z.object({
  name: z.string(),
  namespace: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).nullish(),
  managedFields: z.array(z.object({ fieldsV1: z.unknown().optional() })).nullish(),
});

function owned({ name, labels, ownerReferences }: z.output<typeof metadata>) {
  return { name, labels: labels ?? {}, owners: (ownerReferences ?? []).map((owner) => `${owner.kind}/${owner.name}`) };
}

const peerShape = z.object({ metadata, spec: z.unknown().optional() });
function peerOf(item: unknown): ObservedPeer[] {
  const parsed = peerShape.safeParse(item);
  if (!parsed.success) return [];
  return [{ ...owned(parsed.data.metadata), namespace: parsed.data.metadata.namespace ?? "", spec: parsed.data.spec }];
}

const certificateShape = z.object({
  metadata,
  spec: z.object({
    secretName: z.string(),
    isCA: z.boolean().nullish(),
    issuerRef: z.object({ name: z.string() }).nullish(),
  }),
});
function certificateOf(item: unknown): ObservedCertificate[] {
  const parsed = certificateShape.safeParse(item);
  if (!parsed.success) return [];
  const { secretName: secret, isCA, issuerRef } = parsed.data.spec;
  return [{ ...owned(parsed.data.metadata), secret, isCa: isCA ?? false, issuer: issuerRef?.name ?? "" }];
}

const issuerShape = z.object({
  metadata,
  spec: z.object({ ca: z.object({ secretName: z.string() }).nullish() }),
});
function issuerOf(item: unknown): ObservedIssuer[] {
  const parsed = issuerShape.safeParse(item);
  if (!parsed.success) return [];
  return [{ name: parsed.data.metadata.name, caSecret: parsed.data.spec.ca?.secretName }];
}

const secretShape = z.object({ metadata });
const dataFields = z.object({ "f:data": z.record(z.string(), z.unknown()) });
function secretOf(item: unknown): ObservedSecret[] {
  const parsed = secretShape.safeParse(item);
  if (!parsed.success) return [];
  const keys = (parsed.data.metadata.managedFields ?? []).flatMap(({ fieldsV1 }) => {
    const fields = dataFields.safeParse(fieldsV1);
    return fields.success ? Object.keys(fields.data["f:data"]) : [];
  });
  const named = keys.filter((key) => key.startsWith("f:")).map((key) => key.slice(2));
  const certificate = parsed.data.metadata.annotations?.["cert-manager.io/certificate-name"];
  return [{ ...owned(parsed.data.metadata), keys: [...new Set(named)].sort(), certificate }];
}
