/** The parts of a resource's URN. */
export interface Urn {
  /** Types of its parents, the outermost first, and its own last. */
  readonly types: readonly string[];
  /** Its name in the program. */
  readonly name: string;
}

/** Type of the component that holds all resources of a topology. A release before it was written has made them in the stack itself. */
export const topologyType = "bigpeer:index:BigPeerTopology";

/** urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>; only the name may hold "::". */
export function parseUrn(urn: string): Urn {
  const [, , types = "", ...name] = urn.split("::");
  return { types: types.split("$"), name: name.join("::") };
}

/** The name of a resource's provider, which the engine refers to as `<URN>::<ID>`; empty where it has none. */
export function providerName(reference: string): string {
  return parseUrn(reference.slice(0, Math.max(0, reference.lastIndexOf("::")))).name;
}
