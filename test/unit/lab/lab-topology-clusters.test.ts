import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LabError } from "../../../lab/lab-error.ts";
import { labClusterSchema } from "../../../lab/supervisor-messages.ts";
import { labClusters } from "../../../lab/topology-clusters.ts";
import { loadPlan, planText } from "../../../topology/check.ts";
import { exposedTopology } from "../../support/exposed-topology.ts";

function west(text: string) {
  const { plan } = planText(text);
  const request = labClusters(plan).find(({ name }) => name === "west");
  const port = plan.exposures[0]?.port ?? 0;
  return { request: labClusterSchema.parse(request), port };
}
const exposed = (ways: string, more = {}) => west(exposedTopology(ways, more));
const target = { namespace: "ditto", service: "ditto-bp2-replication-blue-cars-bp2", servicePort: 4040 };

describe("a lab has what the topology's ways of exposure take", () => {
  test("nothing of it where ingress-nginx is the only one", () => {
    const { request } = exposed("{ ingress: { host: bp.west.example.com } }");
    expect(Object.keys(request).toSorted()).toEqual(["context", "ingresses", "name", "namespaces"]);
  });

  test("load balancers of each class, AWS' with its host name and limit, and the names of their Services", () => {
    const ways = `{ exposures: { a: { loadBalancer: { class: service.k8s.aws/nlb } }, b: { loadBalancer: { host: "{peer}.example.com" } } }, exposure: b }`;
    expect(exposed(ways).request.loadBalancers).toEqual({
      classes: [{ name: "service.k8s.aws/nlb", status: "hostname", listenerLimit: 50 }, { status: "ip" }],
      hosts: [{ host: "bp2.example.com", namespace: "ditto", name: "blue-cars-bp2-b" }],
    });
  });

  test("nodes under the names that the file gives them", () => {
    const { request } = exposed("{ exposure: { nodePort: { host: node1.example.com } } }");
    expect(request.nodePorts).toEqual({ hosts: ["node1.example.com"] });
  });

  test("a platform team's Gateway for ListenerSets, in its namespace", () => {
    const { request } = exposed("{ exposure: { gateway: { name: tcp, namespace: infra, host: gw.example.com } } }");
    const installed = { className: "lab", listeners: [], allowedListeners: "All" };
    expect(request.gateway).toEqual({
      channel: "standard",
      classes: ["lab"],
      gateways: [{ namespace: "infra", name: "tcp", hosts: ["gw.example.com"], installed }],
    });
    expect(request.namespaces).toContain("infra");
  });

  test("the listeners that the file takes for given, in a Gateway of the platform team's", () => {
    const { request, port } = exposed(
      `{ exposure: { gateway: { name: tcp, namespace: infra, listeners: existing, listener: "t{port}" } } }`,
    );
    expect(request.gateway?.gateways[0]?.installed?.listeners).toEqual([{ name: `t${port}`, port }]);
  });

  test("the class alone of a Gateway that the topology owns, and TCPRoute v1alpha2 where the file writes that", () => {
    const { request } = exposed(
      "{ exposure: { gateway: { name: tcp, namespace: ditto, listeners: gateway, className: eg, routeVersion: v1alpha2 } } }",
    );
    expect(request.gateway).toEqual({
      channel: "experimental",
      classes: ["lab", "eg"],
      gateways: [{ namespace: "ditto", name: "tcp", hosts: [] }],
    });
  });

  test("F5 NGINX with the listeners that are only checked, closed until the topology opens its Service's ports", () => {
    const { request, port } = exposed("{ exposure: { transportServer: { ingressClass: f5, host: f5.example.com } } }");
    expect(request.nginxF5).toMatchObject({
      ...{ namespace: "nginx-ingress", ingressClass: "f5", host: "f5.example.com" },
      listeners: [{ name: `bigpeer-${port}`, port, open: false }],
    });
    expect(request.namespaces).toContain("nginx-ingress");
    expect(exposed("{ exposure: { transportServer: { manage: listeners } } }").request.nginxF5?.listeners).toEqual([]);
  });

  test("what somebody else has opened, for the whole cluster, a peer or a replication", () => {
    const whole = exposed(`{ exposure: { address: { host: "{service}.mesh.example.com", port: 4100 } } }`).request;
    expect(whole.forwards).toEqual([{ host: `${target.service}.mesh.example.com`, port: 4100, ...target }]);
    const one = exposed("{}", { peer: ", address: bp2.example.com", replication: ", port: 4117" }).request;
    expect(one.forwards).toEqual([{ host: "bp2.example.com", port: 4117, ...target }]);
  });

  test("what a way that no peer takes yet would need, so that one can move there", () => {
    const { request } = exposed("{ ingress: {}, exposures: { balancer: { loadBalancer: {} } } }");
    expect(request.loadBalancers).toBeDefined();
    expect(request.ingresses).toHaveLength(1);
  });

  test("but no two F5 NGINX in one cluster", () => {
    const two =
      "{ exposures: { a: { transportServer: {} }, b: { transportServer: { namespace: other } } }, exposure: a }";
    expect(() => exposed(two)).toThrow(LabError);
  });

  const folder = join(import.meta.dirname, "../../../topologies");
  test.each(readdirSync(folder).filter((name) => name.endsWith(".yaml")))("topologies/%s can run there", (file) => {
    const clusters = labClusters(loadPlan(join(folder, file)).plan);
    expect(clusters.map((each) => labClusterSchema.safeParse(each).success)).not.toContain(false);
  });
});
