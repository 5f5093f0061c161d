/** The meaning of the engine's events and types, in one place for everything that reads them. */

/** The type of what stands for a cluster in the program. */
export const clusterProvider = "pulumi:providers:kubernetes";

/** True if a type is of what is nowhere but in the state: the stack, its components and the providers. */
export function isScaffold(type: string): boolean {
  return type.startsWith("pulumi:") || type.startsWith("bigpeer:");
}

/** A diagnostic message without the marks that the engine puts there for its colours. */
export function diagnosticText(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "").trim();
}
