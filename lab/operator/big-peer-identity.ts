import { fillTemplate } from "../../topology/operator/contract.ts";
import { createCa, fingerprint, issueLeaf, type KeyPair } from "./authority.ts";
import type { ControllerOptions } from "./controller-options.ts";
import type { WatchedObject } from "./object-cache.ts";
import { decoded, findSecret } from "./secret-data.ts";

/**
 * The annotation of a CA Secret that makes a Big Peer take a certificate of this CA at once, with the value "now". Without it the Big Peer
 * keeps the certificate that it shows, even if another CA issued it: cert-manager reissues a certificate when two thirds of its lifetime are
 * over, and not because the CA has changed (cert-manager v1.21.2, internal/controller/certificates/policies/policies.go). Those weeks never
 * pass in a lab, so a test sets the annotation.
 */
export const renewLeafAnnotation = "lab.bigpeer-topology/renew-leaf";

/** The CA of one Big Peer, and the certificate that the Big Peer shows. */
export class BigPeerIdentity {
  readonly #options: ControllerOptions;
  readonly #name: string;
  #leaf: (KeyPair & { readonly ca: string }) | undefined;

  constructor(options: ControllerOptions, name: string) {
    this.#options = options;
    this.#name = name;
  }

  /** The certificate that the Big Peer shows, issued by the CA in its Secret. It creates the CA first, and returns undefined that time. */
  async certificate(bigPeer: WatchedObject): Promise<KeyPair | undefined> {
    const { contract, objects } = this.#options;
    const { namespace } = bigPeer.metadata;
    const name = fillTemplate(contract.caSecret.name, { peer: this.#name });
    const secret = findSecret(objects, namespace, name);
    if (!secret) {
      const ca = await createCa(`${this.#name} CA`);
      const data = {
        [contract.caSecret.certificateKey]: ca.certificate,
        "tls.crt": ca.certificate,
        "tls.key": ca.privateKey,
        "ca.crt": ca.certificate,
      };
      const labels = { [contract.labels.bigPeer]: this.#name };
      const owner = objects.ownerOf(contract.kinds.bigPeer, bigPeer);
      await objects.createCaCertificate(namespace, name, { labels, owner });
      await objects.createSecret(namespace, name, { labels, owner, data });
      return undefined;
    }
    const certificate = decoded(secret, contract.caSecret.certificateKey);
    const privateKey = decoded(secret, "tls.key");
    if (certificate === undefined || privateKey === undefined) return this.#leaf;
    const ca = fingerprint(certificate);
    const now = secret.metadata.annotations[renewLeafAnnotation] === "now";
    if (!this.#leaf || (this.#leaf.ca !== ca && now))
      this.#leaf = { ...(await issueLeaf({ certificate, privateKey }, this.#name)), ca };
    return this.#leaf;
  }
}
