import type { Transform } from "../topology/objects/manifests.ts";

/**
 * Changes the objects of a topology by their kind, as the last step before they are written. Each function gets the object as it would be written.
 */
export interface TopologyTransforms {
  /** Changes each BigPeer. */
  readonly bigPeer?: Transform | undefined;
  /** Changes each BigPeerApp. */
  readonly app?: Transform | undefined;
  /** Changes each BigPeerReplication. */
  readonly replication?: Transform | undefined;
  /** Changes each Secret with the CA certificate of another peer. */
  readonly trustSecret?: Transform | undefined;
  /** Changes each patch by which a Big Peer trusts others. */
  readonly trustPatch?: Transform | undefined;
  /** Changes each Service of type LoadBalancer or NodePort that exposes a target. */
  readonly exposedService?: Transform | undefined;
  /** Changes each patch that opens ports of a controller's Service. */
  readonly controllerPorts?: Transform | undefined;
  /** Changes each patch of the ConfigMap of TCP services of an ingress-nginx controller. */
  readonly tcpServices?: Transform | undefined;
  /** Changes each patch of the arguments of an ingress-nginx controller, in its Deployment or DaemonSet. */
  readonly controllerArguments?: Transform | undefined;
  /** Changes each Gateway that the topology owns. */
  readonly gateway?: Transform | undefined;
  /** Changes each ListenerSet. */
  readonly listenerSet?: Transform | undefined;
  /** Changes each TCPRoute. */
  readonly route?: Transform | undefined;
  /** Changes each TransportServer. */
  readonly transportServer?: Transform | undefined;
  /** Changes each patch of a GlobalConfiguration. */
  readonly globalConfiguration?: Transform | undefined;
}
