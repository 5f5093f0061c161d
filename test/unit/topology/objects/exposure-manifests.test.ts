import { describe, expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { clusterManifests, placeholders } from "../../../../topology/objects/cluster-manifests.ts";
import { exposedTopology } from "../../../support/exposed-topology.ts";

const manifests = (west: string, replication = ", port: 4117") =>
  clusterManifests(planText(exposedTopology(west, { replication })).plan, "west", {
    ...placeholders,
    serviceBackend: () => ({ selector: { app: "blue-cars-bp2" }, targetPort: "sync" }),
  })
    .filter(({ way }) => way !== undefined)
    .map(({ manifest }) => manifest);
const service = "ditto-bp2-replication-blue-cars-bp2";
const listener = {
  name: "bigpeer-4117",
  port: 4117,
  protocol: "TCP",
  allowedRoutes: {
    kinds: [{ group: "gateway.networking.k8s.io", kind: "TCPRoute" }],
    namespaces: { from: "Same" },
  },
};

describe("what is written", () => {
  test("is a Service of type LoadBalancer with the operator's selector, and with what the file says of the cloud", () => {
    const west = `
    exposure:
      loadBalancer:
        class: service.k8s.aws/nlb
        annotations: { external-dns.alpha.kubernetes.io/hostname: "{replication}-{peer}.example.com" }
        externalTrafficPolicy: Local
        sourceRanges: [203.0.113.0/24]`;
    const [found, ...others] = manifests(west, "");
    expect(others).toEqual([]);
    expect(found?.metadata.annotations).toEqual({
      "external-dns.alpha.kubernetes.io/hostname": "blue-cars-bp2.example.com",
      "pulumi.com/patchForce": "true",
      "pulumi.com/skipAwait": "true",
    });
    expect(found?.spec).toEqual({
      type: "LoadBalancer",
      loadBalancerClass: "service.k8s.aws/nlb",
      externalTrafficPolicy: "Local",
      loadBalancerSourceRanges: ["203.0.113.0/24"],
      selector: { app: "blue-cars-bp2" },
      ports: [{ name: "replication", port: 4040, targetPort: "sync", protocol: "TCP" }],
    });
  });

  test("is a Service of type NodePort, whose node port is the one that others dial", () => {
    const west = "{ exposure: { nodePort: { host: node1.example.com } } }";
    expect(manifests(west, ", port: 30117")[0]?.spec).toEqual({
      type: "NodePort",
      selector: { app: "blue-cars-bp2" },
      ports: [{ name: "replication", port: 4040, targetPort: "sync", nodePort: 30117, protocol: "TCP" }],
    });
  });

  test("is a ListenerSet beside somebody else's Gateway, and a TCPRoute that names it", () => {
    const [set, route] = manifests("{ exposure: { gateway: { name: tcp, namespace: infra } } }");
    expect(set).toMatchObject({ apiVersion: "gateway.networking.k8s.io/v1", kind: "ListenerSet" });
    expect(set?.spec).toEqual({
      parentRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name: "tcp", namespace: "infra" },
      listeners: [listener],
    });
    expect(route).toMatchObject({ apiVersion: "gateway.networking.k8s.io/v1", kind: "TCPRoute" });
    expect(route?.spec).toEqual({
      parentRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "ListenerSet",
          name: "blue-cars-bp2-exposed",
          sectionName: "bigpeer-4117",
        },
      ],
      rules: [{ backendRefs: [{ name: service, port: 4040 }] }],
    });
  });

  test("is a Gateway of ours with a listener for each target, to which routes of all namespaces may attach", () => {
    const own = "name: tcp, namespace: infra, listeners: gateway, className: envoy, routeVersion: v1alpha2";
    const [gateway, route] = manifests(`{ exposure: { gateway: { ${own} } } }`);
    expect(gateway?.spec).toEqual({
      gatewayClassName: "envoy",
      listeners: [{ ...listener, allowedRoutes: { ...listener.allowedRoutes, namespaces: { from: "All" } } }],
    });
    expect(route?.apiVersion).toBe("gateway.networking.k8s.io/v1alpha2");
    expect(route?.spec).toMatchObject({ parentRefs: [{ kind: "Gateway", name: "tcp", namespace: "infra" }] });
  });

  test("is a route to a listener that is there, by its name", () => {
    const existing = "name: tcp, namespace: infra, listeners: existing, listener: 'tcp-{port}'";
    expect(manifests(`{ exposure: { gateway: { ${existing} } } }`)).toMatchObject([
      { kind: "TCPRoute", spec: { parentRefs: [{ kind: "Gateway", sectionName: "tcp-4117" }] } },
    ]);
  });

  test("is a TransportServer, and of the controller's objects our ports alone", () => {
    const [ports, server] = manifests("{ exposure: { transportServer: { ingressClass: nginx } } }");
    expect(ports?.spec).toEqual({
      ports: [{ name: "bigpeer-4117", port: 4117, targetPort: 4117, protocol: "TCP" }],
    });
    expect(server).toMatchObject({ apiVersion: "k8s.nginx.org/v1", kind: "TransportServer" });
    expect(server?.spec).toEqual({
      ingressClassName: "nginx",
      listener: { name: "bigpeer-4117", protocol: "TCP" },
      upstreams: [{ name: "replication", service, port: 4040 }],
      action: { pass: "replication" },
    });
  });

  test("is the whole list of a GlobalConfiguration's listeners where it is ours, whoever wrote the empty one", () => {
    const [, configuration] = manifests("{ exposure: { transportServer: { manage: listeners } } }");
    // Helm owns the list of a chart that was installed with an empty one.
    expect(configuration?.metadata.annotations).toEqual({
      "pulumi.com/patchForce": "true",
      "pulumi.com/skipAwait": "true",
    });
    expect(configuration?.spec).toEqual({ listeners: [{ name: "bigpeer-4117", port: 4117, protocol: "TCP" }] });
  });
});
