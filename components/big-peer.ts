import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  output,
  secret,
} from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { z } from "zod";
import { apiVersionOf, bigPeerManifest, type Transform } from "../topology/objects/manifests.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import { apiServiceName, caSecretName, trustedCaKey } from "../topology/plan/names.ts";
import type { Auth } from "./auth.ts";
import type { BigPeerSettings } from "./big-peer-settings.ts";
import type { CertificateReader } from "./certificate-reader.ts";
import { generatedToken } from "./generated-token.ts";
import { customResource, refusedIfProtected } from "./kubernetes-object.ts";
import { withoutSmallerStore } from "./protected-store.ts";
import type { IssuerReference } from "./topology-issuer-reference.ts";

export interface BigPeerArgs {
  /** Name of the BigPeer: a DNS-1123 label. @default the component's */
  readonly name?: string | undefined;
  /** Namespace that it runs in. */
  readonly namespace: Input<string>;
  /** Version and all other settings that the operator's contract has a field for; `spec` passes anything else through. In a cluster without an Ingress controller give `kafkaListener: false`: it is never Ready otherwise. */
  readonly settings: BigPeerSettings;
  /** Who may sign in. */
  readonly auth?: Auth | undefined;
  /** The playground's shared token. Kept secret. @default generated, where `auth` has a playground */
  readonly playgroundToken?: Input<string> | undefined;
  /** Reads the Big Peer's CA certificate; the private key beside it never leaves the cluster. Of a protected one it reads the size of its volumes, too. */
  readonly certificates: CertificateReader;
  /** Seconds to wait until it is Ready. @default 900 */
  readonly readyTimeout?: number | undefined;
  /** What is taken for granted about the operator. @default this release's knowledge of it */
  readonly operator?: OperatorContract | undefined;
  /** A last change to the objects before they are written. */
  readonly transform?:
    | {
        /** To the BigPeer. */
        readonly bigPeer?: Transform | undefined;
      }
    | undefined;
}

/**
 * A Ditto Big Peer. It is done when the operator says that it is Ready, and its CA certificate can be read.
 * With `protect` the engine refuses to delete it, and with it another name or namespace. Its volumes may grow; a smaller size than they
 * have in the cluster is refused, as Kubernetes makes no volume smaller.
 * An object of its name that exists already is taken over, with every field that differs: without a topology file nothing asks whose it was.
 *
 * @example
 * const bp1 = new BigPeer("bp1", {
 *   namespace: "ditto", settings: { version: "1.63.2" }, certificates: certificateReader({ context: "east" }),
 * }, { provider: east });
 */
export class BigPeer extends ComponentResource {
  /** Its name as a plain text, which names are made of. */
  readonly peer: string;
  /** Its name. What is made with it waits until the Big Peer exists. */
  readonly name: Output<string>;
  /** Namespace that it runs in. */
  readonly namespace: Output<string>;
  /** In-cluster `host:port` of its HTTP API. */
  readonly apiAddress: Output<string>;
  /** The CA certificate by which others trust it, PEM: that of its own CA, or of the issuer that has signed it. */
  readonly caCertificate: Output<string>;
  /** The issuer whose CA is trusted in place of its own; undefined where it has a CA of its own. */
  readonly issuer: IssuerReference | undefined;
  /** The playground's shared token, a secret; undefined without a playground. */
  readonly playgroundToken: Output<string> | undefined;
  /**
   * Reads its UID in the cluster when it is first called. The UID in a state may be that of an object that somebody has
   * since recreated by hand. Undefined where the reader of its certificate reads no objects.
   */
  readonly uid: () => Output<string | undefined> | undefined;
  /** Reads an object of its cluster; undefined where the reader of its certificate reads no objects. */
  readonly liveObject: CertificateReader["object"];
  /** The resources behind it. */
  readonly nodes: { readonly bigPeer: CustomResource; readonly token: RandomPassword | undefined };

  constructor(name: string, args: BigPeerArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:BigPeer", name, {}, opts);
    const contract = args.operator ?? defaultOperator;
    const peer = args.name ?? name;
    this.peer = peer;
    this.issuer = args.settings.caIssuer;

    const generated = args.auth?.playground !== undefined && args.playgroundToken === undefined;
    const token = generated
      ? new RandomPassword(`${name}-token`, generatedToken, { parent: this, additionalSecretOutputs: ["result"] })
      : undefined;
    const playgroundToken = token?.result ?? args.playgroundToken;
    this.playgroundToken = playgroundToken === undefined ? undefined : secret(playgroundToken);

    const live = args.certificates.object;
    this.liveObject = live;
    const bigPeer = customResource(
      name,
      bigPeerManifest(contract, {
        name: peer,
        namespace: args.namespace,
        readyTimeout: args.readyTimeout ?? 900,
        settings: args.settings,
        auth: args.auth && { settings: args.auth, token: this.playgroundToken },
      }),
      (manifest) => {
        const last = args.transform?.bigPeer?.(manifest) ?? manifest;
        return opts?.protect === true && live ? withoutSmallerStore(last, contract, live) : last;
      },
      { parent: this, ...(live ? {} : refusedIfProtected(opts, contract.fields.bigPeer.storeStorageSize)) },
    );

    this.nodes = { bigPeer, token };
    // This is the name of the object, and not the argument, so that whatever is made with it waits for the Big Peer,
    // and yet knows the name in a preview.
    this.name = bigPeer.metadata.apply(({ name }: { name: string }) => name);
    this.namespace = output(args.namespace);
    this.apiAddress = interpolate`${apiServiceName(contract, peer)}.${args.namespace}.svc.cluster.local:${contract.apiService.port}`;
    const location = this.namespace.apply((namespace) => ({
      namespace,
      secret: caSecretName(contract, peer),
      ...trustedCaKey(contract, args.settings.caIssuer !== undefined),
    }));
    this.caCertificate = args.certificates.read(location, bigPeer.id);
    let uid: Output<string | undefined> | undefined;
    this.uid = () => {
      uid ??= live?.(
        output([bigPeer.id, this.namespace]).apply(([, namespace]) => ({
          ...{ apiVersion: apiVersionOf(contract), kind: contract.kinds.bigPeer },
          ...{ namespace: namespace ?? "", name: peer },
        })),
      ).apply((object) => withUid.safeParse(object).data?.metadata.uid);
      return uid;
    };
    this.registerOutputs({
      name: this.name,
      namespace: this.namespace,
      apiAddress: this.apiAddress,
      caCertificate: this.caCertificate,
    });
  }
}

const withUid = z.object({ metadata: z.object({ uid: z.string() }) });
