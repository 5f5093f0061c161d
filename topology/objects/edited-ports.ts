import {
  type ExposedBackend,
  exposedPortPrefix,
  type IngressController,
  tcpServicesEntry,
  tcpServicesPlace,
} from "./exposure-manifests.ts";

/** A port of a Service, as it is in its cluster. */
export interface OpenPort {
  readonly name?: string | undefined;
  readonly port: number;
  /** Default: `port`. */
  readonly targetPort?: number | string | undefined;
}

/** A port of ours on a controller's Service that has another number, or leads to another one, than its name says. */
export interface EditedPort extends OpenPort {
  readonly name: string;
  /** Its place in `spec.ports`. */
  readonly index: number;
  /** The number that is declared for both. */
  readonly declared: number;
}

/**
 * Our ports that somebody has changed by hand. No update can write them again: the changed value belongs to whoever has changed it, which is
 * a conflict, and beside a port with another number the declared one would be a second one of its name.
 * @param ports the whole list of the Service
 * @param declared the numbers that are declared
 */
export function editedPorts(ports: readonly OpenPort[], declared: readonly number[]): EditedPort[] {
  return ports.flatMap(({ name, port, targetPort = port }, index) => {
    const number = declared.find((each) => name === `${exposedPortPrefix}${each}`);
    if (name === undefined || number === undefined || (port === number && targetPort === number)) return [];
    return [{ index, name, port, targetPort, declared: number }];
  });
}

/** The command that makes them what they were, unless the Service has changed meanwhile.
 * @param kubectl with the flags that reach the cluster */
export function restorePortsCommand(
  { namespace, service }: IngressController,
  edited: readonly EditedPort[],
  kubectl = "kubectl",
): string {
  const operations = edited.flatMap(({ index, name, declared }) => [
    { op: "test", path: `/spec/ports/${index}/name`, value: name },
    { op: "replace", path: `/spec/ports/${index}/port`, value: declared },
    { op: "replace", path: `/spec/ports/${index}/targetPort`, value: declared },
  ]);
  return `${kubectl} -n ${namespace} patch service ${service} --type json -p '${JSON.stringify(operations)}'`;
}

/** The command that lets an entry of the ConfigMap of TCP services lead to our target again.
 * @param kubectl with the flags that reach the cluster */
export function restoreEntryCommand(
  controller: IngressController,
  exposure: ExposedBackend,
  kubectl = "kubectl",
): string {
  const { namespace, name } = tcpServicesPlace(controller);
  const data = { [exposure.port]: tcpServicesEntry(exposure, controller.proxyProtocol) };
  return `${kubectl} -n ${namespace} patch configmap ${name} --type merge -p '${JSON.stringify({ data })}'`;
}
