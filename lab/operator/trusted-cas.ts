import { readShape } from "../../topology/operator/shape.ts";
import { fieldAt } from "../../topology/value-at.ts";
import type { BigPeerConfig } from "../big-peer/big-peer.ts";
import type { ControllerOptions } from "./controller-options.ts";
import type { WatchedObject } from "./object-cache.ts";
import { decoded, findSecret } from "./secret-data.ts";

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
    return { secret, key, pem: object && decoded(object, key) };
  });
  const trusted = found.flatMap(({ secret, pem }) => (pem === undefined ? [] : [{ secret, pem }]));
  const missing = found.filter(({ pem }) => pem === undefined);
  return { trusted, missing: missing.map(({ secret, key }) => `Secret ${secret}, key ${key}`) };
}
