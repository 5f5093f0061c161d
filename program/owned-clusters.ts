import type { ProviderResource } from "@pulumi/pulumi";
import type { KubeconfigArgs } from "../components/kubeconfig-args.ts";
import type { Plan } from "../topology/plan/plan.ts";
import type { Configuration } from "./configuration.ts";
import type { ClusterSource } from "./contract-check.ts";
import type { StackReading } from "./other-stacks.ts";
import type { ReadObject } from "./read-controller.ts";
import type { FormerNames } from "./renamed-clusters.ts";
import type { Standing } from "./standing.ts";
import type { WrittenKeys } from "./written-keys.ts";

/** How the program itself reaches a cluster, in addition to the cluster's provider. */
export interface ClusterAccess {
  readonly kubeconfig: KubeconfigArgs;
  readonly source: () => Promise<ClusterSource>;
  readonly read: ReadObject;
  /** True if the way to reach the cluster is known; in a preview, a resource that gives it may not exist yet. */
  readonly known: boolean;
}

/** The clusters that a stack owns, and what is known of them. */
export interface OwnedClusters {
  readonly plan: Plan;
  readonly owned: ReadonlySet<string>;
  readonly configuration: Configuration;
  /** By cluster. */
  readonly access: ReadonlyMap<string, ClusterAccess>;
  /** By cluster. A lost cluster of which nothing is left to forget has none. */
  readonly providers: ReadonlyMap<string, ProviderResource>;
  readonly former: FormerNames;
  /** Name of the component that all resources belong to; undefined: they belong to the stack itself. */
  readonly component: string | undefined;
  /** What the stack has exported after its last update. */
  readonly before: StackReading;
  /** The objects that the stack had after its last update. */
  readonly written: WrittenKeys;
  /** How each cluster stands. */
  readonly standings: readonly Standing[];
}
