import type { OperatorContract } from "../operator/contract.ts";
import { fillShape } from "../operator/shape.ts";
import { replaceCertificates } from "../pem.ts";
import { apiVersionOf, type Manifest, managedByUs, ours, withFields } from "./manifests.ts";

/** The texts (PEM) of one Secret, in their order, with each certificate once. A single text stays as it is. */
export function bundleOf(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  if (others.length === 0) return first;
  const seen = new Set<string>();
  const once = (certificate: string) => {
    const known = seen.has(certificate.trim());
    seen.add(certificate.trim());
    return known ? "" : certificate;
  };
  return texts
    .map((pem) => replaceCertificates(pem, once).trimEnd())
    .flatMap((pem) => (pem === "" ? [] : [`${pem}\n`]))
    .join("");
}

/**
 * A Secret with another peer's CA certificates, and nothing else: a private key never leaves its cluster. `data` is base64 of PEM.
 * `owners` are its owner references, which have Kubernetes delete it with the Big Peer that trusts.
 */
export function trustSecretManifest(
  contract: OperatorContract,
  object: { name: unknown; namespace: unknown; truster: unknown; data: unknown; owners?: unknown },
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: object.name,
      namespace: object.namespace,
      labels: { ...managedByUs, [contract.labels.bigPeer]: object.truster },
      annotations: ours,
      ...(object.owners === undefined ? {} : { ownerReferences: object.owners }),
    },
    type: "Opaque",
    data: Object.fromEntries(contract.trustSecret.certificateKey.map((key) => [key, object.data])),
  };
}

/**
 * The Secrets that a Big Peer lists, each once. The list is a set, and to the engine another order is an update, so it does not depend on the order
 * of the file.
 */
export function trustList(secrets: readonly string[]): string[] {
  return [...new Set(secrets)].sort();
}

/** The one field of a BigPeer that lists the Secrets it trusts, to be applied beside the BigPeer's own fields. */
export function trustPatchManifest(
  contract: OperatorContract,
  object: { peer: unknown; namespace: unknown; secrets: readonly string[] },
): Manifest {
  const manifest: Manifest = {
    apiVersion: apiVersionOf(contract),
    kind: contract.kinds.bigPeer,
    // An operator before 0.17 writes no observedGeneration, and a patch would wait for it without end.
    metadata: {
      name: object.peer,
      namespace: object.namespace,
      annotations: { ...ours, "pulumi.com/skipAwait": "true" },
    },
  };
  const [key] = contract.trustSecret.certificateKey;
  const entries = trustList(object.secrets).map((secret) => fillShape(contract.shapes.trustedCa, { secret, key }));
  return withFields(manifest, [[contract.fields.bigPeer.trustedCas, entries]]);
}
