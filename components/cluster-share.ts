import { ComponentResource, type ComponentResourceOptions, type Input } from "@pulumi/pulumi";
import type { Auth } from "../topology/file/auth.ts";
import type { Plan, PlannedPeer } from "../topology/plan/plan.ts";
import { type PlannedShare, shareOf } from "../topology/plan/share.ts";
import { BigPeer } from "./big-peer.ts";
import { BigPeerApp } from "./big-peer-app.ts";
import { carriedText } from "./carried-inputs.ts";
import type { CertificateReader } from "./certificate-reader.ts";
import type { TopologyTransforms } from "./topology-transforms.ts";

export interface ClusterShareArgs {
  readonly plan: Plan;
  /** Name of the cluster in the plan. */
  readonly cluster: string;
  /** Reads CA certificates from this cluster. */
  readonly certificates: CertificateReader;
  /**
   * For each app: its ID (UUID) and the token of its own playground. An app that is missing here is left out until its
   * values are known.
   */
  readonly apps: ReadonlyMap<string, { readonly id: Input<string>; readonly token: Input<string> | undefined }>;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?: Pick<TopologyTransforms, "bigPeer" | "app"> | undefined;
  /** Returns a secret of the stack's configuration by its key, for tokens that the topology refers to without containing them. */
  readonly configSecret: (key: string) => Input<string>;
}

/**
 * The part of a topology that one cluster runs by itself: its Big Peers and their apps. Its connections to others are in ClusterLinks. The names of
 * the resources of both components start with the name of the cluster. The engine treats a resource that keeps its name as the same object, so a peer
 * that moves to another cluster would otherwise stay where it is and never be created in its new cluster. No part of a name contains a slash, so two
 * different parts never result in the same name.
 */
export class ClusterShare extends ComponentResource {
  /** By name of the Big Peer. */
  readonly peers: ReadonlyMap<string, BigPeer>;
  /** By name of the BigPeerApp. */
  readonly apps: ReadonlyMap<string, BigPeerApp>;

  constructor(name: string, args: ClusterShareArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:ClusterShare", name, {}, opts);
    const { plan, cluster } = args;
    const { peers, apps } = shareOf(plan, cluster);
    this.peers = new Map(peers.map((peer) => [peer.name, this.#bigPeer(peer, args)]));
    this.apps = new Map(apps.flatMap((app) => this.#apps(app, args)));
    this.registerOutputs({ peers: [...this.peers.keys()], apps: [...this.apps.keys()] });
  }

  #bigPeer(peer: PlannedPeer, { plan, certificates, configSecret, transform }: ClusterShareArgs): BigPeer {
    const { settings } = peer;
    const args = {
      name: peer.name,
      namespace: carriedText(peer.namespace),
      settings,
      auth: settings.auth,
      playgroundToken: givenToken(settings.auth, configSecret),
      certificates,
      readyTimeout: settings.readyTimeout,
      operator: plan.operator,
      transform,
    };
    return new BigPeer(`${peer.cluster}/${peer.name}`, args, { parent: this, protect: peer.protect });
  }

  #apps(
    { app, objects }: PlannedShare["apps"][number],
    { plan, cluster, apps, transform }: ClusterShareArgs,
  ): [string, BigPeerApp][] {
    const values = apps.get(app.name);
    if (!values) return [];
    return objects.map((object) => {
      const peer = this.peers.get(object.peer);
      const args = {
        name: object.name,
        namespace: carriedText(object.namespace),
        peer: peer?.name ?? object.peer,
        id: typeof values.id === "string" ? carriedText(values.id) : values.id,
        auth: app.auth,
        playgroundToken: values.token,
        spec: app.spec,
        operator: plan.operator,
        transform,
      };
      // A peer that may be deleted takes its apps with it.
      const protect = app.protect && (plan.peers.get(object.peer)?.protect ?? true);
      return [object.name, new BigPeerApp(`${cluster}/${app.name}/${object.peer}`, args, { parent: this, protect })];
    });
  }
}

function givenToken(auth: Auth | undefined, configSecret: (key: string) => Input<string>): Input<string> | undefined {
  const token = auth?.playground?.token;
  return typeof token === "object" ? configSecret(token.config) : token;
}
