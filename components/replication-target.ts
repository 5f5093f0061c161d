import { type Input, interpolate, type Output } from "@pulumi/pulumi";
import type { RoutedTarget } from "../topology/objects/gateway-manifests.ts";
import type { OperatorContract } from "../topology/operator/contract.ts";
import { exposedObjectName, replicationServiceName } from "../topology/plan/names.ts";
import { portOf } from "../topology/plan/ports.ts";
import { textOf } from "./carried-inputs.ts";
import type { CertificateReader } from "./certificate-reader.ts";
import { podsBehind } from "./target-pods.ts";

/** The Service that the operator creates for one side of a replication. Every component that exposes something accepts it. */
export interface ReplicationTarget extends RoutedTarget {
  /** In-cluster `host:port`, which peers of the same cluster dial. */
  readonly address: Output<string>;
  /**
   * The pods behind the operator's Service for this side. They are read from the cluster on the first call, once the operator has created the
   * Service; until then, they are unknown in a preview. Undefined if the app of this side is known only by its name, or if nothing can read objects
   * of its cluster.
   * @throws RunError, as a rejected output, if the Service is not there after a minute, or has no selector
   */
  readonly pods: () => Output<TargetPods> | undefined;
}

/** The pods behind the Service of a replication. */
export interface TargetPods {
  /** Labels of the pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** The port that the pods listen on: a number or a name. */
  readonly targetPort: number | string;
}

/** The range of ports that are used if none is pinned, as in a topology file. */
const givenPorts = { first: 4040, last: 5039 };

/**
 * The target that one side of a replication offers to the peers that dial it.
 * @param side its BigPeerReplication, its Big Peer and their namespace
 */
export function replicationTarget(
  contract: OperatorContract,
  replication: string,
  side: {
    readonly name: string;
    readonly peer: string;
    readonly namespace: Input<string>;
    /** Known once the operator is about to create the Service. */
    readonly after: Output<unknown>;
    readonly liveObject: CertificateReader["object"];
  },
): ReplicationTarget {
  const { name, peer } = side;
  const service = replicationServiceName(contract, peer, name);
  const namespace = textOf(side.namespace);
  const backend = { namespace, service, port: contract.replicationService.port };
  let pods: Output<TargetPods> | undefined;
  const port = portOf(givenPorts, replication, peer);
  return {
    ...{ object: exposedObjectName(replication, peer), port, backend },
    names: { peer, replication, service, namespace, port: String(port) },
    address: interpolate`${service}.${side.namespace}.svc.cluster.local:${backend.port}`,
    pods: () => {
      const { liveObject: read, after } = side;
      if (read) pods ??= podsBehind({ namespace: side.namespace, service, port: backend.port, after, read });
      return pods;
    },
  };
}

/**
 * Returns a target that is exposed at a port of your choice. By default, its port is a hash of its replication and its peer within 4040-5039, as in a
 * topology file, so that adding a target does not move any of the others. If two targets would have the same port, set the port of one.
 */
export function atPort(target: ReplicationTarget, port: number): ReplicationTarget {
  return { ...target, port, names: { ...target.names, port: String(port) } };
}
