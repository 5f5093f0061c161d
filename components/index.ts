/** The components, for programs that use them without a topology file. */

export type { CertificateLocation } from "../kubernetes/certificates.ts";
export type { ObjectReference } from "../topology/objects/object-reference.ts";
export { BigPeer, type BigPeerArgs } from "./big-peer.ts";
export { BigPeerApp, type BigPeerAppArgs } from "./big-peer-app.ts";
export { CaTrust, type CaTrustArgs, type TrustedPeer } from "./ca-trust.ts";
export { type CertificateReader, certificateReader } from "./certificate-reader.ts";
export type { KubeconfigArgs } from "./kubeconfig-args.ts";
export { Replication, type ReplicationArgs, type ReplicationSide } from "./replication.ts";
export { TcpExposure, type TcpExposureArgs } from "./tcp-exposure.ts";
