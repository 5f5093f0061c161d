/** The components, for programs that use them without a topology file. */

export type { CertificateLocation } from "../kubernetes/certificates.ts";
export type { Pending } from "../program/stack-exports.ts";
export type { WaySettings } from "../topology/file/exposure.ts";
export type { Queries } from "../topology/file/queries.ts";
export type { ExposedBackend, IngressController } from "../topology/objects/exposure-manifests.ts";
export type { GatewaySettings, RoutedTarget } from "../topology/objects/gateway-manifests.ts";
export type { Manifest, Transform } from "../topology/objects/manifests.ts";
export type { ObjectReference } from "../topology/objects/object-reference.ts";
export type { ExposedService } from "../topology/objects/service-manifests.ts";
export type { TransportController, TransportTarget } from "../topology/objects/transport-server-manifests.ts";
export type { OperatorContract } from "../topology/operator/contract.ts";
export type { Auth, AuthPermission, AuthPermissions, AuthPlayground, AuthWebhook } from "./auth.ts";
export { BigPeer, type BigPeerArgs } from "./big-peer.ts";
export { BigPeerApp, type BigPeerAppArgs } from "./big-peer-app.ts";
export type { BigPeerResources, BigPeerSettings, BigPeerStore, BigPeerSubscriptions } from "./big-peer-settings.ts";
export { BigPeerTopology, type BigPeerTopologyArgs, type PlaygroundTokens } from "./big-peer-topology.ts";
export { CaTrust, type CaTrustArgs, type TrustedPeer } from "./ca-trust.ts";
export { type CertificateReader, certificateReader } from "./certificate-reader.ts";
export { type GatewayArgs, GatewayExposure, type GatewayExposureArgs } from "./gateway-exposure.ts";
export type { ExposedBackendArgs, IngressControllerArgs } from "./ingress-controller-args.ts";
export type { KubeconfigArgs } from "./kubeconfig-args.ts";
export {
  appIdOf,
  type ExportedParts,
  exportedTopology,
  exposedBy,
  type PeerReference,
  peerOf,
} from "./peer-reference.ts";
export { Replication, type ReplicationArgs, type ReplicationSide } from "./replication.ts";
export { atPort, type ReplicationTarget, type TargetPods } from "./replication-target.ts";
export {
  type ExposingService,
  type LoadBalancerSettings,
  type NodePortSettings,
  ServiceExposure,
  type ServiceExposureArgs,
} from "./service-exposure.ts";
export { TcpExposure, type TcpExposureArgs } from "./tcp-exposure.ts";
export type { TopologyApp, TopologyArgs, TopologyCluster, TopologyReplication, TopologyWave } from "./topology-args.ts";
export type {
  AddressExposure,
  ExposedPods,
  GatewayApiExposure,
  IngressNginxExposure,
  LoadBalancerExposure,
  NginxF5Exposure,
  NodePortExposure,
  TopologyExposure,
} from "./topology-exposure-args.ts";
export type { IssuerReference } from "./topology-issuer-reference.ts";
export type * from "./topology-operator-args.ts";
export type * from "./topology-peer-args.ts";
export type { TopologyTransforms } from "./topology-transforms.ts";
export type { InputJson, InputQueries, TopologyQueries } from "./topology-values.ts";
export {
  type TransportControllerArgs,
  TransportServerExposure,
  type TransportServerExposureArgs,
} from "./transport-server-exposure.ts";
