import type { Transform } from "../topology/objects/manifests.ts";

/** A last change to the objects of a topology before they are written, by what they are. It gets each object as it would be written. */
export interface TopologyTransforms {
  /** To each BigPeer. */
  readonly bigPeer?: Transform | undefined;
  /** To each BigPeerApp. */
  readonly app?: Transform | undefined;
  /** To each BigPeerReplication. */
  readonly replication?: Transform | undefined;
  /** To each Secret with the CA certificate of another peer. */
  readonly trustSecret?: Transform | undefined;
  /** To each patch by which a Big Peer trusts others. */
  readonly trustPatch?: Transform | undefined;
  /** To each Service of type LoadBalancer or NodePort that exposes a target. */
  readonly exposedService?: Transform | undefined;
  /** To each patch that opens ports of a controller's Service. */
  readonly controllerPorts?: Transform | undefined;
  /** To each patch of an ingress-nginx controller's ConfigMap of TCP services. */
  readonly tcpServices?: Transform | undefined;
  /** To each patch of the arguments of an ingress-nginx controller, in its Deployment or DaemonSet. */
  readonly controllerArguments?: Transform | undefined;
  /** To each Gateway that is the topology's own. */
  readonly gateway?: Transform | undefined;
  /** To each ListenerSet. */
  readonly listenerSet?: Transform | undefined;
  /** To each TCPRoute. */
  readonly route?: Transform | undefined;
  /** To each TransportServer. */
  readonly transportServer?: Transform | undefined;
  /** To each patch of a GlobalConfiguration. */
  readonly globalConfiguration?: Transform | undefined;
}
