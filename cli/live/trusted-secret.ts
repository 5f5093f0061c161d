import type { V1Secret } from "@kubernetes/client-node";
import { onlyCertificates } from "../../kubernetes/certificates.ts";
import { managedByUs } from "../../topology/objects/manifests.ts";
import type { OperatorContract } from "../../topology/operator/contract.ts";

/** What an import keeps of a Secret that a Big Peer trusts. */
export interface TrustedSecret {
  /** Certificates alone (PEM); undefined: it holds none. */
  readonly certificate: string | undefined;
  /** Why an update must not write it; undefined: it may. */
  readonly untouchable: string | undefined;
}

/** Judges a Secret that a Big Peer trusts. Nothing of it is kept but its certificates. */
export function trustedSecret({ kinds, trustSecret }: OperatorContract, secret: V1Secret): TrustedSecret {
  const { metadata = {}, data = {}, type, immutable } = secret;
  const texts = trustSecret.certificateKey.flatMap((key) => {
    const value = data[key];
    if (value === undefined) return [];
    const place = { namespace: metadata.namespace ?? "", secret: metadata.name ?? "", key };
    try {
      return [onlyCertificates(Buffer.from(value, "base64").toString("utf8"), place)];
    } catch {
      // A key without a certificate gives no trust, and takes none.
      return [];
    }
  });
  const owner = metadata.ownerReferences?.find(({ kind }) => kind !== kinds.bigPeer);
  const [[label = "", program] = []] = Object.entries(managedByUs);
  const manager = metadata.labels?.[label];
  const untouchable =
    new Set(texts).size > 1
      ? `its keys ${trustSecret.certificateKey.join(" and ")} contain different certificates`
      : immutable === true
        ? "it is immutable"
        : type !== undefined && type !== "Opaque"
          ? `it is of the type ${type}`
          : owner
            ? `${owner.kind} ${owner.name} creates it`
            : manager !== undefined && manager !== program
              ? `${manager} manages it, as its label says`
              : undefined;
  return { certificate: texts[0], untouchable };
}
