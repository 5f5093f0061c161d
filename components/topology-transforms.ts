import type { Transform } from "../topology/objects/manifests.ts";

/** A last change to the objects of a topology before they are written, by what they are. It gets each object as it would be written. */
export interface TopologyTransforms {
  /** To each BigPeer. */
  readonly bigPeer?: Transform;
  /** To each BigPeerApp. */
  readonly app?: Transform;
  /** To each BigPeerReplication. */
  readonly replication?: Transform;
  /** To each Secret with the CA certificate of another peer. */
  readonly trustSecret?: Transform;
  /** To each patch by which a Big Peer trusts others. */
  readonly trustPatch?: Transform;
}
