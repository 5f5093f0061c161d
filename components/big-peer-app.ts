import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  secret,
} from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { appManifest, type Transform } from "../topology/objects/manifests.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import type { Auth } from "./auth.ts";
import { namespaceOf, withProviderOf } from "./beside-peer.ts";
import { BigPeer } from "./big-peer.ts";
import { generatedToken } from "./generated-token.ts";
import { customResource, refusedIfProtected } from "./kubernetes-object.ts";
import type { InputJson } from "./topology-values.ts";

export interface BigPeerAppArgs {
  /** Name of the BigPeerApp: a DNS-1123 label, unique in its namespace. @default the component's name */
  readonly name?: string | undefined;
  /** The Big Peer that serves the app. The name of a Big Peer that already exists is enough; `namespace` is then required. */
  readonly peer: BigPeer | Input<string>;
  /** Namespace of the Big Peer. @default the namespace of `peer` */
  readonly namespace?: Input<string> | undefined;
  /** App ID: a UUID, the same on every peer that shares the app's data (guide). */
  readonly id: Input<string>;
  /** Auth providers for this app only. */
  readonly auth?: Auth | undefined;
  /** The shared token of the app's playground, stored as a secret. @default generated, if `auth` has a playground */
  readonly playgroundToken?: Input<string> | undefined;
  /** Any other fields of its `spec`, passed through. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
  /** The assumptions made about the operator. @default those of this release */
  readonly operator?: OperatorContract | undefined;
  /** Changes the object, as the last step before it is written. */
  readonly transform?:
    | {
        /** Changes the BigPeerApp. */
        readonly app?: Transform | undefined;
      }
    | undefined;
}

/**
 * An app on one Big Peer. With `protect`, the engine refuses to delete it or to change its name, namespace or app ID: an app with another ID has none
 * of its documents.
 *
 * @example
 * new BigPeerApp("cars-bp1", { peer: bp1, id: appId });
 */
export class BigPeerApp extends ComponentResource {
  /** The Big Peer that serves the app; undefined if it is known only by its name. */
  readonly bigPeer: BigPeer | undefined;
  /** Namespace of the Big Peer. */
  readonly namespace: Output<string>;
  /** Name of the BigPeerApp. Whatever uses this output waits until the BigPeerApp exists. */
  readonly name: Output<string>;
  /** App ID: a UUID. */
  readonly appId: Output<string>;
  /** The shared token of the app's playground, a secret; undefined without a playground. */
  readonly playgroundToken: Output<string> | undefined;
  /** The underlying resources. */
  readonly nodes: { readonly app: CustomResource; readonly token: RandomPassword | undefined };

  constructor(name: string, args: BigPeerAppArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:BigPeerApp", name, {}, withProviderOf(args.peer, opts));
    const bigPeer = args.peer instanceof BigPeer ? args.peer : undefined;
    const namespace = namespaceOf(args.peer, args.namespace, name);
    const generated = args.auth?.playground !== undefined && args.playgroundToken === undefined;
    const token = generated
      ? new RandomPassword(`${name}-token`, generatedToken, { parent: this, additionalSecretOutputs: ["result"] })
      : undefined;
    const playgroundToken = token?.result ?? args.playgroundToken;
    this.playgroundToken = playgroundToken === undefined ? undefined : secret(playgroundToken);

    const manifest = appManifest(args.operator ?? defaultOperator, {
      name: args.name ?? name,
      namespace,
      peer: args.peer instanceof BigPeer ? args.peer.name : args.peer,
      id: args.id,
      auth: args.auth && { settings: args.auth, token: this.playgroundToken },
      spec: args.spec,
    });
    const app = customResource(name, manifest, args.transform?.app, {
      parent: this,
      ...refusedIfProtected(opts, (args.operator ?? defaultOperator).fields.app.appId),
    });

    this.nodes = { app, token };
    this.bigPeer = bigPeer;
    this.namespace = output(namespace);
    this.name = app.metadata.apply(({ name }: { name: string }) => name);
    this.appId = output(args.id);
    this.registerOutputs({ name: this.name, appId: this.appId });
  }
}
