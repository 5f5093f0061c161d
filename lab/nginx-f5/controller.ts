/**
 * A stand-in of F5 NGINX Ingress Controller for TransportServers over TCP. The original needs nginx, which cannot be built here. It shows
 * no TLS termination, no UDP, no PROXY protocol, no snippets and no reload that cuts connections.
 */
import { isDeepStrictEqual } from "node:util";
import {
  CoreV1Api,
  CustomObjectsApi,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { z } from "zod";
import type { LabCluster } from "../cluster.ts";
import { OpenPorts } from "../exposure/open-ports.ts";
import type { NginxF5Request } from "../exposure/requests.ts";
import { endpointsOf, Rotation, serviceSpec, tcpPorts } from "../exposure/services.ts";
import { ObjectCache, type WatchedObject } from "../operator/object-cache.ts";
import { group } from "./definitions.ts";
import { type JudgedTransportServer, judgeNginx } from "./transport-servers.ts";

export interface NginxF5Options {
  readonly cluster: LabCluster;
  readonly request: NginxF5Request;
  /** The address of its load balancer. */
  readonly address: string;
  readonly services: ObjectCache;
  readonly onChange: () => void;
}

const deploymentSpec = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({ containers: z.array(z.looseObject({ args: z.array(z.string()).default([]) })) }),
  }),
});

const flag = "-global-configuration=";

export class NginxF5 {
  readonly #options: NginxF5Options;
  readonly #core: CoreV1Api;
  readonly #custom: CustomObjectsApi;
  readonly #globalConfigurations: ObjectCache;
  readonly #transportServers: ObjectCache;
  readonly #deployments: ObjectCache;
  readonly #ports = new OpenPorts();
  readonly #rotations = new Map<string, Rotation>();
  #said = "";

  constructor(options: NginxF5Options) {
    this.#options = options;
    const { kubeConfig } = options.cluster;
    this.#core = kubeConfig.makeApiClient(CoreV1Api);
    this.#custom = kubeConfig.makeApiClient(CustomObjectsApi);
    const objects = KubernetesObjectApi.makeApiClient(kubeConfig);
    const cache = (apiVersion: string, kind: string, path: string) =>
      new ObjectCache(kubeConfig, path, () => objects.list(apiVersion, kind), options.onChange);
    const custom = (kind: string, plural: string) => cache(`${group}/v1`, kind, `/apis/${group}/v1/${plural}`);
    this.#globalConfigurations = custom("GlobalConfiguration", "globalconfigurations");
    this.#transportServers = custom("TransportServer", "transportservers");
    this.#deployments = cache("apps/v1", "Deployment", "/apis/apps/v1/deployments");
  }

  get #caches(): ObjectCache[] {
    return [this.#globalConfigurations, this.#transportServers, this.#deployments];
  }

  async start(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.stop()));
    await this.#ports.close();
  }

  async reconcile(): Promise<void> {
    const { request, address, services } = this.#options;
    const globalConfiguration = this.#globalConfiguration();
    const { servers, errors } = judgeNginx(globalConfiguration, this.#transportServers.items(), request.ingressClass);
    if (globalConfiguration) await this.#tell(globalConfiguration, errors);
    const own = find(services.items(), request.namespace, request.service);
    // A listener is reached only through a port of the controller's Service that leads to it.
    const ways = own ? tcpPorts(serviceSpec(own)) : [];
    const wanted = servers.flatMap(({ object, served }) =>
      ways
        .filter(({ port, targetPort = port }) => targetPort === served?.port)
        .map(({ port }) => ({
          host: address,
          port,
          key: object.metadata.uid,
          backend: async () => served && this.#backend(object, served),
        })),
    );
    const failures = await this.#ports.apply(wanted);
    if (failures.size > 0) throw new Error(`F5 NGINX: ${[...failures.values()].join("; ")}`);
    await Promise.all(servers.map((each) => this.#writeStatus(each)));
  }

  /** The one that the Deployment's flag names; without the flag there is none. */
  #globalConfiguration(): WatchedObject | undefined {
    const { namespace, service } = this.#options.request;
    const deployment = find(this.#deployments.items(), namespace, service);
    const argument = argumentsOf(deployment).find((each) => each.startsWith(flag));
    const [inNamespace = "", name = ""] = argument?.slice(flag.length).split("/") ?? [];
    return find(this.#globalConfigurations.items(), inNamespace, name);
  }

  #backend(object: WatchedObject, served: NonNullable<JudgedTransportServer["served"]>) {
    const all = this.#options.services.items();
    const service = find(all, object.metadata.namespace, served.service);
    const port = service && tcpPorts(serviceSpec(service)).find((each) => each.port === served.servicePort);
    if (!service || !port) return undefined;
    const rotation = this.#rotations.get(object.metadata.uid) ?? new Rotation();
    this.#rotations.set(object.metadata.uid, rotation);
    return rotation.pick(endpointsOf(all, service, port));
  }

  /** The status of a GlobalConfiguration is its events. */
  async #tell({ metadata: { namespace, name, uid } }: WatchedObject, errors: readonly string[]): Promise<void> {
    const message = errors.join("; ");
    if (message === this.#said) return;
    this.#said = message;
    const now = new Date();
    const bad = errors.length > 0;
    await this.#core.createNamespacedEvent({
      namespace,
      body: {
        metadata: { generateName: `${name}.`, namespace },
        involvedObject: { apiVersion: `${group}/v1`, kind: "GlobalConfiguration", namespace, name, uid },
        type: bad ? "Warning" : "Normal",
        reason: bad ? "AddedOrUpdatedWithError" : "Updated",
        message: `GlobalConfiguration ${namespace}/${name} was added or updated${bad ? ` with errors: ${message}` : ""}`,
        source: { component: "nginx-ingress-controller" },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      },
    });
  }

  async #writeStatus({ object, status }: JudgedTransportServer): Promise<void> {
    if (isDeepStrictEqual(object.status, status)) return;
    const { namespace, name } = object.metadata;
    await this.#custom
      .patchNamespacedCustomObjectStatus(
        { group, version: "v1", namespace, plural: "transportservers", name, body: { status } },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      )
      .catch((error: unknown) => {
        if (!(typeof error === "object" && error !== null && "code" in error && error.code === 404)) throw error;
      });
  }
}

function find(objects: readonly WatchedObject[], namespace: string, name: string): WatchedObject | undefined {
  return objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
}

function argumentsOf(deployment: WatchedObject | undefined): string[] {
  const parsed = deploymentSpec.safeParse(deployment?.spec);
  return parsed.success ? parsed.data.template.spec.containers.flatMap(({ args }) => args) : [];
}
