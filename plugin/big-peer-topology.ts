/**
 * The part of BigPeerTopology that the SDKs of other languages have. Pulumi's provider host reads it to generate the schema, and supports neither
 * unions nor readonly arrays, so it cannot read the component itself. Only the host reads these declarations; a test compares them with the
 * component.
 */
import type { Input, Output } from "@pulumi/pulumi/output.js";
// From these two alone, since the host reads every file that is imported here each time that it starts.
import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi/resource.js";

export interface BigPeerTopologyArgs {
  /**
   * The topology: a mapping with the keys of a topology file, in which every leaf can be a value of another resource; or the path of a topology file,
   * relative to the project's folder. Default: the file that the stack's configuration names (`bigpeer:topology`), else topologies/<stack>.yaml.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the one type that stands for a path and for a mapping in a schema of Pulumi
  topology?: any;
  /**
   * The clusters that this stack owns, if the topology does not say so (`stack` of a cluster). Default: all of them; for the topology that the
   * stack's configuration names, the clusters that its `bigpeer:clusters` lists.
   */
  clusters?: string[];
  /**
   * Path or content of the kubeconfig for clusters that name none of their own. Default: `bigpeer:kubeconfig` of the stack's configuration, else
   * KUBECONFIG, then ~/.kube/config.
   */
  kubeconfig?: Input<string>;
  /** Secrets that the topology refers to (`token: { config: <key> }`), by key. Default: `bigpeer:<key>` of the stack's configuration. */
  secrets?: Record<string, Input<string>>;
}

/** Something that could not be done yet. */
export interface Pending {
  /** The missing part, in a few words. */
  what: string;
  /** The reason why it could not be done. */
  reason: string;
  /** The command that resolves it, or what to wait for. */
  next: string;
  /** The time at which it resolves itself (ISO 8601). */
  until?: string;
}

/** Shared tokens of playgrounds, by name. */
export interface PlaygroundTokens {
  /** Tokens of the Big Peers' own playgrounds, by peer. */
  peers: Record<string, string>;
  /** Tokens of the apps' own playgrounds, by app. */
  apps: Record<string, string>;
}

/**
 * Deploys a whole topology of Ditto Big Peers, or the running stack's share of it. It plans the topology, checks it and the clusters before anything
 * is written, and creates the Big Peers, their apps, the trust between them, their exposures, and the replications. Everything that waits for another
 * stack is pending, and follows in a later update. A stack has only one BigPeerTopology, and exports its outputs `topology`, `tokens`, `pending`,
 * `objects` and `declared` under these names: the next update of this stack reads them, and so do the stacks of other clusters.
 */
export declare class BigPeerTopology extends ComponentResource {
  /**
   * `host:port` at which other clusters reach each target that this stack exposes, by `<cluster>/<replication>/<peer>`, followed by `/<way>` if a
   * target has several ways.
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
  // biome-ignore lint/suspicious/noExplicitAny: a contract between releases of the component, of which no program reads a part
  readonly topology: Output<any>;
  /** The objects that the stack has, by cluster, as JSON. It is a secret only because of its length. Export it under this name. */
  readonly objects: Output<string>;
  /** The topology of this update as text, a secret, for `bigpeer diff stack:<name>`. Export it under this name. */
  readonly declared: Output<string>;

  constructor(name: string, args: BigPeerTopologyArgs, opts?: ComponentResourceOptions);
}
