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
  /** Name of the BigPeer: a DNS-1123 label. @default the component's name */
  readonly name?: string | undefined;
  /** Namespace of the Big Peer. */
  readonly namespace: Input<string>;
  /**
   * Version and all other settings for which the operator's contract has a field; `spec` passes anything else through. In a cluster without an
   * Ingress controller, set `kafkaListener: false`; otherwise the Big Peer never becomes Ready.
   */
  readonly settings: BigPeerSettings;
  /** Specifies who may sign in. */
  readonly auth?: Auth | undefined;
  /** The shared token of the playground, stored as a secret. @default generated, if `auth` has a playground */
  readonly playgroundToken?: Input<string> | undefined;
  /**
   * Reads the Big Peer's CA certificate; the private key beside it never leaves the cluster. If the Big Peer is protected, the reader also reads the
   * size of its volumes.
   */
  readonly certificates: CertificateReader;
  /** Seconds to wait until the Big Peer is Ready. @default 900 */
  readonly readyTimeout?: number | undefined;
  /** The assumptions made about the operator. @default those of this release */
  readonly operator?: OperatorContract | undefined;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?:
    | {
        /** Changes the BigPeer. */
        readonly bigPeer?: Transform | undefined;
      }
    | undefined;
}

/**
 * A Ditto Big Peer. It is complete once the operator reports that it is Ready and its CA certificate can be read. With `protect`, the engine refuses
 * to delete it or to change its name or namespace. Its volumes can grow, but a size smaller than their size in the cluster is refused, since
 * Kubernetes cannot shrink a volume. If a BigPeer of this name already exists, it is taken over, and every field that differs is changed: without a
 * topology file, nothing checks who owns it.
 *
 * @example
 * const bp1 = new BigPeer("bp1", {
 *   namespace: "ditto", settings: { version: "1.63.2" }, certificates: certificateReader({ context: "east" }),
 * }, { provider: east });
 */
export class BigPeer extends ComponentResource {
  /** Its name as a plain string, from which other names are composed. */
  readonly peer: string;
  /** Its name. Whatever uses this output waits until the Big Peer exists. */
  readonly name: Output<string>;
  /** Namespace of the Big Peer. */
  readonly namespace: Output<string>;
  /** In-cluster `host:port` of its HTTP API. */
  readonly apiAddress: Output<string>;
  /** The CA certificate (PEM) by which others trust it: the certificate of its own CA, or of the issuer that signed its CA. */
  readonly caCertificate: Output<string>;
  /** The issuer whose CA is trusted instead of its own; undefined if it has a CA of its own. */
  readonly issuer: IssuerReference | undefined;
  /** The shared token of the playground, a secret; undefined without a playground. */
  readonly playgroundToken: Output<string> | undefined;
  /**
   * Reads its UID from the cluster on the first call. The UID in the state may be that of an object that somebody has since recreated by hand.
   * Undefined if the certificate reader cannot read objects.
   */
  readonly uid: () => Output<string | undefined> | undefined;
  /** Reads an object of its cluster; undefined if the certificate reader cannot read objects. */
  readonly liveObject: CertificateReader["object"];
  /** The underlying resources. */
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
