import { type IngressController, tcpServicesPlace } from "./exposure-manifests.ts";

/** The command line of a controller's container, as its Deployment or DaemonSet has it. */
export interface ControllerContainer {
  /** `args` as written, with references to variables. */
  readonly arguments: readonly string[];
  /** `command` as written; empty where the image decides. */
  readonly command?: readonly string[];
  /** Its variables in their order. Undefined: the value is known to the running pod alone. */
  readonly environment?: readonly (readonly [name: string, value: string | undefined])[];
}

const flagName = "--tcp-services-configmap";

/**
 * The value of a flag of the controller, resolved as Kubernetes does it: `$(NAME)` is the container's variable, `$$` is a dollar, and what
 * is not known stays as it is (API: Container.args). A flag that is given twice has its last value (pflag).
 */
export function argumentValue({ command = [], arguments: args, environment = [] }: ControllerContainer, flag: string) {
  const known = new Map<string, string>();
  for (const [name, value] of environment) if (value !== undefined) known.set(name, expand(value, known));
  const all = [...command, ...args].map((argument) => expand(argument, known));
  const values = all.flatMap((argument, index) => {
    if (argument.startsWith(`${flag}=`)) return [argument.slice(flag.length + 1)];
    const next = all[index + 1];
    return argument === flag && next !== undefined ? [next] : [];
  });
  return values.at(-1);
}

/** The `<namespace>/<name>` of the ConfigMap of TCP services that the controller reads; undefined where it reads none. */
export function tcpServicesRead(container: ControllerContainer): string | undefined {
  return argumentValue(container, flagName);
}

/** True if the controller reads the ConfigMap that the topology names. */
export function readsOurs(controller: IngressController, container: ControllerContainer): boolean {
  const { namespace, name } = tcpServicesPlace(controller);
  return tcpServicesRead(container) === `${namespace}/${name}`;
}

/** The value of `configMap` for a ConfigMap that a controller reads. */
export function configMapSetting(controller: IngressController, read: string): string {
  const prefix = `${controller.namespace}/`;
  return read.startsWith(prefix) ? read.slice(prefix.length) : read;
}

/**
 * The controller's arguments with our flag (`tcpServicesFlag`), or undefined where another is there: a flag belongs to whoever has set it, and the TCP services of
 * others depend on the ConfigMap that it names.
 */
export function withTcpServicesFlag(flag: string, args: readonly string[]): string[] | undefined {
  if (args.includes(flag)) return [...args];
  const another = args.some((argument) => argument === flagName || argument.startsWith(`${flagName}=`));
  return another ? undefined : [...args, flag];
}

function expand(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (known.get(name) ?? whole),
  );
}
