import { type Input, output, type Resource, type ResourceOptions, type ResourceTransformation } from "@pulumi/pulumi";
import { topologyType } from "../engine/urn.ts";
import { withoutPrototype } from "../topology/own-property.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { newNames, reachesOf, renamedClusters, renamedExposure } from "../topology/plan/renamed-clusters.ts";
import type { StackExports } from "./stack-exports.ts";

/** The clusters of a plan that a stack knows by another name: new name -> former name. */
function renamedSince(plan: Plan, exports: StackExports | undefined): ReadonlyMap<string, string> {
  // A release before `reached` was exported has not recorded how it reached its clusters.
  return renamedClusters(new Map(Object.entries(exports?.clusters ?? {})), reachesOf(plan));
}

/** What a stack has exported, with the plan's names for clusters that it knows by another name. */
export function exportsInNamesOf(plan: Plan, exports: StackExports): StackExports {
  const renamed = renamedSince(plan, exports);
  if (renamed.size === 0) return exports;
  const named = newNames(renamed);
  const exposed = (id: string) => renamedExposure(id, named);
  const inNewNames = ({ cluster, ...peer }: StackExports["peers"][string]) =>
    cluster === undefined ? peer : { ...peer, cluster: named(cluster) };
  return {
    ...exports,
    clusters: withKeys(exports.clusters ?? {}, named),
    peers: withoutPrototype(
      Object.fromEntries(Object.entries(exports.peers).map(([name, peer]) => [name, inNewNames(peer)])),
    ),
    exposures: withKeys(exports.exposures, exposed),
    dialled: withKeys(exports.dialled, exposed),
  };
}

function withKeys<T>(record: Readonly<Record<string, T>>, key: (name: string) => string): Record<string, T> {
  return withoutPrototype(Object.fromEntries(Object.entries(record).map(([name, value]) => [key(name), value])));
}

/**
 * Has the engine take over what a stack has made under the former name of a cluster, or before there was a component
 * for the whole topology.
 */
export class FormerNames {
  /** New name -> former name. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly #topology: Resource | undefined;
  readonly #moved: boolean;
  readonly #registered: Resource[] = [];

  /**
   * @param exported what the stack exported after its last update
   * @param topology the component that all resources belong to; undefined: they belong to the stack itself
   */
  constructor(plan: Plan, exported: StackExports | undefined, topology?: Resource) {
    this.clusters = renamedSince(plan, exported);
    this.#topology = topology;
    // A stack that has exported nothing may have resources all the same, if its first update broke off.
    this.#moved = topology !== undefined && exported?.component === undefined;
  }

  /**
   * Options of a resource whose name, like the names of all resources in it, begins with its cluster's name. Each of
   * them gets an alias: the engine derives none for the children of a component that an interrupted update has renamed
   * already.
   */
  options(cluster: string): Pick<ResourceOptions, "parent" | "transformations"> {
    const former = this.clusters.get(cluster);
    return this.#options((name) => (former === undefined ? undefined : `${former}${name.slice(cluster.length)}`));
  }

  /** Options of a resource that keeps its name, such as one that belongs to no single cluster. */
  sameName(): Pick<ResourceOptions, "parent" | "transformations"> {
    return this.#options(() => undefined);
  }

  /**
   * A value that is known once every resource has its new name and its new parent. Until then, the next update has to
   * look for the former ones.
   */
  onceTaken<T>(value: T): Input<T> {
    if (this.clusters.size === 0 && !this.#moved) return value;
    return output(this.#registered.map(({ urn }) => urn)).apply(() => value);
  }

  #options(formerName: (name: string) => string | undefined): Pick<ResourceOptions, "parent" | "transformations"> {
    const transformation: ResourceTransformation = ({ resource, type, name, props, opts }) => {
      const former = formerName(name);
      if (former === undefined && !this.#moved) return undefined;
      this.#registered.push(resource);
      const given = opts.aliases ?? [];
      const renamed = former === undefined ? [] : [{ name: former }];
      const types = given.flatMap((alias) =>
        typeof alias === "object" && "type" in alias ? [alias.type ?? type] : [],
      );
      const names = former === undefined ? [name] : [name, former];
      const outside = this.#moved
        ? [type, ...types].flatMap((each) => names.map((one) => outsideTopology(opts.parent, String(each), one)))
        : [];
      return { props, opts: { ...opts, aliases: [...given, ...renamed, ...outside] } };
    };
    return {
      ...(this.#topology ? { parent: this.#topology } : {}),
      ...(this.clusters.size > 0 || this.#moved ? { transformations: [transformation] } : {}),
    };
  }
}

/**
 * The URN that a resource had when its outermost parent was the stack. A URN has the types of the parents in it, and
 * not their names.
 */
function outsideTopology(parent: Resource | undefined, type: string, name: string): Input<string> {
  return output(parent?.urn).apply((urn = "") => {
    const [scheme, project, types = ""] = urn.split("::");
    const parents = types.split("$").filter((each) => each !== topologyType);
    return [scheme, project, [...parents, type].join("$"), name].join("::");
  });
}
