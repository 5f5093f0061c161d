import { z } from "zod";
import { exposure, ingressNginx, wayNames } from "./exposure.ts";
import { labels } from "./labels.ts";

export const cluster = z
  .strictObject({
    labels,
    context: z
      .string()
      .min(1)
      .optional()
      .describe("Context in the kubeconfig. A renamed cluster is recognised by it. Default: the cluster's name."),
    kubeconfig: z
      .string()
      .min(1)
      .optional()
      .describe("Path of the kubeconfig. Default: config `bigpeer:kubeconfig`, then KUBECONFIG, then ~/.kube/config."),
    namespace: z.string().min(1).default("ditto").describe("Namespace of its Big Peers."),
    stack: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The Pulumi stack that owns this cluster: `stack`, `project/stack` or `organization/project/stack`. Where no cluster names one, each stack owns all, or what its `bigpeer:clusters` lists.",
      ),
    inbound: z.enum(["none"]).optional().describe("`none`: nobody outside can dial in, so its peers always initiate."),
    lost: z
      .literal(true)
      .optional()
      .describe(
        "The cluster is gone for good, with its Big Peers. Nothing is written to it, nobody trusts or dials its peers any longer, and what " +
          "its stack remembers of it is forgotten. Refused while it still answers.",
      ),
    exposure: z
      .union([exposure, wayNames])
      .optional()
      .describe(
        "How its targets are reached from other clusters: one way, or the names of `exposures`. The first of several names is dialled, and the others stay open beside it.",
      ),
    exposures: z
      .record(z.string().min(1), exposure)
      .optional()
      .describe("Ways by name; `exposure` of the cluster, or of a peer, names those that are used."),
    ingress: ingressNginx.optional().describe("The former spelling of `exposure: { ingressNginx: … }`."),
    ingresses: z
      .record(z.string().min(1), ingressNginx)
      .optional()
      .describe("The former spelling of `exposures` with ingress-nginx controllers; a peer names the one it uses."),
  })
  .describe("A Kubernetes cluster.");

export type Cluster = z.output<typeof cluster>;
