import { runtime } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { TopologyTransforms } from "../../../components/topology-transforms.ts";
import { topologySchema } from "../../../topology/file/schema.ts";
import { planTopology } from "../../../topology/plan/plan-topology.ts";

interface Registered {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

let registered: Registered[] = [];
await runtime.setMocks({
  newResource({ type, name, inputs }) {
    if (type.startsWith("kubernetes:")) registered.push({ type, inputs });
    return { id: `${name}-id`, state: inputs };
  },
  call: ({ inputs }) => inputs,
});

const { Provider } = await import("@pulumi/kubernetes/provider.js");
const { exposeTargets, ownedControllers } = await import("../../../program/exposures.ts");
const { exposeWays, ownedWays } = await import("../../../program/ways.ts");
const { FormerNames } = await import("../../../program/renamed-clusters.ts");

/** A cluster in which everything that exposes targets is installed. */
async function live(kind: string, _: string, name: string): Promise<unknown> {
  switch (kind) {
    case "Service":
      return { spec: { selector: { app: "blue" }, ports: [{ name: "sync", port: 4040, targetPort: 4040 }] } };
    case "Deployment":
      return { spec: { template: { spec: { containers: [{ name: "controller", args: ["/nginx"] }] } } } };
    case "CustomResourceDefinition": {
      const [plural = "", ...group] = name.split(".");
      const versions = ["v1", "v1alpha2"].map((version) => ({ name: version, served: true }));
      return { metadata: { name }, spec: { group: group.join("."), names: { kind: plural }, versions } };
    }
    case "Gateway":
      return { spec: { allowedListeners: { namespaces: { from: "All" } } } };
    case "ServiceList":
      return { items: [] };
    default:
      return kind === "GatewayClass" ? {} : undefined;
  }
}

/** Every change that the owner can make to what exposes targets, each marking what it has got. */
const transform: TopologyTransforms = Object.fromEntries(
  [
    ...["exposedService", "controllerPorts", "tcpServices", "controllerArguments", "gateway", "listenerSet", "route"],
    ...["transportServer", "globalConfiguration"],
  ].map((key): [string, NonNullable<TopologyTransforms["route"]>] => [
    key,
    (manifest) => ({ ...manifest, metadata: { ...manifest.metadata, labels: { changed: key } } }),
  ]),
);

test.each([
  [
    { ingressNginx: { manage: "arguments", ports: "4100-4200" } },
    ["controllerArguments", "controllerPorts", "tcpServices"],
  ],
  [{ loadBalancer: { ports: "4100-4200" } }, ["exposedService"]],
  [{ nodePort: { host: "nodes.example.com" } }, ["exposedService"]],
  [{ gateway: { name: "tcp", namespace: "infra" } }, ["listenerSet", "route"]],
  [{ gateway: { name: "own", namespace: "ditto", listeners: "gateway", className: "envoy" } }, ["gateway", "route"]],
  [
    { transportServer: { manage: "listeners", ports: "4100-4200" } },
    ["controllerPorts", "globalConfiguration", "transportServer"],
  ],
])("the owner's change reaches what exposes targets by %j", async (exposure, changed) => {
  registered = [];
  const version = "1.63.2";
  const plan = planTopology(
    topologySchema.parse({
      environment: "development",
      clusters: { east: {}, west: { exposure } },
      peers: { bp1: { cluster: "east", version }, bp2: { cluster: "west", version } },
      apps: { cars: { peers: ["bp1", "bp2"] } },
      replications: { blue: { app: "cars", between: ["bp1", "bp2"], queries: { cars: "true" } } },
    }),
  );
  const owned = new Set(["west"]);
  const readers = new Map([["west", live]]);
  const providers = new Map([["west", new Provider("west")]]);
  const former = new FormerNames(plan, undefined);
  exposeTargets(plan, await ownedControllers(plan, owned, readers), providers, former, transform);
  exposeWays(await ownedWays(plan, owned, readers), providers, former, transform);
  await expect
    .poll(() => registered.map(({ inputs }) => Object(Object(inputs.metadata).labels).changed).sort())
    .toEqual(changed);
});
