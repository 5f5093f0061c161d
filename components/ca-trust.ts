import type { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import type { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  runtime,
  unsecret,
} from "@pulumi/pulumi";
import { ownedByBigPeer, type Transform } from "../topology/objects/manifests.ts";
import { bundleOf, trustList, trustPatchManifest, trustSecretManifest } from "../topology/objects/trust-manifests.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import { defaultTrustSecret, issuerLabel } from "../topology/plan/names.ts";
import { namespaceOf, withProviderOf } from "./beside-peer.ts";
import { BigPeer } from "./big-peer.ts";
import { customResourcePatch, secretObject } from "./kubernetes-object.ts";
import type { PeerReference } from "./peer-reference.ts";
import type { IssuerReference } from "./topology-issuer-reference.ts";

/** Another Big Peer whose CA is trusted, identified by its name. */
export interface TrustedPeer {
  /** Name of the Big Peer. */
  readonly peer: string;
  /**
   * Name of the Secret that contains its certificates, in the namespace of the Big Peer that trusts it.
   * @default `<truster>-trusts-<peer>` if the truster is a BigPeer, `<truster>-trusts-<kind>.<name>` for all peers of an issuer, and `<truster>-trusted-cas` for all trusted peers with `trustSecret.bundle` of the operator's contract
   */
  readonly secret?: string | undefined;
  /** The issuer, if the certificates are those of an issuer's CA. @default none, for the Big Peer's own CA */
  readonly issuer?: IssuerReference | undefined;
  /** Its CA certificates (PEM). During a rotation, these are the old and the new one. */
  readonly certificates: Input<string>;
}

export interface CaTrustArgs {
  /** The Big Peer that trusts the others. The name of a Big Peer that already exists is enough. */
  readonly peer: BigPeer | Input<string>;
  /** Namespace of the Big Peer. @default the namespace of `peer`, if that is a BigPeer */
  readonly namespace?: Input<string> | undefined;
  /** The Big Peers to trust: Big Peers of this program, of another stack (`peerOf`), or identified by their names. */
  readonly trusts: readonly (PeerReference | TrustedPeer)[];
  /** Names of further Secrets with CA certificates that somebody else creates: the Big Peer lists them, and nothing is written to them. */
  readonly otherSecrets?: readonly string[] | undefined;
  /** The assumptions made about the operator. @default those of this release */
  readonly operator?: OperatorContract | undefined;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?:
    | {
        /** Changes each Secret with a certificate. */
        readonly secret?: Transform | undefined;
        /** Changes the patch of the BigPeer. */
        readonly patch?: Transform | undefined;
      }
    | undefined;
}

/**
 * Makes a Big Peer trust the CAs of others, as both ends of a replication must (guide). It creates a Secret with the certificate of each, and a patch
 * of the one field that lists these Secrets. The patch is separate from the BigPeer, so two peers that trust each other never wait for each other.
 *
 * @example
 * new CaTrust("bp1-trust", { peer: bp1, trusts: [bp2, peerOf(otherStack, "bp3")] });
 */
export class CaTrust extends ComponentResource {
  /** Names of the Secrets that the Big Peer trusts. */
  readonly secrets: Output<string[]>;
  /** The underlying resources; the Secrets are keyed by the trusted peer. */
  readonly nodes: { readonly secrets: Readonly<Record<string, Secret>>; readonly patch: CustomResourcePatch };

  constructor(name: string, args: CaTrustArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:CaTrust", name, {}, withProviderOf(args.peer, opts));
    const namespace = namespaceOf(args.peer, args.namespace, name);
    const contract = args.operator ?? defaultOperator;
    const trusts = args.trusts.map((each) => trusted(each, args.peer, name, contract));
    const bigPeer = args.peer instanceof BigPeer ? args.peer : undefined;
    const truster = args.peer instanceof BigPeer ? nameOnceThere(args.peer) : args.peer;

    const owners = bigPeer && ownersOf(bigPeer, contract);
    const bySecret = Map.groupBy(trusts, ({ secret }) => secret);
    const bundled = contract.trustSecret.bundle && bySecret.size === 1;
    const secrets = [...bySecret].map(([secret, held]) => {
      const peers = held.map(({ peer }) => peer);
      const texts = output(held.map(({ certificates }) => certificates));
      const data = texts.apply((all) => Buffer.from(bundleOf(all)).toString("base64"));
      const manifest = trustSecretManifest(contract, {
        name: secret,
        namespace,
        truster,
        data,
        owners,
      });
      // To delete a Secret, the provider waits until it is gone, and for that it lists all Secrets of the namespace,
      // private keys included. So the Secret stays, with a certificate that nobody trusts any longer, and is deleted
      // together with its Big Peer.
      const options = { parent: this, retainOnDelete: owners !== undefined };
      // A bundle keeps its name whoever is in it, and no peer is called so, as no name of a peer has a dot.
      const issuer = held[0]?.issuer;
      const child = bundled ? "trusted.cas" : issuer ? issuerLabel(issuer) : peers.join(",");
      return { secret, peers, made: secretObject(`${name}/${child}`, manifest, args.transform?.secret, options) };
    });

    const listed = trustList([...bySecret.keys(), ...(args.otherSecrets ?? [])]);
    const patch = customResourcePatch(
      name,
      trustPatchManifest(contract, {
        peer: truster,
        namespace,
        secrets: listed,
      }),
      args.transform?.patch,
      {
        parent: this,
        // A Big Peer stops being Ready if it lists a Secret that does not exist yet.
        dependsOn: secrets.map(({ made }) => made),
        // The state of a patch is the whole live object, shared tokens included.
        additionalSecretOutputs: ["spec"],
        // The provider takes a patch back by applying an empty one. On a BigPeer that is gone, that would create an
        // empty BigPeer.
        ...(bigPeer ? { deletedWith: bigPeer.nodes.bigPeer } : {}),
      },
    );

    const byPeer = secrets.flatMap(({ peers, made }) => peers.map((peer) => [peer, made] as const));
    this.nodes = { secrets: Object.fromEntries(byPeer), patch };
    this.secrets = output(listed);
    this.registerOutputs({ secrets: this.secrets });
  }
}

/**
 * A trusted Big Peer, with its certificates and the name of the Secret that contains them.
 * @throws Error if nothing determines the name of the Secret
 */
function trusted(
  each: PeerReference | TrustedPeer,
  truster: CaTrustArgs["peer"],
  component: string,
  contract: OperatorContract,
): TrustedPeer & { readonly secret: string } {
  const { peer } = each;
  const name = truster instanceof BigPeer ? truster.peer : typeof truster === "string" ? truster : undefined;
  const given = "secret" in each ? each.secret : undefined;
  const { issuer } = each;
  const secret = given ?? (name === undefined ? undefined : defaultTrustSecret(contract, name, peer, issuer));
  if (secret === undefined)
    throw new Error(`${component}: give the \`secret\` of "${peer}", or the Big Peer itself as the one that trusts`);
  return { peer, secret, issuer, certificates: "caCertificate" in each ? each.caCertificate : each.certificates };
}

/**
 * The name of a Big Peer. In an update, it is known only after the CA has been read from the cluster: the engine assumes that everything in its state
 * exists, and a patch of a BigPeer that somebody has deleted would create half a BigPeer.
 */
function nameOnceThere(bigPeer: BigPeer): Output<string> {
  // Known also where the namespace is not, by which the whole metadata of the object would be unknown.
  if (runtime.isDryRun()) return bigPeer.nodes.bigPeer.urn.apply(() => bigPeer.peer);
  return output([bigPeer.name, bigPeer.caCertificate]).apply(([name]) => name ?? "");
}

/** Makes Kubernetes delete an object together with a Big Peer; undefined if the Big Peer's UID cannot be read. */
function ownersOf(bigPeer: BigPeer, contract: OperatorContract): Output<readonly object[] | undefined> | undefined {
  const uid = bigPeer.uid();
  // The kubeconfig may be a secret, and everything derived from it would become one.
  return (
    uid && output([bigPeer.name, unsecret(uid)]).apply(([name = "", id]) => ownedByBigPeer(contract, { name, uid: id }))
  );
}
