import type { Input, Output, StackReference } from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi";
import { stackExports } from "../program/stack-exports.ts";
import { ownProperty } from "../topology/own-property.ts";
import type { BigPeer } from "./big-peer.ts";
import type { BigPeerApp } from "./big-peer-app.ts";
import type { IssuerReference } from "./topology-issuer-reference.ts";

/** A Big Peer of this program (a `BigPeer`), or of another stack (`peerOf`). */
export interface PeerReference {
  /** Name of the Big Peer. */
  readonly peer: string;
  /** Its CA certificates (PEM). During a rotation, these are the old and the new one. */
  readonly caCertificate: Input<string>;
  /**
   * The issuer, if the certificates are those of an issuer's CA; all Big Peers of the issuer then share one Secret.
   * @default none, for the Big Peer's own CA
   */
  readonly issuer?: IssuerReference | undefined;
}

/** The parts that a stack of single components exports to other stacks. */
export interface ExportedParts {
  /** The Big Peers of the stack. */
  readonly peers?: readonly BigPeer[] | undefined;
  /** The apps of the stack, by the name under which other stacks know each of them. */
  readonly apps?: Readonly<Record<string, BigPeerApp>> | undefined;
  /** `host:port` of each exposed target, by a name of your choice. */
  readonly exposures?: Readonly<Record<string, Input<string>>> | undefined;
}

/**
 * Returns the value that a stack of single components exports as `topology`, for `peerOf`, `appIdOf` and `exposedBy` in other stacks. A stack with a
 * BigPeerTopology exports a value of the same form. Nothing in it is secret.
 */
export function exportedTopology({ peers = [], apps = {}, exposures = {} }: ExportedParts) {
  return {
    contract: 1 as const,
    peers: Object.fromEntries(
      peers.map(({ peer, caCertificate, apiAddress }) => [peer, { caCertificate, api: apiAddress }]),
    ),
    apps: Object.fromEntries(Object.entries(apps).map(([name, { appId }]) => [name, { id: appId }])),
    ...{ exposures, replications: {}, trusted: {} },
  };
}

/**
 * Returns a Big Peer of another stack, as that stack exports it.
 * @param issuer the issuer that signed its CA, if the other stack sets `caIssuer` for it
 * @throws RunError, as a rejected output, if the stack exports no Big Peer of that name
 */
export function peerOf(stack: StackReference, peer: string, issuer?: IssuerReference): PeerReference {
  return {
    peer,
    ...(issuer ? { issuer } : {}),
    caCertificate: exported(stack, `the Big Peer "${peer}"`, ({ peers }) => ownProperty(peers, peer)?.caCertificate),
  };
}

/**
 * Returns the ID (UUID) of an app of another stack.
 * @throws RunError, as a rejected output, if the stack exports no app of that name
 */
export function appIdOf(stack: StackReference, app: string): Output<string> {
  return exported(stack, `the app "${app}"`, ({ apps }) => ownProperty(apps, app)?.id);
}

/**
 * Returns the `host:port` of a target that another stack exposes. If that stack has a BigPeerTopology, `name` is `<cluster>/<replication>/<peer>`.
 * @throws RunError, as a rejected output, if the stack exports no exposure of that name
 */
export function exposedBy(stack: StackReference, name: string): Output<string> {
  return exported(stack, `the exposure "${name}"`, ({ exposures }) => ownProperty(exposures, name));
}

function exported(
  stack: StackReference,
  what: string,
  value: (exports: ReturnType<typeof stackExports.parse>) => string | undefined,
): Output<string> {
  return stack.requireOutput("topology").apply((topology: unknown) => {
    const parsed = stackExports.safeParse(topology);
    const found = parsed.success ? value(parsed.data) : undefined;
    if (found !== undefined) return found;
    throw new RunError(`a stack that is referred to does not export ${what} yet. Run pulumi up there first`);
  });
}
