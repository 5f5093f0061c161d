import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  type V1OwnerReference,
} from "@kubernetes/client-node";
import type { OperatorContract } from "../../topology/operator/contract.ts";
import { plural } from "./crds.ts";
import { ObjectCache, textAt, type WatchedObject } from "./object-cache.ts";

export const managedBy = { "app.kubernetes.io/managed-by": "ditto-operator" };

/** The objects that the operator's stand-in reads and writes in its cluster. */
export class ClusterObjects {
  readonly bigPeers: ObjectCache;
  readonly apps: ObjectCache;
  readonly replications: ObjectCache;
  readonly apiKeys: ObjectCache;
  readonly secrets: ObjectCache;
  readonly services: ObjectCache;
  /** cert-manager's. */
  readonly certificates: ObjectCache;
  /** cert-manager's, of the whole cluster. */
  readonly clusterIssuers: ObjectCache;
  readonly #contract: OperatorContract;
  readonly #objects: KubernetesObjectApi;
  readonly #core: CoreV1Api;
  readonly #apps: AppsV1Api;
  readonly #custom: CustomObjectsApi;

  constructor(kubeConfig: KubeConfig, contract: OperatorContract, onChange: () => void) {
    this.#contract = contract;
    this.#objects = KubernetesObjectApi.makeApiClient(kubeConfig);
    this.#core = kubeConfig.makeApiClient(CoreV1Api);
    this.#apps = kubeConfig.makeApiClient(AppsV1Api);
    this.#custom = kubeConfig.makeApiClient(CustomObjectsApi);
    const { group, version, kinds } = contract;
    const cache = (apiVersion: string, kind: string, path: string) =>
      new ObjectCache(kubeConfig, path, () => this.#objects.list(apiVersion, kind), onChange);
    const custom = (kind: string) => cache(`${group}/${version}`, kind, `/apis/${group}/${version}/${plural(kind)}`);
    this.bigPeers = custom(kinds.bigPeer);
    this.apps = custom(kinds.app);
    this.replications = custom(kinds.replication);
    this.apiKeys = custom(kinds.apiKey);
    this.secrets = cache("v1", "Secret", "/api/v1/secrets");
    this.services = cache("v1", "Service", "/api/v1/services");
    this.certificates = cache("cert-manager.io/v1", "Certificate", "/apis/cert-manager.io/v1/certificates");
    this.clusterIssuers = cache("cert-manager.io/v1", "ClusterIssuer", "/apis/cert-manager.io/v1/clusterissuers");
  }

  get #caches(): ObjectCache[] {
    return [
      ...[this.bigPeers, this.apps, this.replications, this.apiKeys, this.secrets, this.services],
      ...[this.certificates, this.clusterIssuers],
    ];
  }

  async start(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.stop()));
  }

  /** Makes a Service if it is not there. Gives its cluster IP. */
  async service(request: ServiceRequest): Promise<string> {
    const { namespace, name, port, labels, owner, selector = labels } = request;
    const known = this.services
      .items()
      .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    const address = known && textAt(known, "spec.clusterIP");
    if (address !== undefined) return address;
    const body = {
      metadata: {
        namespace,
        name,
        labels: { ...managedBy, ...labels },
        ...(owner ? { ownerReferences: [owner] } : {}),
      },
      spec: { selector, ports: [{ name: "tcp", port, targetPort: port, protocol: "TCP" }] },
    };
    const made = await this.#core
      .createNamespacedService({ namespace, body })
      .catch((error: unknown) => ifCode(error, 409, () => this.#core.readNamespacedService({ namespace, name })));
    return made.spec?.clusterIP ?? "";
  }

  async createSecret(namespace: string, name: string, body: SecretBody): Promise<void> {
    const { labels, annotations = {}, owner, data } = body;
    const metadata = { namespace, name, labels: { ...managedBy, ...labels }, annotations, ownerReferences: [owner] };
    await this.#core
      .createNamespacedSecret({ namespace, body: { metadata, type: "kubernetes.io/tls", stringData: { ...data } } })
      .catch((error: unknown) => ifCode(error, 409, async () => undefined));
  }

  /** Gives a Secret other values under some keys, and annotations. */
  async patchSecret(
    namespace: string,
    name: string,
    { annotations, data }: Required<Pick<SecretBody, "annotations" | "data">>,
  ): Promise<void> {
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
    const body = { metadata: { annotations }, data: Object.fromEntries(encoded) };
    await this.#core.patchNamespacedSecret(
      { namespace, name, body },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
  }

  /** The Certificate behind a CA Secret, as the operator asks cert-manager for it. */
  async createCaCertificate(namespace: string, secretName: string, { labels, owner }: Omit<SecretBody, "data">) {
    const metadata = { namespace, name: secretName, labels: { ...managedBy, ...labels }, ownerReferences: [owner] };
    const issuerRef = { group: "cert-manager.io", kind: "Issuer", name: `${secretName}-self-signed` };
    const spec = { secretName, commonName: `${owner.name} CA`, isCA: true, issuerRef };
    const body = { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata, spec };
    await this.#custom
      .createNamespacedCustomObject({
        ...{ group: "cert-manager.io", version: "v1", plural: "certificates" },
        ...{ namespace, body },
      })
      .catch((error: unknown) => ifCode(error, 409, async () => undefined));
  }

  async createApiKey(
    namespace: string,
    name: string,
    labels: Record<string, string>,
    spec: object,
    owner: V1OwnerReference,
  ) {
    const { group, version, kinds } = this.#contract;
    const metadata = { namespace, name, labels: { ...managedBy, ...labels }, ownerReferences: [owner] };
    const body = { apiVersion: `${group}/${version}`, kind: kinds.apiKey, metadata, spec };
    await this.#custom.createNamespacedCustomObject({ group, version, namespace, plural: plural(kinds.apiKey), body });
  }

  /** Deletes exactly this object. */
  async delete(apiVersion: string, kind: string, { metadata: { namespace, name, uid } }: WatchedObject): Promise<void> {
    const preconditions = { preconditions: { uid } };
    await this.#objects
      .delete(
        { apiVersion, kind, metadata: { namespace, name } },
        undefined,
        undefined,
        undefined,
        undefined,
        "Background",
        preconditions,
      )
      .catch((error: unknown) => ifCode(error, 404, async () => undefined));
  }

  async writeStatus(kind: string, { metadata: { namespace, name } }: WatchedObject, status: object): Promise<void> {
    const { group, version } = this.#contract;
    await this.#custom
      .patchNamespacedCustomObjectStatus(
        { group, version, namespace, plural: plural(kind), name, body: { status } },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      )
      .catch((error: unknown) => ifCode(error, 404, async () => undefined));
  }

  async namespace(name: string): Promise<void> {
    await this.#core
      .createNamespace({ body: { metadata: { name } } })
      .catch((error: unknown) => ifCode(error, 409, async () => undefined));
  }

  /** The Deployment by which people find the operator. No pod runs behind it. */
  async operatorDeployment(namespace: string, name: string, port: number): Promise<void> {
    const labels = { "app.kubernetes.io/name": name };
    const container = { name: "manager", image: "ditto-operator:stand-in", ports: [{ containerPort: port }] };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const body = { metadata: { namespace, name, labels }, spec: { selector: { matchLabels: labels }, template } };
    await this.#apps
      .createNamespacedDeployment({ namespace, body })
      .catch((error: unknown) => ifCode(error, 409, async () => undefined));
  }

  ownerOf(kind: string, { metadata: { name, uid } }: WatchedObject): V1OwnerReference {
    const { group, version } = this.#contract;
    return { apiVersion: `${group}/${version}`, kind, name, uid, controller: true };
  }
}

export interface ServiceRequest {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly labels: Record<string, string>;
  /** The labels of the pods behind it. Default: its own labels. */
  readonly selector?: Record<string, string>;
  readonly owner: V1OwnerReference | undefined;
}

export interface SecretBody {
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly owner: V1OwnerReference;
  readonly data: Readonly<Record<string, string>>;
}

/** The answer where the API server refused with a code; any other error goes on. */
async function ifCode<T>(error: unknown, code: number, answer: () => Promise<T>): Promise<T> {
  if (typeof error === "object" && error !== null && "code" in error && error.code === code) return answer();
  throw error;
}
