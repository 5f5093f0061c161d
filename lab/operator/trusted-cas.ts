import { readShape } from "../../topology/operator/shape.ts";
import { fieldAt } from "../../topology/value-at.ts";
import { certificatesIn } from "../../trust/certificates.ts";
import type { BigPeerConfig } from "../big-peer/big-peer.ts";
import type { ControllerOptions } from "./controller-options.ts";
import type { WatchedObject } from "./object-cache.ts";
import { decoded, findSecret } from "./secret-data.ts";

/**
 * Nobody outside knows whether the operator reads a Secret with the certificates of several CAs. Unless the contract says so, this one takes what
 * the same CA has and has had, as in a rotation, and nothing that follows.
 */
export function trustedIn(pem: string, { bundle }: { readonly bundle: boolean }): string {
  const all = certificatesIn(pem);
  const [first] = all;
  if (bundle || all.length < 2) return pem;
  return all.flatMap((each) => (each.x509.subject === first?.x509.subject ? [each.pem] : [])).join("");
}

/** The certificates that a Big Peer trusts, and a text for each listed one that is missing. */
export function trustedCas(
  { contract, objects }: ControllerOptions,
  bigPeer: WatchedObject,
): { trusted: BigPeerConfig["trusted"]; missing: string[] } {
  const listed = fieldAt(bigPeer, contract.fields.bigPeer.trustedCas);
  const found = (Array.isArray(listed) ? listed : []).map((entry: unknown) => {
    const { secret = "", key = contract.trustSecret.certificateKey[0] ?? "" } =
      readShape(contract.shapes.trustedCa, entry) ?? {};
    const object = findSecret(objects, bigPeer.metadata.namespace, secret);
    const pem = object && decoded(object, key);
    return { secret, key, pem: pem && trustedIn(pem, contract.trustSecret) };
  });
  const trusted = found.flatMap(({ secret, pem }) => (pem === undefined ? [] : [{ secret, pem }]));
  const missing = found.filter(({ pem }) => pem === undefined);
  return { trusted, missing: missing.map(({ secret, key }) => `Secret ${secret}, key ${key}`) };
}
