import { type Input, type ResourceTransformation, runtime } from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import type { CertificateLocation } from "../../../kubernetes/certificates.ts";
import type { Manifest } from "../../../topology/objects/manifests.ts";
import { operatorSchema } from "../../../topology/operator/contract.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

let registered: Registered[] = [];
await runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      registered.push({ type, name, inputs });
      return {
        id: `${name}-id`,
        state: { ...inputs, result: type.includes("Password") ? "generated-token" : "generated-uuid" },
      };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);

const { BigPeer } = await import("../../../components/big-peer.ts");
const { CaTrust } = await import("../../../components/ca-trust.ts");
const { Replication } = await import("../../../components/replication.ts");
const { BigPeerApp } = await import("../../../components/big-peer-app.ts");
const { GatewayExposure } = await import("../../../components/gateway-exposure.ts");
const { ServiceExposure } = await import("../../../components/service-exposure.ts");
const { TransportServerExposure } = await import("../../../components/transport-server-exposure.ts");
const { TcpExposure } = await import("../../../components/tcp-exposure.ts");
const { onlyCertificates } = await import("../../../kubernetes/certificates.ts");
const { isSecret, output, secret } = await import("@pulumi/pulumi");

const certificates = { read: () => output("PEM of the CA") };

async function made(build: () => unknown): Promise<Registered[]> {
  build();
  // Registrations are promises behind promises; they are done when none is added any more.
  let before = -1;
  while (before !== registered.length) {
    before = registered.length;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return registered;
}

beforeEach(() => {
  registered = [];
});

const only = (kind: string) => registered.filter(({ type }) => type.endsWith(kind));

describe("BigPeer", () => {
  test("waits for Ready within its time limit and passes settings on", async () => {
    const settings = { version: "1.63.2", store: { replicas: 3, storage: "10Gi" }, spec: { cdc: { enabled: true } } };
    await made(() => new BigPeer("bp1", { name: "bp1", namespace: "ditto", settings, certificates, readyTimeout: 60 }));
    expect(
      only(":BigPeer")
        .map(({ inputs }) => inputs)
        .at(-1),
    ).toMatchObject({
      metadata: {
        name: "bp1",
        namespace: "ditto",
        annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "60" },
      },
      spec: { version: "1.63.2", store: { replicas: 3, storage: { size: "10Gi" } }, cdc: { enabled: true } },
    });
  });

  test("keeps from the engine what it passes through and is called like a secret", async () => {
    const spec = { cdc: { clientSecret: "hunter2", sink: "https://u:hunter2@sink.example.com", partitions: 3 } };
    const settings = { version: "1.63.2", spec };
    await made(() => new BigPeer("bp1", { name: "bp1", namespace: "ditto", settings, certificates }));
    // The SDK makes all of an input secret of which a part is; the signature is the engine's mark.
    expect(only(":BigPeer").at(-1)?.inputs.spec).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: { version: "1.63.2", ...spec },
    });
  });

  test("generates a playground token, as a secret, only where none is given", async () => {
    const playground = { permissions: { read: "everything" as const, write: "nothing" as const } };
    const base = { namespace: "ditto", settings: { version: "1.63.2" }, auth: { playground }, certificates };
    const peers = await Promise.all(
      [undefined, "given"].map(async (playgroundToken, index) => {
        const peer = new BigPeer(`bp${index}`, { ...base, name: `bp${index}`, playgroundToken });
        return {
          token: await promiseOf(peer.playgroundToken),
          secret: peer.playgroundToken && (await isSecret(peer.playgroundToken)),
        };
      }),
    );
    expect(peers).toEqual([
      { token: "generated-token", secret: true },
      { token: "given", secret: true },
    ]);
    expect(only("RandomPassword")).toHaveLength(1);
  });
});

describe("a protected BigPeer", () => {
  const size = (given: unknown, managers: unknown[] = []) => ({
    metadata: { managedFields: managers },
    spec: { store: { storage: { size: given } } },
  });
  const applied = { operation: "Apply", fieldsV1: { "f:spec": { "f:store": { "f:storage": { "f:size": {} } } } } };
  const asked: unknown[] = [];
  let replaced: Record<string, readonly string[]> = {};
  const recording: ResourceTransformation = ({ type, name, opts }) => {
    if (type.endsWith(":BigPeer") && type.startsWith("kubernetes:"))
      replaced[name] = "replaceOnChanges" in opts && Array.isArray(opts.replaceOnChanges) ? opts.replaceOnChanges : [];
    return undefined;
  };
  beforeEach(() => {
    replaced = {};
  });
  const reader = (live: unknown) => ({
    ...certificates,
    object: (reference: unknown) => {
      asked.push(reference);
      return secret(live);
    },
  });

  /** The names under which a BigPeer is registered, or else why the program fails. */
  async function namesOf(live: unknown, storage: Input<string> | undefined): Promise<unknown[]> {
    const settings = { version: "1.63.2", ...(storage === undefined ? {} : { store: { storage } }) };
    const args = { name: "bp1", namespace: "ditto", settings, certificates: reader(live) };
    registered = [];
    const refusals = await rejectionsIn(() => made(() => new BigPeer("bp1", args, { protect: true })));
    const objects = only(":BigPeer").filter(({ type, name }) => type.startsWith("kubernetes:") && name === "bp1");
    return [...objects.map(({ inputs }) => inputs.metadata), ...refusals];
  }

  test.each([
    ["10Gi", "20Gi"],
    ["10Gi", "10240Mi"],
    [undefined, "1Gi"],
    ["10Gi", undefined],
  ])("of %s may declare %s", async (live, storage) => {
    expect(await namesOf(live === undefined ? undefined : size(live), storage)).toEqual([
      expect.objectContaining({ name: "bp1" }),
    ]);
  });

  test("may not declare less than it has in the cluster, nor leave the size that it has applied to the operator", async () => {
    expect(await namesOf(size("20Gi"), "10Gi")).toEqual([
      expect.stringMatching(/the store of the Big Peer "bp1" would shrink from 20Gi to 10Gi: .* take `protect` away/),
    ]);
    expect(await namesOf(size("20Gi", [applied]), undefined)).toEqual([
      expect.stringMatching(/would have the operator's default size/),
    ]);
  });

  test("is judged by the size that another resource gives, too", async () => {
    expect(await namesOf(size("10Gi"), output("20Gi"))).toEqual([expect.objectContaining({ name: "bp1" })]);
    expect(await namesOf(size("20Gi"), output("10Gi"))).toEqual([
      expect.stringMatching(/the store of the Big Peer "bp1" would shrink from 20Gi to 10Gi/),
    ]);
  });

  test("is registered under its own name, which no secret kubeconfig makes a secret, and which no change of size replaces", async () => {
    asked.length = 0;
    const settings = { version: "1.63.2", store: { storage: "20Gi" } };
    const args = { name: "bp1", namespace: "ditto", settings, certificates: reader(size("10Gi")) };
    await made(() => new BigPeer("bp1", args, { protect: true, transformations: [recording] }));
    expect(await promiseOf(output(asked[0]))).toEqual({
      ...{ apiVersion: "ditto.live/v1alpha1", kind: "BigPeer", namespace: "ditto", name: "bp1" },
    });
    expect(only(":BigPeer").at(-1)?.inputs).toMatchObject({
      metadata: { name: "bp1" },
      spec: { store: { storage: { size: "20Gi" } } },
    });
    expect(replaced).toEqual({ bp1: [] });
  });

  test("without anybody to ask the cluster is refused by the engine at any other size, and one that is not protected at none", async () => {
    const args = { name: "bp1", namespace: "ditto", settings: { version: "1.63.2" } };
    await made(() => new BigPeer("bp1", { ...args, certificates }, { protect: true, transformations: [recording] }));
    expect(replaced).toEqual({ bp1: ["spec.store.storage.size"] });
    await made(
      () =>
        new BigPeer(
          "bp2",
          { ...args, name: "bp2", certificates: reader(size("10Gi")) },
          { transformations: [recording] },
        ),
    );
    expect(replaced).toEqual({ bp1: ["spec.store.storage.size"], bp2: [] });
  });
});

describe("CaTrust", () => {
  test("hands over the certificate alone and lists its Secret on the Big Peer", async () => {
    const trusts = [{ peer: "bp2", secret: "bp1-trusts-bp2", certificates: "PEM" }];
    await made(() => new CaTrust("bp1-trust", { peer: "bp1", namespace: "ditto", trusts }));
    expect(only("Secret")[0]?.inputs).toMatchObject({
      metadata: { name: "bp1-trusts-bp2", namespace: "ditto" },
      data: {
        value: {
          "tls.crt": Buffer.from("PEM").toString("base64"),
          "ca.crt": Buffer.from("PEM").toString("base64"),
        },
      },
    });
    expect(only("BigPeerPatch")[0]?.inputs).toMatchObject({
      metadata: { name: "bp1", annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { auth: { trustedCASecrets: [{ name: "bp1-trusts-bp2" }] } },
    });
  });

  test("lists Secrets of somebody else beside its own, and writes nothing into them", async () => {
    const trusts = [{ peer: "bp2", secret: "bp1-trusts-bp2", certificates: "PEM" }];
    const otherSecrets = ["partner-ca", "bp1-trusts-bp2"];
    await made(() => new CaTrust("bp1-trust", { peer: "bp1", namespace: "ditto", trusts, otherSecrets }));
    expect(only("Secret").map(({ inputs }) => inputs.metadata)).toEqual([
      expect.objectContaining({ name: "bp1-trusts-bp2" }),
    ]);
    expect(only("BigPeerPatch")[0]?.inputs).toMatchObject({
      spec: { auth: { trustedCASecrets: [{ name: "bp1-trusts-bp2" }, { name: "partner-ca" }] } },
    });
  });

  test("keeps the certificates of all in one Secret where the contract says so, under a name that no peer can have", async () => {
    const operator = operatorSchema.parse({ trustSecret: { bundle: true, certificateKey: "ca.crt" } });
    const trusts = ["bp2", "bp3"].map((peer) => ({ peer, certificates: `PEM of ${peer}` }));
    const trust: InstanceType<typeof CaTrust>[] = [];
    await made(() => trust.push(new CaTrust("bp1-trust", { peer: "bp1", namespace: "ditto", trusts, operator })));
    expect(only("Secret").map(({ name }) => name)).toEqual(["bp1-trust/trusted.cas"]);
    expect(only("Secret")[0]?.inputs).toMatchObject({
      metadata: { name: "bp1-trusted-cas" },
      data: { value: { "ca.crt": Buffer.from("PEM of bp2\nPEM of bp3\n").toString("base64") } },
    });
    expect(only("BigPeerPatch")[0]?.inputs).toMatchObject({
      spec: { auth: { trustedCASecrets: [{ name: "bp1-trusted-cas" }] } },
    });
    expect(Object.keys(trust[0]?.nodes.secrets ?? {})).toEqual(["bp2", "bp3"]);
  });

  test("keeps the CA of an issuer in one Secret, however many Big Peers have it, beside a Secret of each other Big Peer", async () => {
    const root = "-----BEGIN CERTIFICATE-----\nROOT\n-----END CERTIFICATE-----\n";
    const issuer = { name: "big-peers" };
    const trusts = [
      { peer: "bp2", issuer, certificates: root },
      { peer: "bp3", certificates: "PEM of bp3" },
      { peer: "bp4", issuer, certificates: root },
    ];
    const trust: InstanceType<typeof CaTrust>[] = [];
    await made(() => trust.push(new CaTrust("bp1-trust", { peer: "bp1", namespace: "ditto", trusts })));
    expect(only("Secret").map(({ name }) => name)).toEqual(["bp1-trust/clusterissuer.big-peers", "bp1-trust/bp3"]);
    expect(only("Secret")[0]?.inputs).toMatchObject({
      metadata: { name: "bp1-trusts-clusterissuer.big-peers" },
      data: { value: { "ca.crt": Buffer.from(root).toString("base64") } },
    });
    expect(only("BigPeerPatch")[0]?.inputs).toMatchObject({
      spec: {
        auth: { trustedCASecrets: [{ name: "bp1-trusts-bp3" }, { name: "bp1-trusts-clusterissuer.big-peers" }] },
      },
    });
    expect(trust[0]?.nodes.secrets.bp2).toBe(trust[0]?.nodes.secrets.bp4);
  });

  test("takes the issuer of a BigPeer, whose certificate is then that of the issuer", async () => {
    const places: unknown[] = [];
    const reader = {
      read: (place: Input<CertificateLocation>) => {
        output(place).apply((each) => void places.push(each));
        return output("PEM of the issuer");
      },
    };
    const args = { namespace: "ditto", certificates: reader };
    const settings = { version: "1.63.2", caIssuer: { kind: "Issuer", name: "regional" } };
    await made(() => {
      const bp1 = new BigPeer("bp1", { ...args, settings: { version: "1.63.2" } });
      const bp2 = new BigPeer("bp2", { ...args, settings });
      new CaTrust("bp1-trust", { peer: bp1, trusts: [bp2] });
    });
    expect(places).toMatchObject([{ key: "tls.crt" }, { key: "ca.crt", keySetting: "operator.caSecret.issuerKey" }]);
    const bigPeers = only(":BigPeer").filter(({ type }) => type.startsWith("kubernetes:"));
    expect(bigPeers.map(({ inputs }) => JSON.stringify(inputs.spec).includes('"issuerRef"'))).toEqual([false, true]);
    expect(only("Secret").at(-1)?.inputs).toMatchObject({ metadata: { name: "bp1-trusts-issuer.regional" } });
  });

  test("refuses a Secret value without a certificate and drops a key that stands beside one", () => {
    const place = { namespace: "ditto", secret: "ditto-bp1-ca", key: "tls.crt" };
    expect(() => onlyCertificates("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----", place)).toThrow(
      /ditto\/ditto-bp1-ca, key tls.crt: does not contain a certificate/,
    );
  });
});

describe("Replication", () => {
  test("is one object a side: the target dials nobody, the source of a one-way one subscribes to nothing", async () => {
    const queries = { cars: ["color = 'red'"] };
    const sides = [
      { peer: "bp1", namespace: "ditto", name: "red-bp1", app: "cars-bp1", connections: ["bp2.example.com:4040"] },
      { peer: "bp2", namespace: "ditto", name: "red-bp2", app: "cars-bp2", subscribes: queries },
    ];
    await made(() => new Replication("red", { sides }));
    expect(only(":BigPeerReplication").map(({ inputs }) => [inputs.metadata, inputs.spec])).toEqual([
      [
        expect.objectContaining({
          labels: expect.objectContaining({ "ditto.live/app": "cars-bp1", "ditto.live/big-peer": "bp1" }),
        }),
        { connections: ["bp2.example.com:4040"], queriesByCollection: {} },
      ],
      [
        expect.objectContaining({
          labels: expect.objectContaining({ "ditto.live/app": "cars-bp2", "ditto.live/big-peer": "bp2" }),
        }),
        { connections: [], queriesByCollection: queries },
      ],
    ]);
  });
});

test("a target of a replication is asked for by its peer, and a peer that has no side in it is named", async () => {
  const sides = [{ peer: "bp2", namespace: "ditto", app: "cars-bp2" }];
  const replication = new Replication("blue", { sides });
  expect(replication.target("bp2")).toBe(replication.targets.bp2);
  expect(() => replication.target("bp1")).toThrow(/no side of "bp1" here, only of: bp2/);
  // Its app is known by its name alone, so nothing says how to read the pods behind it.
  const service = { type: "LoadBalancer", settings: {} } as const;
  expect(() => new ServiceExposure("blue-bp2", { service, target: replication.target("bp2") })).toThrow(
    /give `selector` and `targetPort`/,
  );
});

test("an exposure without a host has no address before its load balancer has, and says how it gets there", async () => {
  const target = new Replication("blue", { sides: [{ peer: "bp2", namespace: "ditto", app: "cars-bp2" }] }).target(
    "bp2",
  );
  const controller = { namespace: "edge", service: "front", configMap: "tcp" };
  const exposure = new TcpExposure("west", { controller, exposures: [target] });
  const refusals = await rejectionsIn(() => made(() => exposure.addressOf(target)));
  expect(refusals).toEqual([expect.stringMatching(/blue of bp2 has no address yet.*`pulumi up --refresh`/)]);
});

describe("TcpExposure", () => {
  const controller = { namespace: "edge", service: "front", deployment: "front-nginx", configMap: "tcp" };
  const exposures = [4040, 4041].map((port) => ({
    port,
    backend: { namespace: "ditto", service: `s${port}`, port: 4040 },
  }));

  test("opens the ports under the controller's own names, and leaves its arguments alone unless it is given them", async () => {
    await made(() => new TcpExposure("west", { controller, exposures }));
    expect(only(":ConfigMapPatch")[0]?.inputs).toMatchObject({
      metadata: { namespace: "edge", name: "tcp" },
      data: { "4040": "ditto/s4040:4040", "4041": "ditto/s4041:4040" },
    });
    expect(only(":ServicePatch")[0]?.inputs).toMatchObject({
      metadata: { namespace: "edge", name: "front" },
      spec: { ports: [{ name: "bigpeer-4040", port: 4040, targetPort: 4040 }, { name: "bigpeer-4041" }] },
    });
    expect(only(":DeploymentPatch")).toEqual([]);
  });

  test("takes the controller's names of another resource", async () => {
    const given = { namespace: output("edge"), service: output("front"), configMap: "tcp" };
    await made(() => new TcpExposure("west", { controller: given, exposures }));
    expect(only(":ConfigMapPatch")[0]?.inputs).toMatchObject({ metadata: { namespace: "edge", name: "tcp" } });
    expect(only(":ServicePatch")[0]?.inputs).toMatchObject({ metadata: { namespace: "edge", name: "front" } });
  });

  test.each(["--tcp-services-configmap=edge/old", "--tcp-services-configmap=$(POD_NAMESPACE)/front-tcp"])(
    "leaves arguments alone that have the flag with another ConfigMap (%s): the TCP services of others depend on it",
    async (flag) => {
      const currentArguments = ["/nginx-ingress-controller", flag, "--v=2"];
      await made(() => new TcpExposure("west", { controller, exposures, currentArguments }));
      expect(only(":DeploymentPatch")).toEqual([]);
    },
  );

  test("of a DaemonSet sets the arguments of the DaemonSet", async () => {
    const daemonSet = { ...controller, kind: "DaemonSet" as const };
    await made(() => new TcpExposure("west", { controller: daemonSet, exposures, currentArguments: ["/nginx"] }));
    expect(only(":DeploymentPatch")).toEqual([]);
    expect(only(":DaemonSetPatch")[0]?.inputs).toMatchObject({ kind: "DaemonSet", metadata: { name: "front-nginx" } });
  });

  test("opens no port of a Service that others have opened, or where the nodes' ports are dialled", async () => {
    await made(() => {
      new TcpExposure("nodes", { controller: { ...controller, hostPorts: true }, exposures });
      new TcpExposure("chart", { controller, exposures, openedByOthers: [4040] });
    });
    const services = only(":ServicePatch");
    expect(services).toHaveLength(1);
    expect(services[0]?.inputs).toMatchObject({ spec: { ports: [{ name: "bigpeer-4041" }] } });
  });

  test("adds the flag to the arguments that are there", async () => {
    const currentArguments = ["/nginx-ingress-controller", "--v=2"];
    await made(() => new TcpExposure("west", { controller, exposures, currentArguments }));
    expect(only(":DeploymentPatch")[0]?.inputs).toMatchObject({
      metadata: { namespace: "edge", name: "front-nginx" },
      spec: {
        template: {
          spec: {
            containers: [
              { name: "controller", args: ["/nginx-ingress-controller", "--v=2", "--tcp-services-configmap=edge/tcp"] },
            ],
          },
        },
      },
    });
  });

  test.each([
    ["decode", "ditto/s4040:4040:PROXY"],
    ["encode", "ditto/s4040:4040::PROXY"],
    ["both", "ditto/s4040:4040:PROXY:PROXY"],
  ] as const)("writes the PROXY protocol of %s as ingress-nginx reads it", async (proxyProtocol, entry) => {
    await made(() => new TcpExposure("west", { controller: { ...controller, proxyProtocol }, exposures }));
    expect(only(":ConfigMapPatch")[0]?.inputs.data).toMatchObject({ "4040": entry });
  });
});

describe("components that expose targets without ingress-nginx", () => {
  const names = { peer: "bp2", replication: "blue", service: "s", namespace: "ditto", port: "4117" };
  const backend = { namespace: "ditto", service: "s", port: 4040 };
  const target = { object: "blue-bp2-exposed", port: 4117, names, backend };

  test("ServiceExposure: makes a Service that nobody waits for, with the selector that another resource may give", async () => {
    await made(
      () =>
        new ServiceExposure("blue-bp2", {
          service: { type: "LoadBalancer", settings: { class: "internal" } },
          target,
          selector: output({ app: "blue" }),
          targetPort: "sync",
        }),
    );
    expect(only(":Service")).toMatchObject([
      {
        name: "blue-bp2-service",
        inputs: {
          metadata: { name: "blue-bp2-exposed", annotations: { "pulumi.com/skipAwait": "true" } },
          spec: {
            loadBalancerClass: "internal",
            selector: { app: "blue" },
            ports: [{ port: 4117, targetPort: "sync" }],
          },
        },
      },
    ]);
    expect(only(":ServiceExposure")[0]?.type).toBe("bigpeer:index:ServiceExposure");
  });

  test("GatewayExposure: makes a Gateway only where it is ours", async () => {
    const settings = { name: "tcp", namespace: "infra", listener: "bigpeer-{port}", routeVersion: "v1" } as const;
    const gateway = { ...settings, name: output("tcp"), namespace: output("infra"), listeners: "listenerSet" } as const;
    await made(() => new GatewayExposure("theirs", { gateway, targets: [target] }));
    expect(only(":ListenerSet")[0]?.inputs).toMatchObject({ spec: { parentRef: { name: "tcp", namespace: "infra" } } });
    expect(registered.map(({ name, type }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
      "GatewayExposure theirs",
      "ListenerSet theirs/blue-bp2-exposed-listener",
      "TCPRoute theirs/blue-bp2-exposed",
    ]);
    registered = [];
    const own = { ...settings, listeners: "gateway", className: "envoy" } as const;
    await made(() => new GatewayExposure("ours", { gateway: own, targets: [target] }));
    expect(registered.map(({ name, type }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
      "Gateway ours-gateway",
      "GatewayExposure ours",
      "TCPRoute ours/blue-bp2-exposed",
    ]);
  });

  test("TransportServerExposure: leaves the list of listeners alone unless it is ours", async () => {
    const controller = { namespace: "nginx-ingress", service: "nginx-ingress", globalConfiguration: "nginx" };
    await made(
      () => new TransportServerExposure("check", { controller: { ...controller, manage: "check" }, targets: [target] }),
    );
    expect(only(":GlobalConfigurationPatch")).toEqual([]);
    expect(only(":TransportServer")[0]?.inputs).toMatchObject({ spec: { listener: { name: "bigpeer-4117" } } });
    expect(only(":ServicePatch")[0]?.inputs).toMatchObject({ spec: { ports: [{ name: "bigpeer-4117" }] } });
    await made(
      () =>
        new TransportServerExposure("own", { controller: { ...controller, manage: "listeners" }, targets: [target] }),
    );
    expect(only(":GlobalConfigurationPatch")[0]?.inputs).toMatchObject({
      metadata: { name: "nginx", namespace: "nginx-ingress" },
      spec: { listeners: [{ name: "bigpeer-4117", port: 4117, protocol: "TCP" }] },
    });
  });
});

test("the owner's change is the last to every object of every component, and `nodes` gives the resource behind it", async () => {
  const transform = (manifest: Manifest): Manifest => ({
    ...manifest,
    metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, team: "sync" } },
  });
  const names: string[] = [];
  const base = { namespace: "ditto", certificates };
  await made(() => {
    const nodes = [
      new BigPeer("bp1", { ...base, name: "bp1", settings: { version: "1.63.2" }, transform: { bigPeer: transform } })
        .nodes.bigPeer,
      new BigPeerApp("cars", { ...base, name: "cars", peer: "bp1", id: "an ID", transform: { app: transform } }).nodes
        .app,
      ...Object.values(
        new Replication("blue", {
          sides: [{ peer: "bp1", namespace: "ditto", name: "blue-bp1", app: "cars" }],
          transform: { replication: transform },
        }).nodes,
      ),
    ];
    const trust = new CaTrust("trust", {
      ...base,
      peer: "bp1",
      trusts: [{ peer: "bp2", secret: "bp1-trusts-bp2", certificates: "PEM" }],
      transform: { secret: transform, patch: transform },
    });
    const exposure = new TcpExposure("west", {
      controller: { namespace: "edge", service: "front", configMap: "tcp" },
      exposures: [],
      currentArguments: [],
      transform: { configMap: transform, service: transform, deployment: transform },
    });
    const { configMap, service, deployment } = exposure.nodes;
    for (const node of [
      ...nodes,
      ...Object.values(trust.nodes.secrets),
      trust.nodes.patch,
      configMap,
      service,
      deployment,
    ])
      node?.urn.apply((urn) => names.push(urn));
  });
  const objects = registered.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects.filter(({ inputs }) => !JSON.stringify(inputs.metadata).includes('"team":"sync"'))).toEqual([]);
  expect(objects).toHaveLength(8);
  await expect.poll(() => new Set(names).size).toBe(8);
});

/** What fails a program that nobody waits for. It is taken from the test runner, which would take it for a fault of the test. */
async function rejectionsIn(run: () => Promise<unknown>): Promise<string[]> {
  const messages = new Set<string>();
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => messages.add(reason instanceof Error ? reason.message : String(reason)));
  try {
    await run();
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  return [...messages];
}

function promiseOf<T>(value: import("@pulumi/pulumi").Output<T> | undefined): Promise<T | undefined> {
  return new Promise((resolve) => (value ? value.apply(resolve) : resolve(undefined)));
}
