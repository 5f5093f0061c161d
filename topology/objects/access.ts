import { neededIssuers } from "../operator/issuer-findings.ts";
import { apiServiceName, replicationServiceName, resourceOf } from "../plan/names.ts";
import type { Plan } from "../plan/plan.ts";
import { type PlannedWay, shareOf } from "../plan/share.ts";
import { clusterManifests } from "./cluster-manifests.ts";
import { tcpServicesPlace } from "./exposure-manifests.ts";
import { gatewayDefinitions, gatewayGroup } from "./gateway-manifests.ts";
import type { Manifest } from "./manifests.ts";
import { givenBackend, sharesPorts } from "./service-manifests.ts";
import { nginxApiVersion, transportServerDefinition } from "./transport-server-manifests.ts";

/** A right on one object of a cluster, or on all of a kind. */
export interface Grant {
  /** Undefined: in the whole cluster. */
  readonly namespace: string | undefined;
  /** API group; empty for the core group. */
  readonly group: string;
  /** Plural, with the subresource: `bigpeers`, `pods/portforward`. */
  readonly resource: string;
  /** Undefined: of every name. */
  readonly name: string | undefined;
  readonly verbs: readonly string[];
}

/**
 * Server-side apply is a `patch`; where the object is not there yet the API server asks for `create`, too, and, other than for
 * a POST, it knows the name by then.
 */
const ownVerbs = ["get", "create", "patch", "delete"];
const retainedVerbs = ["get", "create", "patch"];

/**
 * The rights that `pulumi up`, `preview`, `refresh`, `destroy`, `check --live` and `status --live` need in one cluster:
 * every object by its name, and nothing that a plan does not write or read.
 */
export function deployGrants(plan: Plan, cluster: string): Grant[] {
  const manifests = clusterManifests(plan, cluster);
  const written = manifests.map(({ manifest, role }) => grantOf(manifest, role));
  const operated = manifests
    .filter(({ manifest, role }) => role === "object" && manifest.kind !== "Secret")
    .map(({ manifest, role }) => grantOf(manifest, role));
  // Pulumi's provider watches what it waits for and what it deletes, by kind and namespace; without it a delete hangs.
  const watched = operated.map(({ namespace, group, resource }) => ({
    ...{ namespace, group, resource },
    name: undefined,
    verbs: ["list", "watch"],
  }));
  const events = operated.map(({ namespace }) => ({
    ...{ namespace, group: "", resource: "events" },
    name: undefined,
    verbs: ["list", "watch"],
  }));
  // These are the only Secrets with a private key that are read, each by its name; only the certificate is taken.
  const authorities = shareOf(plan, cluster).peers.map(({ namespace, caSecret }) =>
    core(namespace, "secrets", caSecret, ["get"]),
  );
  const definitions = {
    ...{ namespace: undefined, group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
    name: undefined,
    verbs: ["list"],
  };
  const issuers = neededIssuers(plan, cluster).map(({ issuer: { group, kind, name }, namespace }) => ({
    ...{ namespace, group, resource: resourceOf(kind), name, verbs: ["get"] },
  }));
  // Whether the operator runs is said before anything waits for it.
  const { namespace, deployment: name } = plan.operator.managementApi;
  const operator =
    shareOf(plan, cluster).peers.length === 0
      ? []
      : [{ namespace, group: "apps", resource: "deployments", name, verbs: ["get"] }];
  // The UID of this namespace is what a cluster is known by.
  const identity = core(undefined, "namespaces", "kube-system", ["get"]);
  return [
    ...written,
    ...watched,
    ...events,
    ...authorities,
    ...issuers,
    ...operator,
    ...controllers(plan, cluster),
    ...ways(plan, cluster),
    definitions,
    identity,
  ];
}

/** The rights that `bigpeer verify` needs in one cluster: it reads apps and replications, and the rest leads to the APIs.
 * @param tokenOf a ServiceAccount of which it issues a token for the management API */
export function verifyGrants(
  plan: Plan,
  cluster: string,
  tokenOf?: { readonly namespace: string; readonly serviceAccount: string },
): Grant[] {
  const { operator } = plan;
  const { managementApi } = operator;
  const { peers } = shareOf(plan, cluster);
  const objects = clusterManifests(plan, cluster)
    .filter(({ manifest: { kind } }) => kind === operator.kinds.app || kind === operator.kinds.replication)
    .map(({ manifest, role }) => ({ ...grantOf(manifest, role), verbs: ["get"] }));
  const services = peers.map(({ name, namespace }) =>
    core(namespace, "services", apiServiceName(operator, name), ["get"]),
  );
  // Reads the trust and the certificates that peers show. The CAs' own Secrets hold private keys, so only `up` may read them.
  const trust = clusterManifests(plan, cluster)
    .filter(({ manifest: { kind } }) => kind === "Secret" || kind === operator.kinds.bigPeer)
    .map(({ manifest, role }) => ({ ...grantOf(manifest, role), verbs: ["get"] }));
  const shown = [...plan.replications.values()].flatMap(({ sides }) =>
    sides
      .filter((side) => side.cluster === cluster && side.target)
      .map(({ peer, name, namespace }) =>
        core(namespace, "services", replicationServiceName(operator, peer, name), ["get"]),
      ),
  );
  const namespaces = new Set([managementApi.namespace, ...peers.map(({ namespace }) => namespace)]);
  const pods = [...namespaces].flatMap((namespace) => [
    core(namespace, "pods", undefined, ["list"]),
    // A port-forward over a WebSocket is a GET; a newer API server asks for `create` all the same.
    core(namespace, "pods/portforward", undefined, ["create", "get"]),
  ]);
  const { namespace, deployment: name, service, authMode } = managementApi;
  const management = [
    { namespace, group: "apps", resource: "deployments", name, verbs: ["get"] },
    core(namespace, "services", service, ["get"]),
    ...(tokenOf && authMode !== "disabled"
      ? [core(tokenOf.namespace, "serviceaccounts/token", tokenOf.serviceAccount, ["create"])]
      : []),
  ];
  return peers.length === 0 ? [] : [...objects, ...services, ...trust, ...shown, ...pods, ...management];
}

/** The rights that `bigpeer verify --every` needs in one cluster: those of `verify`, and to read whatever the topology declares there. */
export function watchGrants(plan: Plan, cluster: string, tokenOf?: Parameters<typeof verifyGrants>[2]): Grant[] {
  const declared = clusterManifests(plan, cluster).map(({ manifest, role }) => grantOf(manifest, role));
  return [...verifyGrants(plan, cluster, tokenOf), ...declared.map((grant) => ({ ...grant, verbs: ["get"] }))];
}

function grantOf({ apiVersion, kind, metadata }: Manifest, role: "object" | "patch"): Grant {
  const [group, version] = apiVersion.split("/");
  const patched = kind === "ConfigMap" ? ["get", "create", "patch"] : ["get", "patch"];
  return {
    namespace: String(metadata.namespace),
    group: version === undefined ? "" : (group ?? ""),
    resource: resourceOf(kind),
    name: String(metadata.name),
    // A Secret of ours goes with its Big Peer: to delete one by the provider takes the right to list all of them.
    verbs: role === "patch" ? patched : kind === "Secret" ? retainedVerbs : ownVerbs,
  };
}

/** An ingress controller is looked at before anything is exposed by it. */
function controllers(plan: Plan, cluster: string): Grant[] {
  return shareOf(plan, cluster).controllers.flatMap(({ ingress }) => {
    const { namespace, service, deployment, kind, hostPorts, manage } = ingress;
    const verbs = manage === "arguments" ? ["get", "patch"] : ["get"];
    const map = tcpServicesPlace(ingress);
    return [
      // The events of a Service say what a load balancer did not take.
      ...(hostPorts
        ? []
        : [core(namespace, "services", service, ["get"]), core(namespace, "events", undefined, ["list"])]),
      core(map.namespace, "configmaps", map.name, ["get"]),
      { namespace, group: "apps", resource: resourceOf(kind), name: deployment, verbs },
    ];
  });
}

/** Every other way is looked at, too. */
function ways(plan: Plan, cluster: string): Grant[] {
  return shareOf(plan, cluster).ways.flatMap(looks);
}

function looks({ way, exposures }: PlannedWay): Grant[] {
  switch (way.kind) {
    case "ingressNginx":
    case "address":
      return [];
    case "loadBalancer":
    case "nodePort":
      // Its selector leads to the replication's pods; the Service of ours has the load balancer's address.
      return [
        ...exposures
          .filter((exposure) => !givenBackend(exposure))
          .map(({ backend: { namespace, service } }) => core(namespace, "services", service, ["get"])),
        // Node ports are those of the whole cluster, and an address that is asked for may be another Service's, too.
        ...(sharesPorts(way) ? [core(undefined, "services", undefined, ["list"])] : []),
      ];
    case "gateway": {
      const { namespace, name, className } = way.settings;
      const ofClass = { namespace: undefined, group: gatewayGroup, resource: "gatewayclasses", verbs: ["get"] };
      return [
        { namespace, group: gatewayGroup, resource: "gateways", name, verbs: ["get"] },
        ...(className === undefined ? [] : [{ ...ofClass, name: className }]),
        ...gatewayDefinitions(way).map(definition),
      ];
    }
    case "transportServer": {
      const { namespace, service, globalConfiguration: name } = way.settings;
      const [group = ""] = nginxApiVersion.split("/");
      return [
        core(namespace, "services", service, ["get"]),
        { namespace, group, resource: "globalconfigurations", name, verbs: ["get"] },
        definition(transportServerDefinition),
      ];
    }
  }
}

/** A definition says in which versions a kind is served. */
function definition(name: string): Grant {
  const resource = "customresourcedefinitions";
  return { namespace: undefined, group: "apiextensions.k8s.io", resource, name, verbs: ["get"] };
}

function core(
  namespace: string | undefined,
  resource: string,
  name: string | undefined,
  verbs: readonly string[],
): Grant {
  return { namespace, group: "", resource, name, verbs };
}
