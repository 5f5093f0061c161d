import type { V1CustomResourceDefinition } from "@kubernetes/client-node";
import { flag, object, text, texts } from "./crd-schema.ts";

/**
 * A stand-in of cert-manager: its Certificates are known and nobody issues them; the operator's stand-in makes CAs itself, by the Secret of the
 * ClusterIssuer that a BigPeer names, if it names one.
 */
export const certManagerStandIn = definition(
  "Certificate",
  "Namespaced",
  object({
    spec: object(
      {
        secretName: text,
        commonName: text,
        isCA: flag,
        dnsNames: texts,
        issuerRef: object({ group: text, kind: text, name: text }, ["name"]),
      },
      ["secretName", "issuerRef"],
    ),
  }),
);

/** The namespace in which cert-manager looks for the Secrets of ClusterIssuers (its flag `--cluster-resource-namespace`). */
export const issuersNamespace = "cert-manager";

/** ClusterIssuers with a CA in a Secret. */
export const clusterIssuerStandIn = definition(
  "ClusterIssuer",
  "Cluster",
  object({ spec: object({ ca: object({ secretName: text }, ["secretName"]) }, ["ca"]) }, ["spec"]),
);

function definition(
  kind: string,
  scope: "Namespaced" | "Cluster",
  openAPIV3Schema: ReturnType<typeof object>,
): V1CustomResourceDefinition {
  const [group, singular] = ["cert-manager.io", kind.toLowerCase()];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
