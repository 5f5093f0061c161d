import { runtime } from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

let registered: Registered[] = [];
/** What the stack has exported after its last update. */
let exported: Record<string, unknown> = {};
await runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      registered.push({ type, name, inputs });
      return { id: `${name}-id`, state: { ...inputs, result: "generated" } };
    },
    call: ({ token, inputs }) =>
      token === "pulumi:pulumi:readStackOutputs" ? { ...inputs, outputs: exported } : { ...inputs },
  },
  "bigpeer-topology",
  "test",
  true,
  "organization",
);

const { output, secret } = await import("@pulumi/pulumi");
const { unknown } = await import("@pulumi/pulumi/output.js");
const { BigPeerTopology } = await import("../../../components/big-peer-topology.ts");
const { settledTopology } = await import("../../../components/topology-inputs.ts");
type TopologyArgs = import("../../../components/topology-args.ts").TopologyArgs;

/** As another resource of the same program gives it in a preview. */
const notYet = (): import("@pulumi/pulumi").Output<string> => output(unknown).apply(String);

const version = "1.63.2";
const cars = { id: "2164bef3-37c0-489c-9ac6-c94b034525d7", peers: ["bp1", "bp2"] };
const blueCars = { app: "cars", between: ["bp1", "bp2"], queries: { cars: "color = 'blue'" } };

function twoClusters(change: Partial<TopologyArgs> = {}): TopologyArgs {
  return {
    environment: "development",
    clusters: {
      east: { kubeconfig: notYet() },
      west: { kubeconfig: notYet(), exposure: { address: { host: "bp.west.example.com" } } },
    },
    peers: { bp1: { cluster: "east", version }, bp2: { cluster: "west", version } },
    apps: { cars },
    replications: { "blue-cars": blueCars },
    ...change,
  };
}

const only = (kind: string) => registered.filter(({ type }) => type.endsWith(kind));
const named = (kind: string, name: string) => only(kind).find((each) => each.name === name)?.inputs;

beforeEach(() => {
  registered = [];
  exported = {};
});

describe("a topology in a program", () => {
  test("is previewed with the clusters that come with the same update, and says what it does not know yet", async () => {
    const topology = new BigPeerTopology("prod", { topology: twoClusters() });
    const pending = await known(topology.pending);
    expect(pending.map(({ what }) => what)).toEqual([
      "the value of clusters.east.kubeconfig",
      "the value of clusters.west.kubeconfig",
    ]);
    await expect.poll(() => only(":BigPeerReplication").length).toBe(2);
    expect(only(":BigPeer").map(({ name }) => name)).toEqual(expect.arrayContaining(["east/bp1", "west/bp2"]));
    expect(named(":BigPeerReplication", "east/blue-cars/bp1")).toMatchObject({
      spec: { connections: ["bp.west.example.com:4040"] },
    });
  });

  test("gives an object the value that a resource has for it, and nothing in its place", async () => {
    const clusters = twoClusters().clusters;
    const namespace = notYet();
    new BigPeerTopology("prod", {
      topology: twoClusters({
        clusters: { ...clusters, east: { ...clusters.east, namespace } },
        peers: {
          bp1: {
            cluster: "east",
            version,
            spec: { cdc: { clientSecret: secret("hunter2"), sink: output("kafka:9092") } },
          },
          bp2: { cluster: "west", version, namespace: output("ditto-west") },
        },
      }),
    });
    await expect.poll(() => only(":BigPeerReplication").length).toBe(2);
    expect(JSON.stringify(registered)).not.toMatch(/not-known|\$\(prod/);
    const bp1 = JSON.stringify(named("ditto.live/v1alpha1:BigPeer", "east/bp1"));
    expect(bp1).toContain("hunter2");
    expect(bp1).toContain('"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270"');
    expect(bp1).toContain("kafka:9092");
    expect(named("ditto.live/v1alpha1:BigPeer", "west/bp2")).toMatchObject({
      metadata: { namespace: "ditto-west" },
    });
    // Pulumi's provider refuses a patch without a name.
    expect(named(":BigPeerPatch", "east/bp1-trust")).toMatchObject({ metadata: { name: "bp1" } });
  });

  test("fills in the placeholders of an annotation that another resource gives, and passes a secret one on as it is", async () => {
    const annotations = { name: output("{peer}.example.com"), key: secret("hunter2"), later: notYet() };
    const exposure = { loadBalancer: { annotations } };
    const { value } = await settledTopology({ clusters: { west: { exposure } } }, "prod");
    const at = (key: string) => `$(prod.clusters.west.exposure.loadBalancer.annotations.${key})`;
    expect(value).toEqual({
      clusters: {
        west: {
          exposure: {
            loadBalancer: { annotations: { name: "{peer}.example.com", key: at("key"), later: at("later") } },
          },
        },
      },
    });
  });

  test("keeps the token of a playground a secret", async () => {
    const token = secret("hunter2");
    const peers = {
      bp1: { cluster: "east", version, auth: { playground: { token } } },
      bp2: { cluster: "west", version },
    };
    const topology = new BigPeerTopology("prod", { topology: twoClusters({ peers }) });
    await expect.poll(() => only(":BigPeerReplication").length).toBe(2);
    expect(JSON.stringify(named("ditto.live/v1alpha1:BigPeer", "east/bp1"))).toContain("hunter2");
    expect(await known(topology.declared)).not.toContain("hunter2");
  });

  test("refuses a secret where its value would be in a name or an address", async () => {
    const clusters = { ...twoClusters().clusters };
    const exposure = { address: { host: secret("bp.west.example.com") } };
    const topology = new BigPeerTopology("prod", {
      topology: twoClusters({ clusters: { ...clusters, west: { kubeconfig: notYet(), exposure } } }),
    });
    expect(await failureOf(topology)).toMatch(/clusters\.west\.exposure\.address\.host is a secret/);
    expect(registered.filter(({ type }) => type.startsWith("kubernetes:"))).toEqual([]);
  });

  test("with an error writes nothing, and says every finding with its place", async () => {
    const topology = new BigPeerTopology("prod", {
      topology: twoClusters({
        peers: { bp1: { cluster: "esat", version }, bp2: { cluster: "west", version } },
        apps: { cars: { ...cars, peers: ["bp1", "bp3"] } },
      }),
    });
    const failure = await failureOf(topology);
    expect(failure).toMatch(/nothing was written/);
    expect(failure).toMatch(/prod:\d+:\d+[\s\S]*esat/);
    expect(failure).toMatch(/bp3/);
    expect(registered.filter(({ type }) => type.startsWith("kubernetes:"))).toEqual([]);
  });

  test("makes what of it this stack owns", async () => {
    new BigPeerTopology("prod", { topology: twoClusters(), clusters: ["west"] });
    await expect.poll(() => only(":BigPeerReplication").length).toBe(1);
    expect(only("ditto.live/v1alpha1:BigPeer").map(({ name }) => name)).toEqual(["west/bp2"]);
  });

  test("refuses a cluster that it does not declare", async () => {
    const failure = await failureOf(new BigPeerTopology("prod", { topology: twoClusters(), clusters: ["wst"] }));
    expect(failure).toMatch(/names "wst", which the topology does not declare/);
  });

  // The last one: the test process has that stack from then on.
  test("is refused where the stack has one already, before anything is written", async () => {
    let second: unknown;
    await runtime.runInPulumiStack(async () => {
      new BigPeerTopology("prod", { topology: twoClusters() });
      try {
        new BigPeerTopology("other", { topology: twoClusters() });
      } catch (error) {
        second = error;
      }
    });
    expect(String(second)).toMatch(/this stack has the BigPeerTopology "prod" already, so it cannot have "other", too/);
    await expect.poll(() => only(":BigPeerTopology").map(({ name }) => name)).toEqual(["prod"]);
  });
});

function known<T>(value: import("@pulumi/pulumi").Output<T>): Promise<T> {
  return new Promise((resolve) => value.apply((found) => resolve(found)));
}

/** Why a component fails. What reads its outputs fails with it, and is taken from the test runner. */
async function failureOf(topology: InstanceType<typeof BigPeerTopology>): Promise<string> {
  const data: unknown = Reflect.get(topology, "__data");
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", () => {});
  try {
    return await Promise.resolve(data).then(
      () => "it has not failed",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
}
