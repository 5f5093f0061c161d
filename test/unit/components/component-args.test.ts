/** The arguments of the single components: the same keys as a topology file has, and values of other resources wherever one may stand. */
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { AuthPlayground } from "../../../components/auth.ts";
import type { BigPeerSettings } from "../../../components/big-peer-settings.ts";
import type { GatewayArgs } from "../../../components/gateway-exposure.ts";
import type { IngressControllerArgs } from "../../../components/ingress-controller-args.ts";
import type { ExposingService } from "../../../components/service-exposure.ts";
import type { TransportControllerArgs } from "../../../components/transport-server-exposure.ts";
import { topologySchema } from "../../../topology/file/schema.ts";
import type { Manifest } from "../../../topology/objects/manifests.ts";
import { keysOfInterface, keysOfSchema } from "../../support/argument-keys.ts";
import { registrations } from "../../support/registered-resources.ts";

const file = keysOfSchema(z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" }));

/** The keys of the topology file below a path, but for those that a component has no use for. */
function keysBelow(path: string, without: readonly string[]): string[] {
  const below = [...file.keys()].filter((key) => key.startsWith(`${path}.`)).map((key) => key.slice(path.length));
  return below.filter((key) => !without.some((each) => key === `.${each}` || key.startsWith(`.${each}.`))).sort();
}

const ofPeer = [...new Set([...file.keys()].flatMap((key) => key.match(/^\.peers\.\*\.(\w+)$/)?.slice(1) ?? []))];
const settings = [
  "version",
  "store",
  "subscriptions",
  "image",
  "imagePullSecrets",
  "host",
  "kafkaListener",
  "caIssuer",
  "spec",
] satisfies (keyof BigPeerSettings)[];

/** Secrets are named by the issuer. */
const issuerParts = ["caIssuer.name", "caIssuer.kind", "caIssuer.group"] as const;

describe.each([
  ["BigPeerSettings", ".peers.*", ofPeer.filter((key) => !settings.some((each) => each === key)), issuerParts],
  // The token is an argument of its own.
  ["Auth", ".peers.*.auth", ["playground.token"], []],
  ["LoadBalancerSettings", ".clusters.*.exposure.loadBalancer", ["host", "ports", "backend"], []],
  ["NodePortSettings", ".clusters.*.exposure.nodePort", ["host", "ports", "backend"], []],
  ["GatewayArgs", ".clusters.*.exposure.gateway", ["host", "ports"], ["listeners", "listener", "routeVersion"]],
  ["TransportControllerArgs", ".clusters.*.exposure.transportServer", ["host", "ports"], ["manage"]],
  [
    "IngressControllerArgs",
    ".clusters.*.exposure.ingressNginx",
    ["host", "ports", "manage", "forwarded", "listeners"],
    ["kind", "hostPorts", "proxyProtocol"],
  ],
] as const)("%s", (name, path, without, decidesBy) => {
  const keys = keysOfInterface(name);

  test("has the keys of the topology file, each documented", () => {
    expect([...keys.keys()].sort()).toEqual(keysBelow(path, without));
    expect(keys.size).toBeGreaterThan(0);
    expect([...keys].filter(([, { documented }]) => !documented)).toEqual([]);
  });

  test("takes a value of another resource at every leaf but those by which it decides what is made", () => {
    const leaves = [...keys].filter(([key]) => ![...keys.keys()].some((other) => other.startsWith(`${key}.`)));
    const plain = leaves.filter(([, { type }]) => !/\bInput\w*\b|\bAuthPermission\b/.test(type));
    expect(plain.map(([key]) => key.slice(1)).sort()).toEqual([...decidesBy].sort());
  });
});

test.each([
  "BigPeerArgs",
  "BigPeerAppArgs",
  "BigPeerTopologyArgs",
  "CaTrustArgs",
  "GatewayExposureArgs",
  "KubeconfigArgs",
  "ReplicationArgs",
  "ServiceExposureArgs",
  "TcpExposureArgs",
  "TransportServerExposureArgs",
])("%s: an editor has a text for every key, and for those within it", (name) => {
  const keys = keysOfInterface(name);
  expect(keys.size).toBeGreaterThan(1);
  expect([...keys].filter(([, { documented }]) => !documented).map(([key]) => key)).toEqual([]);
});

const registered = await registrations({ preview: false });
const { output } = await import("@pulumi/pulumi");
const { BigPeer, BigPeerApp, GatewayExposure, Replication, ServiceExposure, TcpExposure, TransportServerExposure } =
  await import("../../../components/index.ts");
const certificates = { read: () => output("PEM of the CA") };

beforeEach(() => {
  registered.length = 0;
});

/** The inputs of the objects of a kind, once a number of them is there. */
async function objects(kind: string, number = 1): Promise<Record<string, unknown>[]> {
  const found = () =>
    registered
      .filter(({ type }) => type.startsWith("kubernetes:") && type.endsWith(`:${kind}`))
      .map((each) => each.inputs);
  await expect.poll(() => found().length).toBe(number);
  return found();
}

describe("values of other resources", () => {
  const resources = {
    requests: { cpu: output("500m"), memory: output("1Gi") },
    limits: { cpu: output("2"), memory: output("4Gi") },
  };

  test("reach every field of a BigPeer", async () => {
    const all: Required<BigPeerSettings> = {
      version: output("1.63.2"),
      store: { replicas: output(3), partitions: output(2), mrf: output(2), storage: output("10Gi"), resources },
      subscriptions: { replicas: output(2), resources },
      image: { repository: output("registry.example.com/bigpeer") },
      imagePullSecrets: [output("pull")],
      host: output("bp1.example.com"),
      kafkaListener: output(false),
      // Names of other objects are made of it, so it is no value of another resource.
      caIssuer: { name: "big-peers" },
      spec: { cdc: { topic: output("cars"), options: output({ partitions: 3 }) } },
    };
    const playground: AuthPlayground = {
      sessionLength: output(60),
      permissions: { read: { cars: [output("color = 'blue'")] }, write: "nothing" },
    };
    const auth = { playground, webhooks: { staff: { url: output("https://auth.example.com") } } };
    new BigPeer("bp1", { namespace: output("ditto"), settings: all, auth, playgroundToken: "token", certificates });
    const [given] = await objects("BigPeer");
    const plain = {
      requests: { cpu: "500m", memory: "1Gi" },
      limits: { cpu: "2", memory: "4Gi" },
    };
    expect(given?.metadata).toMatchObject({ name: "bp1", namespace: "ditto" });
    const text = JSON.stringify(given?.spec);
    expect(unwrapped(given?.spec)).toMatchObject({
      version: "1.63.2",
      store: { replicas: 3, partitions: 2, mrf: 2, storage: { size: "10Gi" }, resources: plain },
      image: { repository: "registry.example.com/bigpeer" },
      imagePullSecrets: [{ name: "pull" }],
      network: { ingress: { host: "bp1.example.com" } },
      cdc: { topic: "cars", options: { partitions: 3 } },
    });
    for (const each of ['"sessionLength":60', "color = 'blue'", "https://auth.example.com"])
      expect(text).toContain(each);
  });

  test("reach an app and a replication", async () => {
    const webhooks = { staff: { url: output("https://auth.example.com") } };
    new BigPeerApp("cars", {
      peer: "bp1",
      namespace: "ditto",
      id: "an ID",
      auth: { webhooks },
      spec: { note: output("mine") },
    });
    const subscribes = { cars: [output("color = 'blue'")] };
    new Replication("blue", {
      sides: [{ peer: "bp1", namespace: "ditto", app: "cars", subscribes }],
      spec: { note: output("mine") },
    });
    const [app] = await objects("BigPeerApp");
    expect(app?.spec).toMatchObject({ note: "mine" });
    expect(JSON.stringify(app?.spec)).toContain("https://auth.example.com");
    const [replication] = await objects("BigPeerReplication");
    expect(replication?.spec).toMatchObject({ note: "mine", queriesByCollection: { cars: ["color = 'blue'"] } });
  });

  test("are refused where a setting would be lost in one, since it belongs into the same mapping", () => {
    const spec = { store: output({ volumes: 2 }) };
    const broken = () =>
      new BigPeer("bp1", {
        namespace: "ditto",
        settings: { version: "1.63.2", store: { replicas: 3 }, spec },
        certificates,
      });
    expect(broken).toThrow(
      /`store` in `spec` comes from another resource as a whole.*`replicas`.*Write `store` as a mapping/,
    );
  });

  const target = () =>
    new Replication("blue", { sides: [{ peer: "bp2", namespace: output("ditto"), app: "cars" }] }).target("bp2");

  test("reach a Service, and the placeholders of an annotation are filled in", async () => {
    const service: ExposingService = {
      type: "LoadBalancer",
      settings: {
        class: output("internal"),
        annotations: { plain: "{peer}.{namespace}", given: output("{peer}.{namespace}.example.com") },
        externalTrafficPolicy: output("Local" as const),
        sourceRanges: [output("203.0.113.0/24")],
      },
    };
    const pods = { selector: { app: "blue" }, targetPort: 4040 };
    new ServiceExposure("blue-bp2", { service, target: target(), ...pods });
    const nodePort: ExposingService = {
      type: "NodePort",
      settings: { externalTrafficPolicy: output("Local" as const) },
    };
    new ServiceExposure("blue-node", { service: nodePort, target: target(), ...pods });
    const made = await objects("Service", 2);
    expect(made).toContainEqual(
      expect.objectContaining({
        metadata: expect.objectContaining({
          annotations: expect.objectContaining({ plain: "bp2.ditto", given: "bp2.ditto.example.com" }),
        }),
        spec: expect.objectContaining({
          loadBalancerClass: "internal",
          externalTrafficPolicy: "Local",
          loadBalancerSourceRanges: ["203.0.113.0/24"],
        }),
      }),
    );
    expect(made.map(({ spec }) => spec)).toContainEqual(
      expect.objectContaining({ type: "NodePort", externalTrafficPolicy: "Local" }),
    );
  });

  test("name a Gateway and its class", async () => {
    const gateway: GatewayArgs = {
      ...{ name: output("tcp"), namespace: output("infra") },
      ...{ listeners: "gateway", className: output("envoy") },
    };
    new GatewayExposure("ours", { gateway, targets: [target()] });
    const [made] = await objects("Gateway");
    expect(made).toMatchObject({ metadata: { name: "tcp", namespace: "infra" }, spec: { gatewayClassName: "envoy" } });
    expect(() => new GatewayExposure("bare", { gateway: { ...gateway, className: undefined }, targets: [] })).toThrow(
      /bare: give `className`/,
    );
  });

  test("a Gateway of somebody else is named by its name and namespace alone", async () => {
    new GatewayExposure("theirs", { gateway: { name: "tcp", namespace: "infra" }, targets: [target()] });
    const [set] = await objects("ListenerSet");
    expect(set).toMatchObject({ spec: { listeners: [{ name: expect.stringMatching(/^bigpeer-4\d{3}$/) }] } });
    const [route] = await objects("TCPRoute");
    expect(route).toMatchObject({ apiVersion: "gateway.networking.k8s.io/v1" });
  });

  test("name F5 NGINX Ingress Controller and its class", async () => {
    const controller: Required<TransportControllerArgs> = {
      ...{ namespace: output("nginx"), service: output("front"), globalConfiguration: output("listeners") },
      ...{ ingressClass: output("outside"), manage: "listeners" },
    };
    new TransportServerExposure("west", { controller, targets: [target()] });
    const [server] = await objects("TransportServer");
    expect(server).toMatchObject({ metadata: { namespace: "ditto" }, spec: { ingressClassName: "outside" } });
    const [service] = await objects("ServicePatch");
    expect(service).toMatchObject({ metadata: { name: "front", namespace: "nginx" } });
    const [configuration] = await objects("GlobalConfigurationPatch");
    expect(configuration).toMatchObject({ metadata: { name: "listeners", namespace: "nginx" } });
  });

  const controller: Required<IngressControllerArgs> = {
    ...{ namespace: output("edge"), service: output("front"), deployment: output("nginx"), container: output("main") },
    ...{ configMap: output("tcp"), kind: "DaemonSet", hostPorts: false, proxyProtocol: "decode" },
  };
  const backend = { namespace: output("ditto"), service: output("blue"), port: output(4040) };

  test.each([
    ["tcp", "edge/tcp"],
    ["shared/tcp", "shared/tcp"],
  ])("name ingress-nginx and the Services behind it, with the ConfigMap %s", async (configMap, place) => {
    const given = { ...controller, configMap: output(configMap) };
    const currentArguments = output(["/nginx", "--v=2"]);
    new TcpExposure("west", { controller: given, exposures: [{ port: 4100, backend }], currentArguments });
    const [entries] = await objects("ConfigMapPatch");
    const { namespace, name } = Object(entries?.metadata);
    expect(`${namespace}/${name}`).toBe(place);
    expect(entries?.data).toEqual({ "4100": "ditto/blue:4040:PROXY" });
    const [ports] = await objects("ServicePatch");
    expect(ports).toMatchObject({ metadata: { name: "front", namespace: "edge" } });
    const [patch] = await objects("DaemonSetPatch");
    const args = ["/nginx", "--v=2", `--tcp-services-configmap=${place}`];
    expect(patch).toMatchObject({
      metadata: { name: "nginx", namespace: "edge" },
      spec: { template: { spec: { containers: [{ name: "main", args }] } } },
    });
  });

  test("of arguments that have the flag of somebody else are left as they are", async () => {
    const args = ["/nginx", "--tcp-services-configmap=edge/old"];
    new TcpExposure("west", { controller, exposures: [], currentArguments: output(args) });
    const [patch] = await objects("DaemonSetPatch");
    expect(patch).toMatchObject({ spec: { template: { spec: { containers: [{ args }] } } } });
  });

  test("of plain arguments with our flag already are ours, also where the ConfigMap's name is known later", async () => {
    const args = ["/nginx", "--tcp-services-configmap=edge/tcp"];
    new TcpExposure("west", { controller, exposures: [], currentArguments: args });
    const [patch] = await objects("DaemonSetPatch");
    expect(patch).toMatchObject({ spec: { template: { spec: { containers: [{ args }] } } } });
  });

  test("reach the owner's change as a text that stands for them, of which others may be made", async () => {
    const named = (manifest: Manifest): Manifest => ({
      ...manifest,
      metadata: { ...manifest.metadata, labels: { controller: `of-${manifest.metadata.namespace}` } },
    });
    new TcpExposure("west", { controller, exposures: [], transform: { service: named } });
    const [ports] = await objects("ServicePatch");
    expect(ports).toMatchObject({ metadata: { labels: { controller: "of-edge" } } });
  });
});

/** A value behind the engine's mark of a secret. */
function unwrapped(value: unknown): unknown {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value
    ? Reflect.get(value, "value")
    : value;
}
