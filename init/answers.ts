/** The ways of exposure that a new project can begin with; all others, and every setting, are in docs/exposure.md. */
export const initialWays = ["load-balancer", "node-port", "ingress-nginx", "gateway", "address"] as const;
export type InitialWay = (typeof initialWays)[number];

/** The ways whose host nothing in the cluster tells: they need a domain. */
export const waysWithHost: readonly InitialWay[] = ["node-port", "address"];

/** The forges whose workflows can be written. */
export const initialForges = ["github", "gitlab"] as const;
export type InitialForge = (typeof initialForges)[number];

/** What decides which files a new project has. */
export interface InitAnswers {
  /** Name of the Pulumi project. */
  readonly project: string;
  readonly description: string;
  /** The environment: its topology is `topologies/<environment>.yaml`. */
  readonly environment: string;
  /** The clusters in the order of the file, each with its context in the kubeconfig. */
  readonly clusters: readonly { readonly name: string; readonly context: string }[];
  /** Namespace of the Big Peers. */
  readonly namespace: string;
  /** How the Big Peers of a cluster are reached from the others. Matters only where there are several. */
  readonly way: InitialWay;
  /** Clusters are reached at `bp.<cluster>.<domain>`. */
  readonly domain: string | undefined;
  /** Version of the Big Peers, three numbers. */
  readonly bigPeerVersion: string;
  /** Whether each cluster has a stack of its own, instead of one stack for all. */
  readonly stackPerCluster: boolean;
  readonly forge: InitialForge | undefined;
}

/** What a project begins with where nobody says otherwise. */
export const initialAnswers = {
  description: "Topologies of Ditto Big Peers",
  environment: "dev",
  namespace: "ditto",
  way: "load-balancer",
  bigPeerVersion: "1.63.2",
} as const;

/** The stacks of a new project, each with the one topology. */
export function stacksOf({ environment, clusters, stackPerCluster }: InitAnswers): string[] {
  return stackPerCluster ? clusters.map(({ name }) => stackOf(environment, name)) : [environment];
}

/** The stack of one cluster, where each has its own. */
export function stackOf(environment: string, cluster: string): string {
  return `${environment}-${cluster}`;
}
