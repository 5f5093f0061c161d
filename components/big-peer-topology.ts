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
   * Path of the topology file, or the topology itself, which can contain values of other resources.
   * @default the file that the stack's configuration names (`bigpeer:topology`), else topologies/<stack>.yaml
   */
  readonly topology?: string | TopologyArgs | undefined;
  /**
   * The clusters that this stack owns, if the topology does not say so (`stack` of a cluster).
   * @default all of them; for the topology that the stack's configuration names, the clusters that its `bigpeer:clusters` lists
   */
  readonly clusters?: readonly string[] | undefined;
  /**
   * Path or content of the kubeconfig for clusters that name none of their own.
   * @default `bigpeer:kubeconfig` of the stack's configuration, else KUBECONFIG, then ~/.kube/config
   */
  readonly kubeconfig?: Input<string> | undefined;
  /** Secrets that the topology refers to (`token: { config: <key> }`), by key. @default `bigpeer:<key>` of the stack's configuration */
  readonly secrets?: Readonly<Record<string, Input<string>>> | undefined;
  /** The folder to which the path of the topology file is relative. @default the folder in which the engine runs the program */
  readonly directory?: string | undefined;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?: TopologyTransforms | undefined;
}

/** Shared tokens of playgrounds, by name. */
export interface PlaygroundTokens {
  /** Tokens of the Big Peers' own playgrounds, by peer. */
  readonly peers: Readonly<Record<string, string>>;
  /** Tokens of the apps' own playgrounds, by app. */
  readonly apps: Readonly<Record<string, string>>;
}

/**
 * Deploys a whole topology, or the running stack's share of it. It plans the topology, checks it and the clusters before anything is written, and
 * creates the Big Peers, their apps, the trust between them, their exposures, and the replications. Everything that waits for another stack is
 * pending, and follows in a later update. A stack has only one BigPeerTopology, and exports its outputs `topology`, `tokens`, `pending`, `objects`
 * and `declared`: the next update of this stack reads them, and so do the stacks of other clusters and the commands of `bigpeer`.
 * Resources that were created by a release that did not have this component are taken over as they are.
 *
 * @example
 * const prod = new BigPeerTopology("prod", { topology: "topologies/prod.yaml" });
 * // At the top level of the program: export const { topology, tokens, pending, objects, declared } = prod;
 * const apiOfBp1 = prod.apis.apply(({ bp1 }) => bp1);
 */
export class BigPeerTopology extends ComponentResource<StackOutputs> {
  /**
   * `host:port` at which other clusters reach each target that this stack exposes, by exposure: `<cluster>/<replication>/<peer>`, followed by
   * `/<way>` if a target has several ways.
   */
  readonly addresses: Output<Record<string, string>>;
  /** In-cluster `host:port` of each side of a replication, by replication and then by peer. */
  readonly replications: Output<Record<string, Record<string, string>>>;
  /** In-cluster `host:port` of each Big Peer's HTTP API, by peer. */
  readonly apis: Output<Record<string, string>>;
  /** CA certificate (PEM) of each Big Peer, by peer. */
  readonly certificates: Output<Record<string, string>>;
  /** App IDs (UUID), by app. */
  readonly appIds: Output<Record<string, string>>;
  /** The shared tokens of playgrounds, a secret. */
  readonly tokens: Output<PlaygroundTokens>;
  /** Everything that could not be done yet, each with its reason and what resolves it. Empty once everything is done. */
  readonly pending: Output<Pending[]>;
  /** The values that the stacks of other clusters read, as does this stack in its next update. Export it under this name. */
  readonly topology: Output<unknown>;
  /** The objects that the stack has, by cluster, as JSON. It is a secret only because of its length. Export it under this name. */
  readonly objects: Output<string>;
  /** The topology of this update as text, a secret, for `bigpeer diff stack:<name>`. Export it under this name. */
  readonly declared: Output<string>;

  /**
   * @param name name of the component, of which a stack has only one
   * @param args the topology, and the part of it that this stack owns
   * @throws RunError if the stack already has one
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
   * Resolves once everything is declared. A program that awaits it reports findings as they are written; otherwise, Pulumi puts its own message about
   * the failed output in front of them.
   * @throws RunError with every finding, if the topology has an error; nothing is written then
   */
  async ready(): Promise<void> {
    await this.getData();
  }

  /** Looks at the clusters and at the previous exports, and then declares everything. */
  protected override async initialize(given: unknown, _options: unknown, name: string): Promise<StackOutputs> {
    const configuration = () => (given instanceof Given ? given.configuration(name) : readConfiguration());
    const outputs = await deploy(configuration, ownOutputs(), { name, resource: this });
    warnUnlessExported();
    const { addresses, replications, apis, certificates, appIds, tokens, pending } = this;
    this.registerOutputs({ addresses, replications, apis, certificates, appIds, tokens, pending });
    return outputs;
  }
}

/** The name of the BigPeerTopology of each stack in this process. */
const topologies = new WeakMap<Resource, string>();

/** Two of them would read the same exports, and each would treat the clusters and objects of the other as lost. */
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

/** The arguments, kept away from the engine: they are not inputs of the component, since `declared` contains what matters in them. */
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

  /** Makes everything depend on the resources that the topology's values come from, so that it is deleted before these resources are. */
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
