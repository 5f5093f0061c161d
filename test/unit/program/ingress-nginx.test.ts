import { describe, expect, test } from "vitest";
import { controllerProblems } from "../../../program/controller-problems.ts";
import { editedExposures } from "../../../program/edited-exposures.ts";
import { exposeTargets } from "../../../program/exposures.ts";
import { exposedAddress, foreignPorts, openedByOthers, opensExactly } from "../../../program/live-controllers.ts";
import { readController } from "../../../program/read-controller.ts";
import { FormerNames } from "../../../program/renamed-clusters.ts";
import { checkSource, planText } from "../../../topology/check.ts";
import { parseSource } from "../../../topology/file/source.ts";
import { clusterManifests } from "../../../topology/objects/cluster-manifests.ts";
import { withTcpServicesFlag } from "../../../topology/objects/controller-arguments.ts";
import { tcpServicesFlag } from "../../../topology/objects/exposure-manifests.ts";
import { bareMetal, chart, type Installation, readerOf, rke2 } from "../../support/ingress-installations.ts";

const ours = "ditto/ditto-bp2-replication-blue-cars-bp2:4040";
const rke2Settings =
  "namespace: kube-system, deployment: rke2-ingress-nginx-controller, container: rke2-ingress-nginx-controller, kind: DaemonSet, configMap: rke2-ingress-nginx-tcp";

function topologyWith(ingress: string) {
  const { plan } = planText(`
environment: development
clusters:
  east: { inbound: none }
  west: { ingress: { ${ingress} } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], port: 4117, queries: { cars: ["color = 'blue'"] } }
`);
  const controller = plan.clusters.get("west")?.ingresses.get("default");
  if (!controller) throw new Error("the topology has an ingress");
  return { plan, ingress: controller, exposures: plan.exposures };
}

/** What is found of an installation, where the topology says this of it. */
async function judged(installation: Installation, settings: string) {
  const { plan, ingress, exposures } = topologyWith(settings);
  const live = await readController(ingress, readerOf(installation));
  const problems = controllerProblems(ingress, live, exposures, "kubectl --context west");
  return {
    rules: problems.map(({ rule }) => rule.id),
    text: problems.map(({ reason, next }) => `${reason}. ${next}`).join("\n"),
    address: exposedAddress(ingress, live, 4117),
    foreign: foreignPorts(plan, exposures, ingress, live).map(({ what, fix }) => `${what} ${fix}`),
    edited: editedExposures(exposures, { cluster: "west", ingress, live }),
    plan,
    ingress,
    live,
    exposures,
  };
}

const host = "host: bp.west.example.com";

describe("the Helm chart's controller", () => {
  const shop = chart({ tcp: { 5432: "shop/postgres:5432" } });

  test("reads the ConfigMap that its flag names by a variable", async () => {
    expect((await judged(shop, `${host}, configMap: ingress-nginx-tcp`)).rules).toEqual([]);
  });

  test.each(["check", "arguments"])(
    "keeps its flag with `manage: %s`, and the setting that fits it is named",
    async (manage) => {
      const { rules, text } = await judged(shop, `${host}, manage: ${manage}`);
      expect(rules).toEqual(["ingress-flag"]);
      expect(text).toContain("`configMap: ingress-nginx-tcp`");
      expect(text).not.toContain("kubectl");
    },
  );

  test("may have its ConfigMap in another namespace", async () => {
    const elsewhere = chart({ arguments: ["--tcp-services-configmap", "edge/tcp"] });
    expect((await judged(elsewhere, host)).text).toContain("`configMap: edge/tcp`");
    const { rules, plan } = await judged(elsewhere, `${host}, configMap: edge/tcp`);
    expect(rules).toEqual([]);
    const map = clusterManifests(plan, "west").find(({ manifest }) => manifest.kind === "ConfigMap");
    expect(map?.manifest.metadata).toMatchObject({ namespace: "edge", name: "tcp" });
  });

  test("without a flag is given it by a command that names the right container, or by us", async () => {
    const { text } = await judged(chart({}), host);
    expect(text).toMatch(
      /Helm.*`tcp`.*`kubectl --context west -n ingress-nginx patch deployment ingress-nginx-controller/s,
    );
    expect(text).toContain("/containers/0/args/-");
    expect((await judged(chart({}), `${host}, manage: arguments`)).rules).toEqual([]);
  });

  test("that has opened our port by the values of `bigpeer helm-values` is left as it is", async () => {
    const { rules, foreign, edited, ...controller } = await judged(
      chart({ tcp: { 4117: ours } }),
      `${host}, configMap: ingress-nginx-tcp`,
    );
    expect([rules, foreign, edited]).toEqual([[], [], []]);
    expect(openedByOthers(controller.exposures, controller.ingress, controller.live)).toEqual([4117]);
  });

  test("as a DaemonSet is found by its kind", async () => {
    const daemonSet = chart({ kind: "DaemonSet", arguments: ["--tcp-services-configmap=ingress-nginx/tcp-services"] });
    expect((await judged(daemonSet, host)).text).toContain("`kind: DaemonSet`");
    expect((await judged(daemonSet, `${host}, kind: DaemonSet`)).rules).toEqual([]);
    expect((await judged(chart({ kind: "DaemonSet" }), `${host}, kind: DaemonSet`)).text).toContain("patch daemonset");
  });
});

describe("a flag", () => {
  const { ingress } = topologyWith(host);

  test("that is there is never changed, whatever it names and however it is written", () => {
    for (const flag of [
      ["--tcp-services-configmap=$(POD_NAMESPACE)/ingress-nginx-tcp"],
      ["--tcp-services-configmap", "a/b"],
    ])
      expect(withTcpServicesFlag(tcpServicesFlag(ingress), ["/nginx-ingress-controller", ...flag])).toBeUndefined();
    expect(withTcpServicesFlag(tcpServicesFlag(ingress), ["/nginx-ingress-controller"])).toEqual([
      "/nginx-ingress-controller",
      "--tcp-services-configmap=ingress-nginx/tcp-services",
    ]);
  });
});

describe("an address is given only where somebody listens", () => {
  const flag = { arguments: ["--tcp-services-configmap=ingress-nginx/tcp-services"] };
  const waiting = { status: { loadBalancer: {} } };

  test("not behind a Service of type NodePort, unless something forwards the ports", async () => {
    const { rules, text } = await judged(bareMetal, "host: node1.west.example.com");
    expect(rules).toEqual(["not-reached"]);
    expect(text).toMatch(
      /type NodePort: port 4117 is reached at port 31234 .* listens at node1\.west\.example\.com:4117/,
    );
    expect((await judged(bareMetal, "host: node1.west.example.com, forwarded: true")).rules).toEqual([]);
  });

  test("not behind a Service of type ClusterIP", async () => {
    const { rules } = await judged(chart({ ...flag, ...waiting, service: { type: "ClusterIP" } }), host);
    expect(rules).toEqual(["not-reached"]);
  });

  test("at the Service's external IPs", async () => {
    const external = chart({ ...flag, ...waiting, service: { type: "ClusterIP", externalIPs: ["192.0.2.77"] } });
    expect(await judged(external, "")).toMatchObject({ rules: [], address: "192.0.2.77:4117" });
  });

  test("not while a load balancer has no address, which names its class", async () => {
    const classed = chart({ ...flag, ...waiting, service: { loadBalancerClass: "metallb" } });
    const { rules, text } = await judged(classed, host);
    expect(rules).toEqual(["not-reached"]);
    expect(text).toContain("class metallb");
    expect((await judged(classed, "")).address).toBeUndefined();
    expect(await judged(chart(flag), "")).toMatchObject({ rules: [], address: "192.0.2.1:4117" });
  });

  test("at the nodes of a controller on the host network, whatever its Service is", async () => {
    const onHost = { ...flag, ...waiting, hostNetwork: true };
    expect((await judged(chart({ ...onHost, service: { type: "NodePort" } }), host)).rules).toEqual([]);
    expect((await judged(chart({ ...onHost, service: false }), host)).text).toContain("`hostPorts: true`");
    const { rules, plan, address } = await judged(chart({ ...onHost, service: false }), `${host}, hostPorts: true`);
    expect(rules).toEqual([]);
    expect(address).toBe("bp.west.example.com:4117");
    expect(clusterManifests(plan, "west").map(({ manifest }) => manifest.kind)).not.toContain("Service");
  });

  test("at RKE2's host ports where its DaemonSet has ours", async () => {
    const settings = `${rke2Settings}, hostPorts: true, ${host}`;
    const { rules, text } = await judged(rke2({ 5432: "shop/postgres:5432" }), settings);
    expect(rules).toEqual(["not-reached"]);
    expect(text).toMatch(/no host port 4117.*bigpeer helm-values/s);
    expect((await judged(rke2({ 4117: ours }), settings)).rules).toEqual([]);
  });
});

describe("a controller that watches one namespace", () => {
  const scoped = (namespace: string) =>
    chart({ tcp: { 5432: "shop/postgres:5432" }, arguments: [`--watch-namespace=${namespace}`] });
  const settings = `${host}, configMap: ingress-nginx-tcp`;

  test("does not see our Services in another one, nor its ConfigMap", async () => {
    const own = await judged(scoped("$(POD_NAMESPACE)"), settings);
    expect(own.rules).toEqual(["controller-scope"]);
    expect(own.text).toMatch(/watches only the namespace ingress-nginx,.*Service ditto\/ditto-bp2/);
    expect((await judged(scoped("ditto"), settings)).text).toContain("ConfigMap ingress-nginx/ingress-nginx-tcp");
  });

  test("sees them all where it watches all", async () => {
    expect((await judged(scoped(""), settings)).rules).toEqual([]);
  });
});

describe("a load balancer", () => {
  const nlb = { "service.beta.kubernetes.io/aws-load-balancer-type": "nlb" };
  const flag = { arguments: ["--tcp-services-configmap=ingress-nginx/tcp-services"] };
  const many = { ports: Array.from({ length: 50 }, (_, index) => ({ name: `p${index}`, port: 5000 + index })) };

  test("that takes fewer ports than its Service has is full, unless the topology knows of more", async () => {
    const { rules, text } = await judged(chart({ ...flag, annotations: nlb, service: many }), host);
    expect(rules).toEqual(["balancer-full"]);
    expect(text).toContain("gets 51 ports, but its AWS Network Load Balancer accepts only 50");
    const raised = await judged(chart({ ...flag, annotations: nlb, service: many }), `${host}, listeners: 100`);
    expect(raised.rules).toEqual([]);
    expect((await judged(chart({ ...flag, service: many }), host)).rules).toEqual([]);
  });

  test.each([
    ["a1b2c3.elb.eu-west-1.amazonaws.com", 48, []],
    ["a1b2c3.elb.eu-west-1.amazonaws.com", 49, ["listener-limit"]],
    ["a1b2c3.elb.cn-north-1.amazonaws.com.cn", 49, ["listener-limit"]],
    ["a1b2c3.eu-west-1.elb.amazonaws.com", 98, []],
    ["a1b2c3.eu-west-1.elb.amazonaws.com", 99, ["listener-limit"]],
    ["dc.example.com", 99, []],
    ["a1b2c3.elb.eu-west-1.amazonaws.com, listeners: 101", 99, []],
    ["a1b2c3.elb.eu-west-1.amazonaws.com, forwarded: true", 99, []],
  ])("by the name %s with %i ports is judged without a cluster", (name, count, rules) => {
    const stores = Array.from({ length: count }, (_, index) => `store-${index}`);
    const { findings } = checkSource(
      parseSource(
        "t.yaml",
        [
          `clusters:\n  dc: { ingress: { host: ${name}, ports: 4040-4199 } }`,
          ...stores.map((store) => `  ${store}: { inbound: none }`),
          "peers:\n  hub: { cluster: dc, version: 1.63.2 }",
          ...stores.map((store) => `  ${store}: { cluster: ${store}, version: 1.63.2 }`),
          `apps:\n  till: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, ${stores.join(", ")}] }\nreplications:`,
          ...stores.map(
            (store, index) =>
              `  orders-${index}: { app: till, hub: hub, spokes: [${store}], port: ${4040 + index}, up: { orders_${index}: "paid = true" } }`,
          ),
        ].join("\n"),
      ),
    );
    expect(findings.map(({ rule }) => rule)).toEqual(rules);
  });

  test("whose last event is a failure is told with it, and one that was mended is not", async () => {
    const event = (type: string, hour: number) => ({
      type,
      message: type,
      lastTimestamp: `2026-01-01T0${hour}:00:00Z`,
    });
    const failing = { ...chart(flag), Event: { items: [event("Warning", 2), event("Normal", 1)] } };
    expect((await judged(failing, host)).rules).toEqual(["balancer-fails"]);
    const mended = { ...chart(flag), Event: { items: [event("Normal", 3), event("Warning", 2)] } };
    expect((await judged(mended, host)).rules).toEqual([]);
  });
});

describe("an exposed port that was changed by hand", () => {
  const flag = { arguments: ["--tcp-services-configmap=ingress-nginx/tcp-services"] };
  const opened = (port: object, entry: string | undefined = ours) => ({
    ...chart({
      ...flag,
      service: {
        ports: [
          { name: "http", port: 80 },
          { name: "bigpeer-4117", protocol: "TCP", ...port },
        ],
      },
    }),
    ConfigMap: { data: entry === undefined ? {} : { 4117: entry } },
  });

  test("is none where it is as it was written", async () => {
    const { edited, plan, exposures, live } = await judged(opened({ port: 4117, targetPort: 4117 }), host);
    expect(edited).toEqual([]);
    expect(opensExactly(plan, exposures, live)).toBe(true);
  });

  test.each([
    ["in its number", { port: 4999, targetPort: 4999 }, "has the number 4999"],
    ["in its target", { port: 4117, targetPort: 5000 }, "leads to the port 5000 of the controller"],
  ])("%s is an error with the command that changes it back", async (_, port, what) => {
    const { edited, plan, exposures, live } = await judged(opened(port), host);
    expect(edited).toMatchObject([{ rule: "port-edited", severity: "error" }]);
    expect(edited[0]?.what).toContain(what);
    for (const operation of [
      '{"op":"test","path":"/spec/ports/1/name","value":"bigpeer-4117"}',
      '{"op":"replace","path":"/spec/ports/1/port","value":4117}',
      '{"op":"replace","path":"/spec/ports/1/targetPort","value":4117}',
    ])
      expect(edited[0]?.fix).toContain(operation);
    expect(opensExactly(plan, exposures, live)).toBe(false);
  });

  test("does not hold an update up: it is pending, with the command that changes it back", async () => {
    const found = await judged(opened({ port: 4999, targetPort: 4999 }), host);
    const { edited: edits, plan, ingress, exposures, live } = found;
    const controller = { cluster: "west", name: "default", ingress, exposures, live, edits };
    const { pending } = exposeTargets(plan, [controller], new Map(), new FormerNames(plan, undefined));
    expect(pending).toContainEqual({
      what: expect.stringMatching(/^exposure by .* in cluster "west"$/),
      reason: expect.stringContaining("has the number 4999"),
      next: expect.stringContaining("patch service"),
    });
  });

  test.each([
    ["kubectl-edit", ["port-edited"]],
    ["pulumi-kubernetes-1a2b3c4d", []],
  ])("in its entry, written last by %s, is judged by who has written it", async (manager, rules) => {
    const managedFields = [{ manager, fieldsV1: { "f:data": { "f:4117": {} } } }];
    const { ingress, live, exposures } = await judged(
      {
        ...opened({ port: 4117, targetPort: 4117 }),
        ConfigMap: { metadata: { managedFields }, data: { 4117: "shop/postgres:5432" } },
      },
      host,
    );
    const found = editedExposures(exposures, { cluster: "west", ingress, live }, new Set([4117]));
    expect(found.map(({ rule }) => rule)).toEqual(rules);
    if (rules.length > 0)
      expect(found[0]?.fix).toContain(`patch configmap tcp-services --type merge -p '{"data":{"4117":"${ours}"}}'`);
  });

  test("is told of one that the stack has exposed and that is gone, and not of one that is new", async () => {
    const { ingress, live, exposures } = await judged(chart(flag), host);
    const found = (...exported: number[]) =>
      editedExposures(exposures, { cluster: "west", ingress, live }, new Set(exported)).map(({ rule }) => rule);
    expect(found(4117)).toEqual(["exposure-edited"]);
    expect(found()).toEqual([]);
  });
});

test("a port of another environment that is called as ours is taken, also where nobody knows what the stack has exposed", async () => {
  const production = {
    ...chart({
      arguments: ["--tcp-services-configmap=ingress-nginx/tcp-services"],
      service: { ports: [4117, 4118].map((port) => ({ name: `bigpeer-${port}`, port, targetPort: port })) },
    }),
    ConfigMap: { data: { 4117: ours.replace("ditto/", "production/"), 4118: "production/other:4040" } },
  };
  const { foreign } = await judged(production, host);
  expect(foreign).toHaveLength(1);
  expect(foreign[0]).toMatch(/port 4117 .* somebody else \(production\/.*pin a free one: `port: \{ bp2: 4119 }`/);
});
