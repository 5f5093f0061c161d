import { type Input, interpolate, type Output } from "@pulumi/pulumi";
import type { RoutedTarget } from "../topology/objects/gateway-manifests.ts";
import type { OperatorContract } from "../topology/operator/contract.ts";
import { exposedObjectName, replicationServiceName } from "../topology/plan/names.ts";
import { portOf } from "../topology/plan/ports.ts";
import { textOf } from "./carried-inputs.ts";
import type { CertificateReader } from "./certificate-reader.ts";
import { podsBehind } from "./target-pods.ts";

/** The Service that the operator makes for one side of a replication. Every component that exposes something takes it. */
export interface ReplicationTarget extends RoutedTarget {
  /** In-cluster `host:port`: what peers of the same cluster dial. */
  readonly address: Output<string>;
  /**
   * The pods behind that Service, read from the cluster when it is first called, once the operator has made the Service; unknown in a preview
   * until then. Undefined where the app of this side is known by its name alone, or where nothing reads objects of its cluster.
   * @throws RunError, as a rejected output, if the Service is not there after a minute, or has no selector
   */
  readonly pods: () => Output<TargetPods> | undefined;
}

/** The pods behind the Service of a replication. */
export interface TargetPods {
  /** Their labels. */
  readonly selector: Readonly<Record<string, string>>;
  /** The port that they listen on: a number, or its name. */
  readonly targetPort: number | string;
}

/** The ports that are used where nothing pins one, as in a topology file. */
const givenPorts = { first: 4040, last: 5039 };

/**
 * The target that one side of a replication offers to those who dial it.
 * @param side its BigPeerReplication, its Big Peer and their namespace
 */
export function replicationTarget(
  contract: OperatorContract,
  replication: string,
  side: {
    readonly name: string;
    readonly peer: string;
    readonly namespace: Input<string>;
    /** Known once the operator is about to make the Service. */
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
 * A target that is exposed at a port of your choice. Otherwise its port is a hash of its replication and its peer within 4040-5039, as in a
 * topology file: adding a target moves none of the others, and two that want one port need this.
 */
export function atPort(target: ReplicationTarget, port: number): ReplicationTarget {
  return { ...target, port, names: { ...target.names, port: String(port) } };
}
