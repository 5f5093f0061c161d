import type { Location, Path } from "../findings/finding.ts";

/** The name of a stack. Parts that are not known are left out, and match anything. */
export interface StackName {
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  readonly stack: string;
}

/** The settings of a stack that decide what it owns. */
export interface StackSettings {
  readonly name: StackName;
  /** `bigpeer:clusters` as it is given: a list, or a text with a JSON list or with names and commas. Undefined: not set. */
  readonly clusters: unknown;
  /** `bigpeer:kubeconfig` as it is written. Stacks that write different ones reach different clusters under the same name. */
  readonly kubeconfig: string | undefined;
  /** The place where its `Pulumi.<stack>.yaml` sets a key of `bigpeer:`. */
  at(key: "clusters" | "topology"): Location;
}

/** The stacks of a project, as their `Pulumi.<stack>.yaml` files describe them. */
export interface ProjectStacks {
  /** Name of the project; undefined where no `Pulumi.yaml` says it. */
  readonly project: string | undefined;
  /** Those that run the topology in question. */
  readonly sharing: readonly StackSettings[];
  /** Those that run another topology: stack -> what it runs, and where its file says so. */
  readonly elsewhere: ReadonlyMap<string, { readonly topology: string; at(): Location }>;
}

/** The properties of a cluster that decide who owns it. */
export interface OwnableCluster {
  readonly stack?: string | undefined;
  readonly kubeconfig?: string | undefined;
}

/** The clusters of a topology, and their places in its file. */
export interface OwnableClusters {
  readonly clusters: ReadonlyMap<string, OwnableCluster>;
  locate(path: Path, part?: "key" | "value"): Location;
}

/**
 * The clusters that a stack owns. Where a cluster has `stack`, that decides. A cluster without it belongs to the stacks that list it in
 * `bigpeer:clusters`; where no cluster has it, also to each stack that lists nothing.
 */
export function ownedClusters(
  clusters: ReadonlyMap<string, OwnableCluster>,
  { name, clusters: given }: Pick<StackSettings, "name" | "clusters">,
): ReadonlySet<string> {
  const listed = given === undefined ? undefined : clusterNames(given);
  const someNamed = [...clusters.values()].some(({ stack }) => stack !== undefined);
  const owned = [...clusters].filter(([cluster, { stack }]) => {
    if (stack !== undefined) return isStack(stack, name);
    return someNamed ? listed?.includes(cluster) : (listed?.includes(cluster) ?? true);
  });
  return new Set(owned.map(([cluster]) => cluster));
}

/** True if the name of a stack in a topology (`stack`, `project/stack`, `organization/project/stack`) is that of a stack. */
export function isStack(named: string, { organization, project, stack }: StackName): boolean {
  const [name, inProject, inOrganization] = named.split("/").reverse();
  const fits = (part: string | undefined, known: string | undefined) =>
    part === undefined || known === undefined || part === known;
  return name === stack && fits(inProject, project) && fits(inOrganization, organization);
}

/** The names in a value of `bigpeer:clusters`: a list, a JSON list, or names with commas. Undefined if it is none of them. */
export function clusterNames(value: unknown): string[] | undefined {
  if (typeof value === "string")
    return value.trim().startsWith("[") ? clusterNames(jsonOrUndefined(value) ?? {}) : trimmed(value.split(","));
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? trimmed(value) : undefined;
}

function trimmed(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
