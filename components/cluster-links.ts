import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { Plan, PlannedConnection, PlannedPeer, PlannedSide } from "../topology/plan/plan.ts";
import { type PlannedShare, shareOf } from "../topology/plan/share.ts";
import { CaTrust } from "./ca-trust.ts";
import { carriedText } from "./carried-inputs.ts";
import type { ClusterShare } from "./cluster-share.ts";
import { Replication, type ReplicationSide } from "./replication.ts";
import type { TopologyTransforms } from "./topology-transforms.ts";

export interface ClusterLinksArgs {
  readonly plan: Plan;
  /** Name of the cluster in the plan. */
  readonly cluster: string;
  /** The Big Peers and apps of the cluster. */
  readonly share: ClusterShare;
  /** For each peer: its CA certificates, PEM. A peer that is missing here is trusted once its certificate is known. */
  readonly certificates: ReadonlyMap<string, Input<string>>;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?: Pick<TopologyTransforms, "replication" | "trustSecret" | "trustPatch"> | undefined;
  /** For each exposure: `host:port` at which other clusters reach its target, if that is known. */
  readonly exposedAddresses: ReadonlyMap<string, Input<string>>;
}

/** The links of one cluster's Big Peers to others: whom they trust, whom they dial, and what they subscribe to. */
export class ClusterLinks extends ComponentResource {
  /** For each replication and peer: in-cluster `host:port` of its side. */
  readonly addresses: ReadonlyMap<string, Readonly<Record<string, Output<string>>>>;
  /** For each peer that trusts others: its trust. */
  readonly trusts: ReadonlyMap<string, CaTrust>;
  /** For each replication: this cluster's sides of it. */
  readonly replications: ReadonlyMap<string, Replication>;

  constructor(name: string, args: ClusterLinksArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:ClusterLinks", name, {}, opts);
    const { plan, cluster } = args;
    const { peers, replications } = shareOf(plan, cluster);
    this.trusts = new Map(peers.flatMap((peer) => this.#trust(peer, args)));
    this.replications = new Map(replications.flatMap((each) => this.#replication(each, args)));
    this.addresses = new Map([...this.replications].map(([replication, { addresses }]) => [replication, addresses]));
    this.registerOutputs({ replications: [...this.addresses.keys()] });
  }

  #trust(peer: PlannedPeer, { plan, cluster, share, certificates, transform }: ClusterLinksArgs): [string, CaTrust][] {
    const trusts = peer.trusts.flatMap(({ peer: other, secret, issuer }) => {
      const pem = certificates.get(other);
      return pem === undefined ? [] : [{ peer: other, secret, issuer, certificates: pem }];
    });
    if (trusts.length + peer.otherTrustSecrets.length === 0) return [];
    // This waits for the BigPeer: a patch of a BigPeer that does not exist would create half of one.
    const bigPeer = share.peers.get(peer.name) ?? peer.name;
    const changes = {
      ...(transform?.trustSecret ? { secret: transform.trustSecret } : {}),
      ...(transform?.trustPatch ? { patch: transform.trustPatch } : {}),
    };
    const args = {
      peer: bigPeer,
      namespace: carriedText(peer.namespace),
      trusts,
      otherSecrets: peer.otherTrustSecrets,
      operator: plan.operator,
      transform: changes,
    };
    return [[peer.name, new CaTrust(`${cluster}/${peer.name}-trust`, args, { parent: this })]];
  }

  #replication(
    { replication, sides: planned }: PlannedShare["replications"][number],
    args: ClusterLinksArgs,
  ): [string, Replication][] {
    const { plan, cluster } = args;
    const sides = planned.flatMap((side) => replicationSide(side, args));
    if (sides.length === 0) return [];
    const component = new Replication(
      `${cluster}/${replication.name}`,
      { sides, operator: plan.operator, spec: replication.spec, transform: args.transform },
      { parent: this },
    );
    return [[replication.name, component]];
  }
}

function replicationSide(side: PlannedSide, { share, exposedAddresses }: ClusterLinksArgs): ReplicationSide[] {
  const app = share.apps.get(side.appObject);
  if (!app) return [];
  const dialled = (all: readonly PlannedConnection[]) =>
    all.flatMap(({ address }) => {
      const known = address.kind === "load-balancer" ? exposedAddresses.get(address.exposure) : address.address;
      return known === undefined ? [] : [typeof known === "string" ? carriedText(known) : known];
    });
  const connections = dialled(side.openConnections);
  const pausedConnections = dialled(side.openConnections.length === 0 ? side.connections : []);
  const { name, peer, namespace, subscribes } = side;
  return [{ name, peer, namespace: carriedText(namespace), app: app.name, subscribes, connections, pausedConnections }];
}
