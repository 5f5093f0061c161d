import {
  ComponentResource,
  type ComponentResourceOptions,
  CustomResource,
  type CustomResourceOptions,
  getStack,
  type ProviderResource,
  type Resource,
} from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { generatedToken } from "../components/generated-token.ts";
import { parseUrn, topologyType, type Urn } from "../engine/urn.ts";
import { qualified, readResourcesByEngine } from "./stack-outputs.ts";

/**
 * The URNs in the state of the running stack, without the component for the whole topology. Nothing else of the
 * engine's answer is kept, since secrets are among it.
 */
export async function readHeldResources(): Promise<Urn[]> {
  const held = Object.keys(await readResourcesByEngine(qualified(getStack()))).map(parseUrn);
  return held.map(({ types, name }) => ({
    types: types.filter((type, index) => index > 0 || type !== topologyType),
    name,
  }));
}

/**
 * The URNs of a cluster's resources, found by the names that the program gives. The cluster's provider is not among
 * them.
 */
export function heldOf(cluster: string, held: readonly Urn[]): Urn[] {
  const exposures = ["", "-services", "-ports", "-flag"].map((end) => `${cluster}-exposure${end}`);
  return held.filter(({ types, name }) => {
    const ofExposure = types.includes("bigpeer:index:TcpExposure") && exposures.includes(name);
    const ofCluster = types.at(-1) === "bigpeer:index:ClusterShare" && name === cluster;
    const ofLinks = types.at(-1) === "bigpeer:index:ClusterLinks" && name === `${cluster}-links`;
    return name.startsWith(`${cluster}/`) || ofExposure || ofCluster || ofLinks;
  });
}

/**
 * Declares again what a state holds of a cluster that does not answer, so that the engine neither changes nor deletes
 * it. The arguments are of no consequence: the engine keeps those of the last update (`ignoreChanges`), and so does the
 * Kubernetes provider (`skipUpdateUnreachable`).
 * @param options of a component or resource by its kind and name, such as `protect`
 * @param outermost options of the resources that have no parent among these
 */
export function declareHeld(
  held: readonly Urn[],
  provider: ProviderResource,
  options: (resource: Urn) => Pick<CustomResourceOptions, "protect" | "retainOnDelete">,
  outermost: Pick<CustomResourceOptions, "parent" | "transformations"> = {},
): void {
  const declared: { readonly chain: string; readonly name: string; readonly resource: Resource }[] = [];
  // A parent's URN has fewer types in it than its children's URNs, so this order puts parents first.
  for (const each of [...held].sort((one, other) => one.types.length - other.types.length)) {
    const { types, name } = each;
    const above = types.slice(0, -1).join("$");
    const possible = declared.filter(({ chain }) => chain === above);
    const [parent = possible[0]] = possible
      .filter(({ name: outer }) => isWithin(name, outer))
      .sort((one, other) => other.name.length - one.name.length);
    const shared = { ...(parent ? { parent: parent.resource } : outermost), ...options(each) };
    const resource = declareOne(types.at(-1) ?? "", name, provider, shared);
    declared.push({ chain: types.join("$"), name, resource });
  }
}

/** Children are named after their parent, except those of the one ClusterLinks that a cluster has. */
function isWithin(name: string, outer: string): boolean {
  return name === outer || name.startsWith(`${outer}/`) || name.startsWith(`${outer}-`);
}

/** Every type that our objects have. */
const properties = ["apiVersion", "kind", "metadata", "spec", "data", "stringData", "type"];

function declareOne(type: string, name: string, provider: ProviderResource, options: CustomResourceOptions): Resource {
  if (type.startsWith("bigpeer:")) return new HeldComponent(type, name, {}, options);
  if (type === "random:index/randomPassword:RandomPassword")
    return new RandomPassword(name, generatedToken, { ...options, additionalSecretOutputs: ["result"] });
  return new HeldObject(type, name, {}, { ...options, provider, ignoreChanges: properties });
}

class HeldComponent extends ComponentResource {
  constructor(type: string, name: string, args: object, options: ComponentResourceOptions) {
    super(type, name, args, options);
  }
}

class HeldObject extends CustomResource {
  constructor(type: string, name: string, args: object, options: CustomResourceOptions) {
    super(type, name, args, options);
  }
}
