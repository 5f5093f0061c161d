import { describe, expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { type FirewallRule, firewallRules } from "../../../../topology/firewall/firewall-rules.ts";
import { firewallCsv, firewallText } from "../../../../topology/firewall/listings.ts";
import { networkPolicies } from "../../../../topology/firewall/network-policies.ts";
import { policyFiles } from "../../../../topology/firewall/policy-files.ts";
import { exposedTopology } from "../../../support/exposed-topology.ts";

const planOf = (west: string, replication = ", port: 4117") => planText(exposedTopology(west, { replication })).plan;
const line = ({ cluster, direction, from, to, target, via, leadsTo }: FirewallRule) =>
  `${cluster} ${direction} ${from?.peer ?? "clients"} -> ${to.host ?? "?"}:${to.port} (${target?.peer ?? "others"}) ${via ?? "-"} ${leadsTo ?? "-"}`;
const service = "ditto/ditto-bp2-replication-blue-cars-bp2:4040";

describe("the list of connections", () => {
  test.each([
    [
      "{ exposure: { address: { host: bp.west.example.com } } }",
      "bp.west.example.com:4117",
      "an address of somebody else",
    ],
    [
      "{ exposure: { loadBalancer: { host: bp.west.example.com } } }",
      "bp.west.example.com:4117",
      "a Service of type LoadBalancer (ditto/blue-cars-bp2-exposed)",
    ],
    [
      "{ exposure: { gateway: { name: tcp, namespace: infra, host: bp.west.example.com } } }",
      "bp.west.example.com:4117",
      "a Gateway (infra/tcp)",
    ],
    [
      "{ exposure: { transportServer: { host: 192.0.2.7 } } }",
      "192.0.2.7:4117",
      "F5 NGINX Ingress Controller (nginx-ingress/nginx-ingress)",
    ],
    [
      "{ ingress: { host: bp.west.example.com } }",
      "bp.west.example.com:4117",
      "ingress-nginx (ingress-nginx/ingress-nginx-controller)",
    ],
  ])("has both ends of a connection by %s", (west, address, via) => {
    expect(firewallRules(planOf(west)).map(line)).toEqual([
      `east egress bp1 -> ${address} (bp2) ${via} ${service}`,
      `west ingress bp1 -> ${address} (bp2) ${via} ${service}`,
    ]);
  });

  test("has the node port of a Service", () => {
    const rules = firewallRules(planOf("{ exposure: { nodePort: { host: node1.example.com } } }", ", port: 30117"));
    expect(rules[0]?.to).toEqual({ host: "node1.example.com", port: 30117 });
  });

  test("takes an address that only a deployment gives from what the stacks have exported, and says so where they have not", () => {
    const plan = planOf("{ exposure: { loadBalancer: {} } }", "");
    expect(firewallText(firewallRules(plan))).toContain("bp1 -> <known after the deployment>:4040");
    const known = (id: string) => (id === "west/blue-cars/bp2" ? "203.0.113.9:4040" : undefined);
    expect(firewallRules(plan, known).map(({ to }) => to)).toEqual([
      { host: "203.0.113.9", port: 4040 },
      { host: "203.0.113.9", port: 4040 },
    ]);
  });

  test("has a way that is open beside the dialled one, as ingress alone", () => {
    const both =
      "{ ingress: { host: a.example.com }, exposures: { gw: { gateway: { name: tcp, namespace: infra, host: b.example.com } } }, exposure: [default, gw] }";
    const rules = firewallRules(planOf(both));
    expect(rules.map(({ direction, to, dialled }) => `${direction} ${to.host} ${dialled}`)).toEqual([
      "egress a.example.com true",
      "ingress a.example.com true",
      "ingress b.example.com false",
    ]);
  });

  test("keeps a connection within one cluster apart from those that leave it", () => {
    const { plan } = planText(`
clusters: { one: {} }
peers:
  bp1: { cluster: one, version: 1.63.2 }
  bp2: { cluster: one, version: 1.63.2, namespace: other }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications: { cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } } }
`);
    const inside = "bp1 -> ditto-bp2-replication-cars-bp2.other.svc.cluster.local:4040 (bp2) -";
    expect(firewallRules(plan).map(({ scope }) => scope)).toEqual(["cluster", "cluster"]);
    expect(firewallRules(plan).map(line)[0]).toContain(`one egress ${inside}`);
  });

  test("has the webhooks that a peer asks, and the host under which clients reach it", () => {
    const peer =
      ", host: bp2.example.com, auth: { webhooks: { login: { url: 'https://auth.example.com:8443/ditto' } } }";
    const west = "{ exposure: { address: { host: bp.west.example.com } } }";
    const rules = firewallRules(planText(exposedTopology(west, { peer })).plan).map(line);
    expect(rules).toContain("west egress bp2 -> auth.example.com:8443 (others) - -");
    expect(rules).toContain("west ingress clients -> bp2.example.com:443 (bp2) the Ingress of the operator -");
  });

  test("is CSV with a line for each connection, quoted where a value has a comma", () => {
    const [rule] = firewallRules(planOf("{ ingress: { host: bp.west.example.com } }"));
    if (!rule) throw new Error("the topology has no connection");
    const [names, values, end] = firewallCsv([{ ...rule, why: 'one, "two"' }]).split("\r\n");
    expect(names).toMatch(/^cluster,direction,scope,protocol,.*,host,port,.*,why$/);
    expect(values).toMatch(/^east,egress,network,TCP,east,ditto,bp1,bp.west.example.com,4117,.*,"one, ""two"""$/);
    expect(end).toBe("");
  });
});

describe("the NetworkPolicies", () => {
  const policies = (west: string, replication?: string) =>
    new Map(
      networkPolicies(planOf(west, replication)).map(({ manifest }) => [String(manifest.metadata.name), manifest]),
    );
  const ingress = (west: string, replication?: string) =>
    policies(west, replication).get("bp2-replication-ingress")?.spec;

  test("let into the port of replication only what exposes it", () => {
    expect(ingress("{ ingress: { host: bp.west.example.com } }")).toEqual({
      podSelector: { matchLabels: { "ditto.live/big-peer": "bp2" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } }],
          ports: [{ protocol: "TCP", port: 4040 }],
        },
      ],
    });
  });

  test("take the address ranges of a load balancer only where it keeps the client's address", () => {
    const balancer = (more: string) =>
      `{ exposure: { loadBalancer: { host: bp.west.example.com, sourceRanges: [203.0.113.0/24]${more} } } }`;
    expect(ingress(balancer(", externalTrafficPolicy: Local"))).toMatchObject({
      ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }],
    });
    expect(ingress(balancer(""))).toMatchObject({ ingress: [{ ports: [{ port: 4040 }] }] });
    expect(JSON.stringify(ingress(balancer("")))).not.toContain("from");
  });

  test("let a peer dial an IP address alone, and for a host name its port everywhere", () => {
    const egress = (host: string) =>
      policies(`{ exposure: { address: { host: "${host}" } } }`).get("bp1-replication-egress")?.spec;
    const dns = { ports: [expect.objectContaining({ port: 53 }), expect.objectContaining({ port: 53 })] };
    const ports = [{ protocol: "TCP", port: 4117 }];
    expect(egress("192.0.2.7")).toMatchObject({
      egress: [dns, { to: [{ ipBlock: { cidr: "192.0.2.7/32" } }], ports }],
    });
    expect(egress("bp.west.example.com")).toMatchObject({ egress: [dns, { ports }] });
  });

  test("leave every port but that of replication open to clients", () => {
    const others = policies("{ ingress: { host: bp.west.example.com } }").get("bp2-others")?.spec;
    expect(others).toMatchObject({
      ingress: [
        {
          ports: [
            { port: 1, endPort: 4039 },
            { port: 4041, endPort: 65535 },
          ],
        },
      ],
    });
  });

  test("are a file each, with a kustomization for each cluster", () => {
    const files = policyFiles(planOf("{ ingress: { host: bp.west.example.com } }"), "t.yaml", () => undefined);
    expect(files.map(({ path }) => path)).toEqual([
      "east/kustomization.yaml",
      "east/ditto/networkpolicy-bp1-others.yaml",
      "east/ditto/networkpolicy-bp1-replication-egress.yaml",
      "west/kustomization.yaml",
      "west/ditto/networkpolicy-bp2-others.yaml",
      "west/ditto/networkpolicy-bp2-replication-ingress.yaml",
    ]);
  });
});
