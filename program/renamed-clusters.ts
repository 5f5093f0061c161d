import { type Input, output, type Resource, type ResourceOptions } from "@pulumi/pulumi";
import { withoutPrototype } from "../topology/own-property.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { newNames, reachesOf, renamedClusters, renamedExposure } from "../topology/plan/renamed-clusters.ts";
import type { StackExports } from "./stack-exports.ts";

/** The clusters of a plan that a stack has called otherwise: new name -> former name. */
function renamedSince(plan: Plan, exports: StackExports | undefined): ReadonlyMap<string, string> {
  // A release before it was written has not said by which contexts it reached them.
  return renamedClusters(new Map(Object.entries(exports?.clusters ?? {})), reachesOf(plan));
}

/** What a stack has exported, with the plan's names for clusters that it has called otherwise. */
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

/** Has the engine take over what a stack has made under the former name of a cluster. */
export class FormerNames {
  /** New name -> former name. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly #registered: Resource[] = [];

  /** @param exported what the stack said after its last update */
  constructor(plan: Plan, exported: StackExports | undefined) {
    this.clusters = renamedSince(plan, exported);
  }

  /**
   * Options of a resource whose name, as that of all in it, begins with its cluster's. Every one of them gets an alias: the engine
   * derives none for what is in a component that an update which broke off has renamed already.
   */
  options(cluster: string): Pick<ResourceOptions, "transformations"> {
    const former = this.clusters.get(cluster);
    if (former === undefined) return {};
    return {
      transformations: [
        ({ resource, name, props, opts }) => {
          this.#registered.push(resource);
          const aliases = [...(opts.aliases ?? []), { name: `${former}${name.slice(cluster.length)}` }];
          return { props, opts: { ...opts, aliases } };
        },
      ],
    };
  }

  /** A value that is known when everything has its new name. Until then, a next update has to look for the former one. */
  onceTaken<T>(value: T): Input<T> {
    if (this.clusters.size === 0) return value;
    return output(this.#registered.map(({ urn }) => urn)).apply(() => value);
  }
}
