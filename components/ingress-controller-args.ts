import { type Input, output } from "@pulumi/pulumi";
import {
  type ExposedBackend,
  type IngressController,
  tcpServicesPlace,
} from "../topology/objects/exposure-manifests.ts";
import { textOf } from "./carried-inputs.ts";

/** An ingress-nginx controller, as installed. Its names can come from another resource, such as its Helm release. */
export interface IngressControllerArgs {
  /** Namespace of the controller. */
  readonly namespace: Input<string>;
  /** Name of the controller's Service. */
  readonly service: Input<string>;
  /** Name of the controller's Deployment or DaemonSet. @default the name of the Service */
  readonly deployment?: Input<string> | undefined;
  /** Kind of the object that `deployment` names, like the chart's `controller.kind`. @default Deployment */
  readonly kind?: "Deployment" | "DaemonSet" | undefined;
  /** Name of the controller's container. @default controller */
  readonly container?: Input<string> | undefined;
  /**
   * Name of the ConfigMap of TCP services in the controller's namespace, or `<namespace>/<name>`: the one that the controller's
   * --tcp-services-configmap names. The Helm chart calls it `<release>-tcp`.
   */
  readonly configMap: Input<string>;
  /** If true, the controller listens on ports of its nodes (host network or host ports), so that no Service has to open any. @default false */
  readonly hostPorts?: boolean | undefined;
  /** PROXY protocol on the exposed ports. @default none */
  readonly proxyProtocol?: "none" | "decode" | "encode" | "both" | undefined;
}

/** A port of the controller and the Service behind it. The values of the Service can come from another resource. */
export interface ExposedBackendArgs {
  /** The port of the controller. */
  readonly port: number;
  /** The Service to which the port leads. */
  readonly backend: {
    /** Namespace of the Service. */
    readonly namespace: Input<string>;
    /** Name of the Service. */
    readonly service: Input<string>;
    /** The port of the Service. */
    readonly port: Input<number>;
  };
}

/** A controller whose names are texts, from which manifests are composed. */
export function controllerOf(args: IngressControllerArgs): IngressController {
  const { deployment, container, configMap, kind = "Deployment", hostPorts = false, proxyProtocol = "none" } = args;
  const namespace = textOf(args.namespace);
  return {
    ...{ namespace, service: textOf(args.service), kind, hostPorts, proxyProtocol },
    ...(deployment === undefined ? {} : { deployment: textOf(deployment) }),
    ...(container === undefined ? {} : { container: textOf(container) }),
    configMap: typeof configMap === "string" ? configMap : configMapOf(args),
  };
}

/**
 * The namespace and the name of a ConfigMap, each as a text of its own: only the value of the other resource shows whether it includes a namespace.
 */
function configMapOf({ namespace, configMap }: IngressControllerArgs): string {
  const place = output([namespace, configMap] as const).apply(([own = "", given = ""]) =>
    tcpServicesPlace({ namespace: own, configMap: given }),
  );
  return `${textOf(place.namespace)}/${textOf(place.name)}`;
}

/** A backend whose names are texts, from which manifests are composed. */
export function backendOf({ port, backend }: ExposedBackendArgs): ExposedBackend {
  const { namespace, service, port: inner } = backend;
  return {
    port,
    backend: {
      namespace: textOf(namespace),
      service: textOf(service),
      port: typeof inner === "number" ? inner : textOf(inner),
    },
  };
}
