import { type CaIssuer, caIssuer } from "../file/ca-issuer.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { caSecretName, issuerTrustName } from "../plan/names.ts";
import { certificatesOf } from "./certificates.ts";
import type { ClusterContents, LivePeer } from "./live-objects.ts";
import { valueAtField } from "./spec-fields.ts";

/** Who signs for the Big Peers of some clusters, and the certificates in their Secrets. Everything is worked out once, since each pair of peers asks for it. */
export class Authorities {
  readonly #clusters: ReadonlyMap<string, ClusterContents>;
  readonly #issuers: ReadonlyMap<LivePeer, CaIssuer | undefined>;
  readonly #ofPeers: ReadonlyMap<LivePeer, readonly string[]>;
  readonly #inSecrets = new Map<string, readonly string[]>();

  /** @param peers those that the topology will have */
  constructor(contract: OperatorContract, clusters: readonly ClusterContents[], peers: readonly LivePeer[]) {
    this.#clusters = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    const trusted = new Set(peers.flatMap((peer) => peer.trusted.map((secret) => `${peer.name}/${secret}`)));
    this.#issuers = new Map(
      peers.map((peer) => {
        const { data: issuer } = caIssuer.safeParse(valueAtField(peer.spec, contract.fields.bigPeer.caIssuer));
        const isTrusted = issuer && peers.some(({ name }) => trusted.has(`${name}/${issuerTrustName(name, issuer)}`));
        return [peer, isTrusted ? issuer : undefined];
      }),
    );
    this.#ofPeers = new Map(
      peers.map((peer) => {
        const secret = caSecretName(contract, peer.name);
        const issuers = this.#clusters.get(peer.cluster)?.issuers;
        return [
          peer,
          this.issuerOf(peer) ? certificatesOf(issuers?.get(`${peer.namespace}/${secret}`)) : this.in(peer, secret),
        ];
      }),
    );
  }

  /**
   * The issuer of a Big Peer, if others trust it by the issuer's CA, as an update with `caIssuer` has them do. Otherwise the reference to an
   * issuer is a part of its `spec`, and its own CA is trusted.
   */
  issuerOf(peer: LivePeer): CaIssuer | undefined {
    return this.#issuers.get(peer);
  }

  /** The certificates of what signs for a peer: of its own CA, or of its issuer's; empty where they were not read. */
  of(peer: LivePeer): readonly string[] {
    return this.#ofPeers.get(peer) ?? [];
  }

  /** The certificates in a Secret beside a peer. */
  in({ cluster, namespace }: LivePeer, secret: string): readonly string[] {
    const place = `${cluster}/${namespace}/${secret}`;
    const found =
      this.#inSecrets.get(place) ??
      certificatesOf(this.#clusters.get(cluster)?.certificates.get(`${namespace}/${secret}`));
    this.#inSecrets.set(place, found);
    return found;
  }

  /** Why an update must not write a Secret. */
  untouchable({ cluster, namespace }: LivePeer, secret: string): string | undefined {
    return this.#clusters.get(cluster)?.untouchable?.get(`${namespace}/${secret}`);
  }
}
