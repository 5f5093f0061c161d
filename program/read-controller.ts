import { z } from "zod";
import type { Ingress } from "../topology/file/exposure.ts";
import type { ControllerContainer } from "../topology/objects/controller-arguments.ts";
import { tcpServicesPlace } from "../topology/objects/exposure-manifests.ts";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import { valueAt } from "../topology/value-at.ts";
import { liveForm } from "./live-form.ts";
import { type LivePort, type LiveService, liveService } from "./live-service.ts";

/** An ingress controller as it is in its cluster right now. */
export interface LiveController {
  /** Undefined: there is no such Deployment or DaemonSet, or it has no container of that name with arguments. */
  readonly container: LiveContainer | undefined;
  /** Undefined: there is no such Service. It is not read where the controller is reached at the ports of its nodes. */
  readonly service: ControllerService | undefined;
  /** The ConfigMap of TCP services. */
  readonly tcpServices: Readonly<Record<string, string>>;
  /** Ports whose entry there was last changed by something other than a Pulumi program. */
  readonly changedEntries: ReadonlySet<number>;
}

export interface LiveContainer extends ControllerContainer {
  /** Its place in the list of containers. */
  readonly index: number;
  readonly hostNetwork: boolean;
  readonly ports: readonly {
    readonly name?: string | undefined;
    readonly containerPort: number;
    readonly hostPort?: number | undefined;
  }[];
  /** True if a Pulumi program has written the arguments. */
  readonly argumentsPatched: boolean;
}

/** The Service of a controller, as far as it decides where the controller is reached. */
export interface ControllerService {
  readonly type: string;
  /** The ports of TCP. */
  readonly ports: readonly LivePort[];
  /** The ports of every protocol, in the order of the list. */
  readonly allPorts: readonly LivePort[];
  readonly externalIPs: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly loadBalancerClass: string | undefined;
  /** Host name or IP of its load balancer. */
  readonly address: string | undefined;
  /** The last problem that its events report, if nothing has succeeded since. */
  readonly warning: string | undefined;
}

/** The kinds of object that a way of exposing targets consists of, with their API versions. */
const apiVersions = {
  Service: "v1",
  ConfigMap: "v1",
  Deployment: "apps/v1",
  DaemonSet: "apps/v1",
  Gateway: "gateway.networking.k8s.io/v1",
  GatewayClass: "gateway.networking.k8s.io/v1",
  GlobalConfiguration: "k8s.nginx.org/v1",
  CustomResourceDefinition: "apiextensions.k8s.io/v1",
} as const;

/** One of the objects that a controller consists of. */
export function controllerObject(kind: keyof typeof apiVersions, namespace: string, name: string): ObjectReference {
  return { apiVersion: apiVersions[kind], kind, namespace, name };
}

/**
 * Reads one object of a cluster as plain data; undefined where there is none. `Event` gives the events of the Service
 * of that name, as a list. `ServiceList` gives the Services of all namespaces, whatever name is given.
 */
export type ReadObject = (
  kind: keyof typeof apiVersions | "Event" | "ServiceList",
  namespace: string,
  name: string,
) => Promise<unknown>;

const texts = z.record(z.string(), z.string());
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ fieldRef: z.object({ fieldPath: z.string() }).optional() }).optional(),
});
const container = z.object({
  name: z.string(),
  args: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  env: z.array(variable).optional(),
  ports: z
    .array(z.object({ name: z.string().optional(), containerPort: z.number(), hostPort: z.number().optional() }))
    .optional(),
});
const managedFields = z.array(z.object({ manager: z.string().optional(), fieldsV1: z.unknown() })).optional();
const workload = z.object({
  metadata: z.object({ managedFields }).optional(),
  spec: z.object({
    template: z.object({ spec: z.object({ hostNetwork: z.boolean().optional(), containers: z.array(container) }) }),
  }),
});
const configMap = z.object({ metadata: z.object({ managedFields }).optional(), data: texts.optional() });
const time = z.union([z.string(), z.date()]).nullish();
const events = z.object({
  items: z.array(
    z.object({ type: z.string().optional(), message: z.string().optional(), lastTimestamp: time, eventTime: time }),
  ),
});

/** Reads a controller. */
export async function readController(ingress: Ingress, read: ReadObject): Promise<LiveController> {
  const { namespace, kind, deployment } = ingress;
  const map = tcpServicesPlace(ingress);
  const [serviceObject, liveWorkload, liveMap] = await Promise.all([
    ingress.hostPorts ? undefined : read("Service", namespace, ingress.service),
    read(kind, namespace, deployment),
    read("ConfigMap", map.namespace, map.name),
  ]);
  const service = liveService(serviceObject, `${namespace}/${ingress.service}`);
  const entries =
    liveMap === undefined ? undefined : liveForm(configMap, liveMap, `ConfigMap ${map.namespace}/${map.name}`);
  return {
    service: service && (await serviceOf(ingress, service, read)),
    container:
      liveWorkload === undefined
        ? undefined
        : containerOf(ingress, liveForm(workload, liveWorkload, `${kind} ${namespace}/${deployment}`)),
    tcpServices: entries?.data ?? {},
    changedEntries: new Set(
      Object.keys(entries?.data ?? {}).flatMap((port) => (entries && isChanged(entries, port) ? [Number(port)] : [])),
    ),
  };
}

function containerOf(ingress: Ingress, { metadata, spec }: z.output<typeof workload>): LiveContainer | undefined {
  const { hostNetwork, containers } = spec.template.spec;
  const index = containers.findIndex(({ name }) => name === ingress.container);
  const found = containers[index];
  if (found?.args === undefined) return undefined;
  const key = `k:{"name":"${ingress.container}"}`;
  return {
    index,
    arguments: found.args,
    command: found.command ?? [],
    environment: (found.env ?? []).map(({ name, value, valueFrom }) => {
      const field = valueFrom?.fieldRef?.fieldPath;
      if (valueFrom === undefined) return [name, value ?? ""];
      return [name, field === "metadata.namespace" ? ingress.namespace : undefined];
    }),
    hostNetwork: hostNetwork ?? false,
    ports: found.ports ?? [],
    argumentsPatched: managersOf(metadata, ["f:spec", "f:template", "f:spec", "f:containers", key, "f:args"]).some(
      isPulumi,
    ),
  };
}

/** The manager that has set a field, as the API server records it. */
function managersOf(
  metadata: { managedFields?: z.output<typeof managedFields> } | undefined,
  field: readonly string[],
): string[] {
  return (metadata?.managedFields ?? [])
    .filter(({ fieldsV1 }) => valueAt(fieldsV1, field) !== undefined)
    .map(({ manager }) => manager ?? "");
}

/** Pulumi's provider uses a manager name of its own where it applies a patch. */
function isPulumi(manager: string): boolean {
  return manager.startsWith("pulumi-kubernetes");
}

function isChanged({ metadata }: z.output<typeof configMap>, port: string): boolean {
  const managers = managersOf(metadata, ["f:data", `f:${port}`]);
  return managers.length > 0 && !managers.some(isPulumi);
}

async function serviceOf(
  { namespace, service: name }: Ingress,
  live: LiveService,
  read: ReadObject,
): Promise<ControllerService> {
  const { type, ports, externalIPs, annotations, loadBalancerClass, loadBalancer } = live;
  // Events add detail where they may be read; no decision depends on them.
  const happened = type === "LoadBalancer" ? await read("Event", namespace, name).catch(() => undefined) : undefined;
  return {
    type,
    allPorts: ports,
    ports: ports.filter(({ protocol }) => protocol === "TCP"),
    externalIPs,
    annotations,
    loadBalancerClass,
    address: loadBalancer,
    warning: lastWarning(happened),
  };
}

function lastWarning(list: unknown): string | undefined {
  const at = ({ lastTimestamp, eventTime }: { lastTimestamp?: unknown; eventTime?: unknown }) =>
    new Date(String(lastTimestamp ?? eventTime ?? 0)).getTime();
  const last = events
    .safeParse(list)
    .data?.items.sort((one, other) => at(one) - at(other))
    .at(-1);
  return last?.type === "Warning" ? last.message : undefined;
}
