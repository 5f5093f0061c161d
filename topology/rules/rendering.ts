import type { RuleDescription } from "../findings/rule-description.ts";

const rendered = { severity: "error", ignorable: false } as const;

/** The reasons why `bigpeer render` writes nothing. They need no example file, since these files are good topologies for a deployment. */
export const rendering = {
  appId: {
    ...rendered,
    id: "render-app-id",
    summary: "An app has no `id`, and files cannot generate one.",
    why: "only the Pulumi stack knows a generated ID, and two sides of a replication with different IDs exchange nothing",
    source: "API: spec.appId is a UUID, the same on every peer",
  },
  address: {
    ...rendered,
    id: "render-address",
    summary: "What exposes targets to peers of other clusters has no `host`.",
    why: "only the cluster knows the address of its load balancer, so the files could not say which address to dial",
    source: "guide: an initiator's connections name the target's address",
  },
  backend: {
    ...rendered,
    id: "render-backend",
    summary: "A Service that exposes a target has no `backend`.",
    why: "only the cluster knows which pods the operator's own Service selects, and a Service with a guessed selector may select none",
    source: "Kubernetes: a Service leads to the pods that match its selector",
  },
  ca: {
    ...rendered,
    id: "render-ca",
    summary: "The CA certificate of a peer that others trust is not given.",
    why: "without it the files establish no trust in this peer; applied over a running replication, they cut it off",
    source: "guide: both ends of a replication trust each other's CA",
  },
  secret: {
    ...rendered,
    id: "render-secret",
    summary: "An object would contain a secret in plain text, even where `plain-secret` is suppressed.",
    why: "the files are committed, so everybody who can read their repository or its history has the secret",
    source: "Kubernetes: confidential data belongs in a Secret",
  },
} as const satisfies Readonly<Record<string, RuleDescription>>;

export const renderingRules: readonly RuleDescription[] = Object.values(rendering);
