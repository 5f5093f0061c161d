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
import type { Auth } from "../topology/file/auth.ts";
import { appManifest, type Transform } from "../topology/objects/manifests.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import { generatedToken } from "./generated-token.ts";
import { customResource, refusedIfProtected } from "./kubernetes-object.ts";

export interface BigPeerAppArgs {
  /** Name of the BigPeerApp: a DNS-1123 label, unique in its namespace. */
  readonly name: string;
  /** Namespace of the Big Peer. */
  readonly namespace: Input<string>;
  /** Name of the Big Peer that serves it. */
  readonly peer: Input<string>;
  /** App ID: a UUID, the same on every peer that shares the app's data (guide). */
  readonly id: Input<string>;
  /** Auth providers of this app alone. */
  readonly auth?: Auth | undefined;
  /** The shared token of the app's playground. Kept secret. @default generated, where `auth` has a playground */
  readonly playgroundToken?: Input<string> | undefined;
  /** Anything else of its `spec`, passed through. */
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
  /** What is taken for granted about the operator. @default this release's knowledge of it */
  readonly operator?: OperatorContract | undefined;
  /** A last change to the object before it is written. */
  readonly transform?: { readonly app?: Transform } | undefined;
}

/**
 * An app on one Big Peer. With `protect` the engine refuses to delete it, and with it another name, namespace or app ID: under
 * another ID it has none of its documents.
 *
 * @example
 * new BigPeerApp("cars-bp1", { name: "cars-bp1", namespace: "ditto", peer: bp1.name, id: appId }, { provider: east });
 */
export class BigPeerApp extends ComponentResource {
  /** Name of the BigPeerApp. What is made with it waits until the BigPeerApp exists. */
  readonly name: Output<string>;
  /** App ID: a UUID. */
  readonly appId: Output<string>;
  /** The shared token of the app's playground, a secret; undefined without one. */
  readonly playgroundToken: Output<string> | undefined;
  /** The resources behind it. */
  readonly nodes: { readonly app: CustomResource; readonly token: RandomPassword | undefined };

  constructor(name: string, args: BigPeerAppArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:BigPeerApp", name, {}, opts);
    const generated = args.auth?.playground !== undefined && args.playgroundToken === undefined;
    const token = generated
      ? new RandomPassword(`${name}-token`, generatedToken, { parent: this, additionalSecretOutputs: ["result"] })
      : undefined;
    const playgroundToken = token?.result ?? args.playgroundToken;
    this.playgroundToken = playgroundToken === undefined ? undefined : secret(playgroundToken);

    const manifest = appManifest(args.operator ?? defaultOperator, {
      name: args.name,
      namespace: args.namespace,
      peer: args.peer,
      id: args.id,
      auth: args.auth && { settings: args.auth, token: this.playgroundToken },
      spec: args.spec,
    });
    const app = customResource(name, manifest, args.transform?.app, {
      parent: this,
      ...refusedIfProtected(opts, (args.operator ?? defaultOperator).fields.app.appId),
    });

    this.nodes = { app, token };
    this.name = app.metadata.apply(({ name }: { name: string }) => name);
    this.appId = output(args.id);
    this.registerOutputs({ name: this.name, appId: this.appId });
  }
}
