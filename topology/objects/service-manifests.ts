import type { Way } from "../file/exposure.ts";
import { fillNames } from "../plan/exposures.ts";
import type { PlannedExposure } from "../plan/plan.ts";
import type { Manifest } from "./manifests.ts";
import { unawaited } from "./unawaited.ts";

/** The fields that a Service of ours copies from the operator's Service of the same target. */
export interface ServiceBackend {
  /** Labels of the replication's pods. */
  readonly selector: unknown;
  /** The port of the pods: a number or a name. */
  readonly targetPort: unknown;
}

/** The parts of an exposure that name a Service of this project. */
export type ExposedService = Pick<PlannedExposure, "object" | "port" | "names"> & {
  readonly backend: Pick<PlannedExposure["backend"], "namespace" | "port">;
};

/** The settings of a Service of type LoadBalancer. */
export interface DeclaredLoadBalancer {
  readonly class?: unknown;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly externalTrafficPolicy?: unknown;
  readonly sourceRanges?: unknown;
}

/** A Service of type LoadBalancer for one target. */
export function loadBalancerManifest(
  settings: DeclaredLoadBalancer,
  exposure: ExposedService,
  backend: ServiceBackend,
): Manifest {
  const { class: loadBalancerClass, externalTrafficPolicy, sourceRanges, annotations = {} } = settings;
  const filled = Object.entries(annotations).map(([key, value]) => [key, fillNames(value, exposure.names)]);
  return {
    ...serviceHead(exposure, Object.fromEntries(filled)),
    spec: {
      type: "LoadBalancer",
      ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
      ...(externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy }),
      ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: sourceRanges }),
      selector: backend.selector,
      ports: [{ name: portName, port: exposure.port, targetPort: backend.targetPort, protocol: "TCP" }],
    },
  };
}

/** A Service of type NodePort for one target. Inside the cluster it has the operator's port. */
export function nodePortManifest(
  { externalTrafficPolicy }: Pick<DeclaredLoadBalancer, "externalTrafficPolicy">,
  exposure: ExposedService,
  backend: ServiceBackend,
): Manifest {
  const { port } = exposure.backend;
  return {
    ...serviceHead(exposure, {}),
    spec: {
      type: "NodePort",
      ...(externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy }),
      selector: backend.selector,
      ports: [{ name: portName, port, targetPort: backend.targetPort, nodePort: exposure.port, protocol: "TCP" }],
    },
  };
}

/** The pods that the file says are behind a Service, with the placeholders filled; undefined: as the operator's Service has them. */
export function givenBackend({
  way,
  names,
}: Pick<PlannedExposure, "way" | "names">):
  | { readonly selector: Readonly<Record<string, string>>; readonly targetPort: number | string }
  | undefined {
  if (way.kind !== "loadBalancer" && way.kind !== "nodePort") return undefined;
  const { backend } = way.settings;
  if (!backend) return undefined;
  const selector = Object.entries(backend.selector).map(([label, value]) => [label, fillNames(value, names)]);
  return { selector: Object.fromEntries(selector), targetPort: backend.targetPort };
}

const portName = "replication";

/** Annotations that ask for a certain address, which Services may share if their ports differ: MetalLB's (both of its groups) and Cilium's. */
const addressAnnotations = [
  "metallb.io/loadBalancerIPs",
  "metallb.universe.tf/loadBalancerIPs",
  "lbipam.cilium.io/ips",
  "io.cilium/lb-ipam-ips",
];

/** The addresses that a Service asks for by its annotations. */
export function askedAddresses(annotations: Readonly<Record<string, string>>): string[] {
  const asked = addressAnnotations.flatMap((name) => annotations[name]?.split(",") ?? []);
  return asked.map((address) => address.trim()).filter((address) => address !== "");
}

/** True if another Service of the cluster can have a port that a Service of this way needs. */
export function sharesPorts({ kind, settings }: Way): boolean {
  return kind === "nodePort" || (kind === "loadBalancer" && askedAddresses(settings.annotations ?? {}).length > 0);
}

function serviceHead({ object, backend, names }: ExposedService, annotations: Readonly<Record<string, string>>) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: unawaited(object, backend.namespace, names, annotations),
  };
}
