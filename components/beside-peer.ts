import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { BigPeer } from "./big-peer.ts";

/**
 * The resource options for everything that belongs to a Big Peer: it is created in the Big Peer's cluster, unless the options name another provider.
 */
export function withProviderOf(
  peer: BigPeer | Input<string> | undefined,
  opts: ComponentResourceOptions | undefined,
): ComponentResourceOptions | undefined {
  if (!(peer instanceof BigPeer) || opts?.provider || opts?.providers) return opts;
  const provider = peer.nodes.bigPeer.getProvider("kubernetes:core/v1:Namespace");
  return provider ? { ...opts, provider } : opts;
}

/**
 * The namespace for everything that belongs to a Big Peer.
 * @throws Error if the peer is known only by its name, and no namespace is given
 */
export function namespaceOf(
  peer: BigPeer | Input<string> | undefined,
  given: Input<string> | undefined,
  component: string,
): Input<string> {
  if (given !== undefined) return given;
  if (peer instanceof BigPeer) return peer.namespace;
  throw new Error(`${component}: give the \`namespace\` of the Big Peer, or the Big Peer itself instead of its name`);
}
