import { fillTemplate } from "../../topology/operator/contract.ts";
import { createCa, fingerprint, issueCa, issueLeaf, type KeyPair } from "./authority.ts";
import { issuersNamespace } from "./cert-manager.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { textAt, type WatchedObject } from "./object-cache.ts";
import { decoded, findSecret } from "./secret-data.ts";

/**
 * The annotation of a CA Secret that makes a Big Peer take a certificate of this CA at once, with the value "now". Without it the Big Peer
 * keeps the certificate that it shows, even if another CA issued it: cert-manager reissues a certificate when two thirds of its lifetime are
 * over, and not because the CA has changed (cert-manager v1.21.2, internal/controller/certificates/policies/policies.go). Those weeks never
 * pass in a lab, so a test sets the annotation.
 */
export const renewLeafAnnotation = "lab.bigpeer-topology/renew-leaf";

/**
 * The annotation of a ClusterIssuer that has Big Peers show their certificate alone, with the value "leaf": nobody outside knows whether the
 * real ones send their CA along.
 */
export const sendAnnotation = "lab.bigpeer-topology/send";

/** cert-manager writes on a Secret which issuer has signed its certificate, and issues another one where a Certificate names another issuer. */
const issuerAnnotation = "cert-manager.io/issuer-name";

/** The CA of one Big Peer, and the certificate that the Big Peer shows. */
export class BigPeerIdentity {
  readonly #options: ControllerOptions;
  readonly #name: string;
  #leaf: (KeyPair & { readonly ca: string }) | undefined;

  constructor(options: ControllerOptions, name: string) {
    this.#options = options;
    this.#name = name;
  }

  /**
   * The certificate that the Big Peer shows, issued by the CA in its Secret. It creates the CA first, or replaces one that another issuer has
   * signed, and returns what the Big Peer had before that time.
   */
  async certificate(bigPeer: WatchedObject): Promise<KeyPair | undefined> {
    const { contract, objects } = this.#options;
    const { namespace } = bigPeer.metadata;
    const name = fillTemplate(contract.caSecret.name, { peer: this.#name });
    const secret = findSecret(objects, namespace, name);
    const wanted = textAt(bigPeer, `${contract.fields.bigPeer.caIssuer}.name`);
    if (!secret || (wanted ?? "") !== (secret.metadata.annotations[issuerAnnotation] ?? "")) {
      const issuer = wanted === undefined ? undefined : this.#issuer(wanted);
      // cert-manager waits for an issuer that is not there.
      if (wanted !== undefined && !issuer) return this.#leaf;
      const data = await this.#caData(issuer);
      const labels = { [contract.labels.bigPeer]: this.#name };
      const owner = objects.ownerOf(contract.kinds.bigPeer, bigPeer);
      if (secret)
        await objects.patchSecret(namespace, name, { annotations: { [issuerAnnotation]: wanted ?? "" }, data });
      else {
        await objects.createCaCertificate(namespace, name, { labels, owner });
        const annotations = wanted === undefined ? {} : { [issuerAnnotation]: wanted };
        await objects.createSecret(namespace, name, { labels, annotations, owner, data });
      }
      return this.#leaf;
    }
    const certificate = decoded(secret, contract.caSecret.certificateKey);
    const privateKey = decoded(secret, "tls.key");
    if (certificate === undefined || privateKey === undefined) return this.#leaf;
    const ca = fingerprint(certificate);
    const now = secret.metadata.annotations[renewLeafAnnotation] === "now";
    if (!this.#leaf || (this.#leaf.ca !== ca && now)) {
      const leaf = await issueLeaf({ certificate, privateKey }, this.#name);
      const along = wanted === undefined || this.#issuer(wanted)?.sends === "leaf" ? "" : certificate;
      this.#leaf = { ...leaf, certificate: `${leaf.certificate}\n${along}`, ca };
    }
    return this.#leaf;
  }

  async #caData(issuer: KeyPair | undefined): Promise<Record<string, string>> {
    const { contract } = this.#options;
    const ca = issuer ? await issueCa(issuer, `${this.#name} CA`) : await createCa(`${this.#name} CA`);
    const root = issuer?.certificate ?? ca.certificate;
    return {
      [contract.caSecret.issuerKey]: root,
      [contract.caSecret.certificateKey]: ca.certificate,
      "tls.crt": ca.certificate,
      "tls.key": ca.privateKey,
      "ca.crt": root,
    };
  }

  /** The CA of a ClusterIssuer; undefined where it, or its Secret, is not there. */
  #issuer(name: string): (KeyPair & { readonly sends: string | undefined }) | undefined {
    const { objects } = this.#options;
    const issuer = objects.clusterIssuers.items().find(({ metadata }) => metadata.name === name);
    const secret = issuer && findSecret(objects, issuersNamespace, textAt(issuer, "spec.ca.secretName") ?? "");
    const [certificate, privateKey] = secret ? [decoded(secret, "tls.crt"), decoded(secret, "tls.key")] : [];
    if (!issuer || certificate === undefined || privateKey === undefined) return undefined;
    return { certificate, privateKey, sends: issuer.metadata.annotations[sendAnnotation] };
  }
}
