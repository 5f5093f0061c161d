import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  log,
  type Output,
  output,
  type Resource,
  type ResourceTransformation,
  RunError,
  runtime,
} from "@pulumi/pulumi";
import { stringify } from "yaml";
import { topologyType } from "../engine/urn.ts";
import { type Configuration, givenConfiguration, readConfiguration } from "../program/configuration.ts";
import { deploy } from "../program/deploy.ts";
import type { StackOutputs } from "../program/stack.ts";
import type { DeclaredExports, Pending } from "../program/stack-exports.ts";
import { ownOutputs } from "../program/stack-outputs.ts";
import type { TopologyArgs } from "./topology-args.ts";
import { settledTopology } from "./topology-inputs.ts";
import type { TopologyTransforms } from "./topology-transforms.ts";

export interface BigPeerTopologyArgs {
  /**
   * Path of the topology file; or the topology itself, which may hold values of other resources.
   * @default the file that the stack's configuration names (`bigpeer:topology`), else topologies/<stack>.yaml
   */
  readonly topology?: string | TopologyArgs | undefined;
  /**
   * The clusters that this stack owns, where the topology does not say it (`stack` of a cluster).
   * @default all of them; with the topology of the stack's configuration, what its `bigpeer:clusters` lists
   */
  readonly clusters?: readonly string[] | undefined;
  /**
   * Path or content of the kubeconfig of clusters that name none of their own.
   * @default `bigpeer:kubeconfig` of the stack's configuration, else KUBECONFIG, then ~/.kube/config
   */
  readonly kubeconfig?: Input<string> | undefined;
  /** Secrets that the topology names (`token: { config: <key> }`), by their keys. @default `bigpeer:<key>` of the stack's configuration */
  readonly secrets?: Readonly<Record<string, Input<string>>> | undefined;
  /**
   * The folder that the path of the topology file is relative to.
   * @default the one in which the engine runs the program
   */
  readonly directory?: string | undefined;
  /** A last change to the objects before they are written. */
  readonly transform?: TopologyTransforms | undefined;
}

/** Tokens of playgrounds, by name. */
export interface PlaygroundTokens {
  /** Of a Big Peer's own playground, by peer. */
  readonly peers: Readonly<Record<string, string>>;
  /** Of an app's own playground, by app. */
  readonly apps: Readonly<Record<string, string>>;
}

/**
 * A whole topology, or the running stack's share of it: plans it, checks it and the clusters before anything is written, and makes the Big Peers,
 * their apps, whom they trust, what exposes them and the replications. Everything that waits for another stack is pending, and comes with a
 * later update. A stack has one of it and exports `topology`, `tokens`, `pending`, `objects` and `declared`: the next update of this stack reads
 * them, and so do the stacks of other clusters and the commands of `bigpeer`.
 * Resources that a release before this component has made are taken over as they are.
 *
 * @example
 * const prod = new BigPeerTopology("prod", { topology: "topologies/prod.yaml" });
 * // In the program itself: export const { topology, tokens, pending, objects, declared } = prod;
 * const apiOfBp1 = prod.apis.apply(({ bp1 }) => bp1);
 */
export class BigPeerTopology extends ComponentResource<StackOutputs> {
  /** `host:port` by which other clusters reach what this stack exposes, by exposure: `<cluster>/<replication>/<peer>`, and `/<way>` behind it where a target has several. */
  readonly addresses: Output<Record<string, string>>;
  /** In-cluster `host:port` of each side of a replication, by replication, then peer. */
  readonly replications: Output<Record<string, Record<string, string>>>;
  /** In-cluster `host:port` of each Big Peer's HTTP API, by peer. */
  readonly apis: Output<Record<string, string>>;
  /** CA certificate (PEM) of each Big Peer, by peer. */
  readonly certificates: Output<Record<string, string>>;
  /** App IDs (UUID), by app. */
  readonly appIds: Output<Record<string, string>>;
  /** Shared tokens of playgrounds. Secret. */
  readonly tokens: Output<PlaygroundTokens>;
  /** What could not be done yet, each with its reason and what resolves it. Empty: everything is done. */
  readonly pending: Output<Pending[]>;
  /** What the stacks of other clusters read, and this stack in its next update. Export it under this name. */
  readonly topology: Output<unknown>;
  /** The objects that the stack has, by cluster, as JSON. Secret only for its length. Export it under this name. */
  readonly objects: Output<string>;
  /** The topology of this update as text, for `bigpeer diff stack:<name>`. Secret. Export it under this name. */
  readonly declared: Output<string>;

  /**
   * @param name of the component; one stack has one
   * @param args the topology, and what of it this stack owns
   * @throws RunError if the stack has one already
   */
  constructor(name: string, args: BigPeerTopologyArgs = {}, opts: ComponentResourceOptions = {}) {
    refuseSecond(name);
    const given = new Given(args);
    const transformations = [...(opts.transformations ?? []), given.withSources];
    super(topologyType, name, given, { ...opts, transformations });
    const part = <T>(of: (outputs: StackOutputs) => T) => output(this.getData().then(of));
    this.addresses = part(({ topology }) => topology.exposures);
    this.replications = part(({ topology }) => topology.replications);
    this.apis = part(({ topology }) => ofPeers(topology, "api"));
    this.certificates = part(({ topology }) => ofPeers(topology, "caCertificate"));
    this.appIds = part(({ topology }) => output(topology.apps).apply((apps) => mapped(apps, ({ id }) => id)));
    this.tokens = part(({ tokens }) => tokens);
    this.pending = part(({ pending }) => pending);
    this.topology = part(({ topology }) => topology);
    this.objects = part(({ objects }) => objects);
    this.declared = part(({ declared }) => declared);
  }

  /**
   * Resolves once everything is declared. A program that waits for it has findings as they are written, where an output that cannot be given
   * would have Pulumi put its own words in front of them.
   * @throws RunError with every finding, if the topology has an error; nothing is written then
   */
  async ready(): Promise<void> {
    await this.getData();
  }

  /** Looks at the clusters and at what has been exported before, and then declares everything. */
  protected override async initialize(given: unknown, _options: unknown, name: string): Promise<StackOutputs> {
    const configuration = () => (given instanceof Given ? given.configuration(name) : readConfiguration());
    const outputs = await deploy(configuration, ownOutputs(), { name, resource: this });
    warnUnlessExported();
    const { addresses, replications, apis, certificates, appIds, tokens, pending } = this;
    this.registerOutputs({ addresses, replications, apis, certificates, appIds, tokens, pending });
    return outputs;
  }
}

/** The component for the whole topology of each stack in this process. */
const topologies = new WeakMap<Resource, string>();

/** Each of two would read the same exports, and would take the clusters and objects of the other for lost. */
function refuseSecond(name: string): void {
  const stack = runtime.getStackResource();
  if (stack === undefined) return;
  const first = topologies.get(stack);
  if (first !== undefined)
    throw new RunError(
      `this stack has the BigPeerTopology "${first}" already, so it cannot have "${name}", too: a stack exports one \`topology\`, by which ` +
        "its next update knows what it has. Write both into one topology, or give the second one a stack of its own",
    );
  topologies.set(stack, name);
}

/**
 * The arguments, kept away from the engine: they are not inputs of the component, since `declared` holds what matters
 * of them.
 */
class Given {
  readonly #args: BigPeerTopologyArgs;
  readonly #sources: Resource[] = [];

  constructor(args: BigPeerTopologyArgs) {
    this.#args = args;
  }

  async configuration(name: string): Promise<Configuration> {
    const { topology, clusters, kubeconfig, secrets = {}, transform, directory } = this.#args;
    const given = { name, clusters, kubeconfig, secrets, transform, directory };
    if (topology === undefined) return readConfiguration(given);
    if (typeof topology === "string") return givenConfiguration({ ...given, topology: { file: topology } });
    const settled = await settledTopology(topology, name);
    this.#sources.push(...settled.resources);
    return {
      ...givenConfiguration({
        ...given,
        secrets: { ...secrets, ...settled.secrets },
        topology: { text: stringify(settled.value, { lineWidth: 0 }) },
      }),
      unknown: settled.unknown,
    };
  }

  /**
   * Makes everything depend on the resources that the topology's values come from, so that it is deleted before they
   * are.
   */
  get withSources(): ResourceTransformation {
    return ({ props, opts }) => {
      if (this.#sources.length === 0) return undefined;
      const before = opts.dependsOn ?? [];
      return { props, opts: { ...opts, dependsOn: [...(Array.isArray(before) ? before : []), ...this.#sources] } };
    };
  }
}

/** Without these outputs, the next update would not know what the stack owns. */
function warnUnlessExported(): void {
  runtime.getStackResource()?.outputs.apply((exported: unknown) => {
    const names = typeof exported === "object" && exported !== null ? Object.keys(exported) : [];
    const missing = ["topology", "tokens", "pending", "objects", "declared"].filter((name) => !names.includes(name));
    if (missing.length > 0)
      log.warn(
        `the stack does not export ${missing.join(", ")}, which its next update and the stacks of other clusters read. ` +
          "Write `export const { topology, tokens, pending, objects, declared } = new BigPeerTopology(…)`",
      );
  });
}

function mapped<T>(all: Readonly<Record<string, T>>, value: (one: T) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, value(one)]));
}

function ofPeers({ peers }: DeclaredExports, key: "api" | "caCertificate"): Output<Record<string, string>> {
  return output(peers).apply((all) => mapped(all, (peer) => peer[key]));
}
