import { exposedPortPrefix, type IngressController } from "./exposure-manifests.ts";

/** A port of ours on a controller's Service, with another number than its name says. */
export interface RenumberedPort {
  /** Its place in `spec.ports`. */
  readonly index: number;
  readonly name: string;
  /** The number that it has now. */
  readonly port: number;
  /** The number that is declared. */
  readonly declared: number;
}

/**
 * Our ports that somebody has renumbered by hand. The API server knows a port by its number and takes each name once, so the declared port
 * cannot be applied beside it: it would be a second one of its name.
 * @param ports the whole list of the Service
 * @param declared the numbers that are declared
 */
export function renumberedPorts(
  ports: readonly { readonly name?: string | undefined; readonly port: number }[],
  declared: readonly number[],
): RenumberedPort[] {
  return ports.flatMap(({ name, port }, index) => {
    const number = declared.find((each) => name === `${exposedPortPrefix}${each}`);
    return name === undefined || number === undefined || number === port
      ? []
      : [{ index, name, port, declared: number }];
  });
}

/** The command that gives them their numbers back, unless the Service has changed meanwhile. */
export function renumberCommand(
  { namespace, service }: IngressController,
  renumbered: readonly RenumberedPort[],
  context?: string,
): string {
  const operations = renumbered.flatMap(({ index, name, declared }) => [
    { op: "test", path: `/spec/ports/${index}/name`, value: name },
    { op: "replace", path: `/spec/ports/${index}/port`, value: declared },
    { op: "replace", path: `/spec/ports/${index}/targetPort`, value: declared },
  ]);
  const kubectl = context === undefined ? "kubectl" : `kubectl --context ${context}`;
  return `${kubectl} -n ${namespace} patch service ${service} --type json -p '${JSON.stringify(operations)}'`;
}
