/**
 * What the SDKs of other languages have of BigPeerTopology. Pulumi's provider host reads it to make the schema, and knows neither unions nor
 * readonly arrays, so it cannot read the component itself. The declarations are for its reading alone; a test holds them against the component.
 */
import type { Input, Output } from "@pulumi/pulumi/output.js";
// From these two alone, since the host reads every file that is imported here each time that it starts.
import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi/resource.js";

export interface BigPeerTopologyArgs {
  /**
   * The topology: a mapping with the keys of a topology file, in which a value of another resource may stand for every leaf; or the path of a
   * topology file, from the project's folder. Default: the file that the stack's configuration names (`bigpeer:topology`), else
   * topologies/<stack>.yaml.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the one type that stands for a path and for a mapping in a schema of Pulumi
  topology?: any;
  /**
   * The clusters that this stack owns, where the topology does not say it (`stack` of a cluster). Default: all of them; with the topology of
   * the stack's configuration, what its `bigpeer:clusters` lists.
   */
  clusters?: string[];
  /**
   * Path or content of the kubeconfig of clusters that name none of their own. Default: `bigpeer:kubeconfig` of the stack's configuration, else
   * KUBECONFIG, then ~/.kube/config.
   */
  kubeconfig?: Input<string>;
  /** Secrets that the topology names (`token: { config: <key> }`), by their keys. Default: `bigpeer:<key>` of the stack's configuration. */
  secrets?: Record<string, Input<string>>;
}

/** What could not be done yet. */
export interface Pending {
  /** What is missing, in a few words. */
  what: string;
  /** Why it could not be done. */
  reason: string;
  /** What resolves it: a command, or what to wait for. */
  next: string;
  /** When it ends by itself: a time (ISO 8601). */
  until?: string;
}

/** Shared tokens of playgrounds, by name. */
export interface PlaygroundTokens {
  /** Those of a Big Peer's own playground, by peer. */
  peers: Record<string, string>;
  /** Those of an app's own playground, by app. */
  apps: Record<string, string>;
}

/**
 * A whole topology of Ditto Big Peers, or the running stack's share of it: plans it, checks it and the clusters before anything is written, and
 * creates the Big Peers, their apps, whom they trust, what exposes them, and the replications. Everything that waits for another stack is
 * pending, and comes with a later update. A stack has one of it and exports `topology`, `tokens`, `pending`, `objects` and `declared` under these
 * names: the next update of this stack reads them, and so do the stacks of other clusters.
 */
export declare class BigPeerTopology extends ComponentResource {
  /** `host:port` by which other clusters reach what this stack exposes, by `<cluster>/<replication>/<peer>`, and `/<way>` behind it where a target has several. */
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
  // biome-ignore lint/suspicious/noExplicitAny: a contract between releases of the component, of which no program reads a part
  readonly topology: Output<any>;
  /** The objects that the stack has, by cluster, as JSON. Secret only because of its length. Export it under this name. */
  readonly objects: Output<string>;
  /** The topology of this update as text, for `bigpeer diff stack:<name>`. Secret. Export it under this name. */
  readonly declared: Output<string>;

  constructor(name: string, args: BigPeerTopologyArgs, opts?: ComponentResourceOptions);
}
