import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crds } from "../../lab/operator/crds.ts";
import { planText } from "../../topology/check.ts";
import { type ClusterManifest, clusterManifests } from "../../topology/objects/cluster-manifests.ts";
import { defaultOperator } from "../../topology/operator/contract.ts";
import type { Plan } from "../../topology/plan/plan.ts";

/** What comes from outside as it should be, to be spoilt. */

/** Always the same, so that a seed always gives the same inputs. Of a CA whose key was never kept. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBZTCCAQugAwIBAgIQJSj76qcq4dRHkA2Hi3oVoTAKBggqhkjOPQQDAjARMQ8w
DQYDVQQDEwZicDEgQ0EwHhcNMjYxMTI0MDE1OTU3WhcNMzYxMTIyMDE1OTU3WjAR
MQ8wDQYDVQQDEwZicDEgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATyrZl/
jzslGAVhHFQv6FhHUtTeDeD4MfjtzR1XKlcIJAUsHCy1KPdEzZD3vJb+/NDM/bIw
CNErng0XIL+NyvBWo0UwQzASBgNVHRMBAf8ECDAGAQH/AgEAMA4GA1UdDwEB/wQE
AwIBBjAdBgNVHQ4EFgQUjfWpveU6/BmVhW53GjUUyHOjlcUwCgYIKoZIzj0EAwID
SAAwRQIhAJ4AD6cfyCW9tyB5Mq7VvGmxlcApB6n+hSQ1aodd6IOPAiBAvqeBxzxz
ahSo6Ym87VgpncyzWEZJH83cRDvJz4IMMw==
-----END CERTIFICATE-----
`;

/** Looks like a key, and is none. */
export const privateKey = `-----BEGIN PRIVATE KEY-----
${"bm90IGEga2V5".repeat(5)}
${"bm90IGEga2V5".repeat(3)}
-----END PRIVATE KEY-----
`;

const topology = readFileSync(join(import.meta.dirname, "../../topologies/two-clusters.yaml"), "utf8");

/** With a peer that is called like something that every object has. */
export const plan: Plan = planText(topology.replaceAll(/\bbp2\b/g, "constructor")).plan;
const manifests: readonly ClusterManifest[] = [...plan.clusters.keys()].flatMap((cluster) =>
  clusterManifests(plan, cluster),
);

/** Outputs of the stack that owns the cluster west. */
export const stackOutputs: unknown = {
  topology: {
    contract: 1,
    peers: {
      constructor: {
        caCertificate: certificate,
        api: "ditto-constructor-api.ditto.svc.cluster.local:8080",
        storage: "10Gi",
      },
    },
    replications: { "blue-cars": { constructor: "ditto-constructor-replication.ditto.svc.cluster.local:4040" } },
    // The file calls it west by now.
    clusters: { occident: { context: "west" }, east: { context: "east", kubeconfig: "a hash" } },
    exposures: { "occident/blue-cars/constructor": "192.0.2.1:4040" },
    apps: { cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7" } },
    trusted: { bp1: certificate },
    former: { constructor: [{ certificate, since: "2026-11-26T12:00:00.000Z" }] },
    shown: { constructor: "AB:CD" },
    dialled: { "east/red-cars/bp1": "bp.east.example.com:4040" },
  },
  tokens: { peers: {}, apps: { cars: "a token" } },
  pending: [],
};

/** A controller's objects, as the API server gives them. */
export const controllerObjects: unknown = {
  Service: {
    metadata: { name: "ingress-nginx-controller", namespace: "ingress-nginx" },
    spec: {
      ports: [
        { name: "http", port: 80 },
        { name: "bigpeer-4040", port: 4040, targetPort: "4040-tcp", nodePort: 30040, protocol: "TCP" },
        { name: "bigpeer-4041", port: 4050 },
      ],
      type: "LoadBalancer",
      externalIPs: ["192.0.2.9"],
    },
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.1", hostname: "west.example.com" }] } },
  },
  Deployment: {
    spec: {
      template: {
        spec: {
          hostNetwork: false,
          containers: [
            {
              name: "controller",
              args: [
                "/nginx-ingress-controller",
                "--tcp-services-configmap=$(POD_NAMESPACE)/tcp",
                "--watch-namespace=a",
              ],
              env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
              ports: [{ name: "4040-tcp", containerPort: 4040, hostPort: 4040 }],
            },
          ],
        },
      },
    },
  },
  Event: { items: [{ type: "Warning", message: "TooManyListeners", lastTimestamp: "2026-01-01T00:00:00Z" }] },
  ConfigMap: { data: { "4040": "ditto/a:4040", "4050": "other/database:5432" } },
};

/** Definitions of the operator's kinds, as the API server lists them. */
export const definitions: unknown = JSON.parse(
  JSON.stringify(crds(defaultOperator)).replaceAll('"x_kubernetes_', '"x-kubernetes-').replaceAll('"_enum"', '"enum"'),
);

/** A state as `pulumi stack export` gives it. */
export const exportedState: unknown = {
  resources: manifests.map(({ manifest, role }, index) => ({
    urn: `urn:pulumi:dev::p::kubernetes:core/v1:${manifest.kind}::o${index}`,
    type: `kubernetes:core/v1:${manifest.kind}${role === "patch" ? "Patch" : ""}`,
    provider: "urn:pulumi:dev::p::pulumi:providers:kubernetes::west::id",
    inputs: manifest,
    modified: "2026-01-01T00:00:00Z",
  })),
};

/** The live objects of the plan, with the status that an operator gives them. */
export const liveObjects: readonly unknown[] = manifests.map(({ manifest }) => ({
  ...manifest,
  status: {
    observedGeneration: 1,
    conditions: ["Ready", "Connected"].map((type) => ({
      type,
      status: "False",
      reason: "Waiting",
      message: "for nothing",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    })),
  },
}));
