import { runtime } from "@pulumi/pulumi";
import { beforeEach, expect, test, vi } from "vitest";
import { createCa } from "../../../lab/operator/authority.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly provider: string | undefined;
}

const { certificate } = await createCa("a CA");
vi.mock("../../../kubernetes/secret-key.ts", () => ({
  secretsApi: () => ({}),
  readSecretKey: async () => certificate,
}));
/** The operator's Service of a replication; nothing else is there. */
const service = {
  spec: { selector: { "ditto.live/pods-of": "red-cars" }, ports: [{ port: 4040, targetPort: "sync" }] },
};
vi.mock("../../../kubernetes/read-object.ts", () => ({
  readObject: async (_: unknown, { kind }: { kind: string }) => (kind === "Service" ? service : undefined),
}));

let registered: Registered[] = [];
/** What other stacks export, by the names of the references. */
let exported: Record<string, unknown> = {};
await runtime.setMocks(
  {
    newResource({ type, name, inputs, provider }) {
      registered.push({ type, name, inputs, provider });
      const reference = type === "pulumi:pulumi:StackReference";
      const outputs = reference ? { outputs: { topology: exported[name] }, secretOutputNames: [] } : {};
      return { id: `${name}-id`, state: { ...inputs, ...outputs } };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "dev",
  true,
);

beforeEach(() => {
  registered = [];
  exported = {};
  runtime.setAllConfig({});
  vi.resetModules();
});

/** The objects of a kind, each by its name in Kubernetes. */
const objects = (kind: string) =>
  registered
    .filter(({ type }) => type.startsWith("kubernetes:") && type.endsWith(`:${kind}`))
    .map(({ name, inputs, provider }) => ({ name, ...inputs, provider: provider?.split("::").at(-2) }));
const count = (kind: string, expected: number) => expect.poll(() => objects(kind).length).toBe(expected);

test("one way: only the receiver subscribes and dials, and the source is exposed by a Service of its own", async () => {
  await import("../../../examples/one-way/index.ts");
  await count("BigPeerReplication", 2);
  const sides = objects("BigPeerReplication");
  expect(sides).toContainEqual(
    expect.objectContaining({
      metadata: expect.objectContaining({ name: "red-cars-bp1", namespace: "ditto" }),
      spec: { connections: [], queriesByCollection: {} },
      provider: "source",
    }),
  );
  await count("Service", 1);
  const [exposing] = objects("Service");
  expect(exposing).toMatchObject({ spec: { selector: service.spec.selector, ports: [{ targetPort: "sync" }] } });
  const port = Reflect.get(Reflect.get(Reflect.get(exposing ?? {}, "spec") ?? {}, "ports")?.[0] ?? {}, "port");
  expect(sides).toContainEqual(
    expect.objectContaining({
      spec: {
        connections: [`red-cars.source.example.com:${port}`],
        queriesByCollection: { cars: ["color = 'red'"] },
      },
      provider: "closed",
    }),
  );
});

test("hub and edges: every edge dials the hub and trusts it alone, and the hub trusts each edge", async () => {
  runtime.setAllConfig({ "bigpeer-topology:edges": JSON.stringify(["store-1", "store-2", "store-3"]) });
  await import("../../../examples/hub-and-edges/index.ts");
  await count("BigPeerReplication", 4);
  await count("Secret", 6);
  const dialling = objects("BigPeerReplication").filter(({ name }) => name !== "shop-hub/hub");
  const addresses = dialling.map((each) => JSON.stringify(Reflect.get(each, "spec").connections));
  expect(new Set(addresses).size).toBe(1);
  expect(addresses[0]).toMatch(/^\["hub\.example\.com:4\d{3}"]$/);
  const secrets = objects("Secret").map((each) => Reflect.get(each, "metadata").name);
  expect(secrets.sort()).toEqual(
    ["store-1", "store-2", "store-3"].flatMap((store) => [`hub-trusts-${store}`, `${store}-trusts-hub`]).sort(),
  );
  expect(dialling.map(({ provider }) => provider).sort()).toEqual(["store-1", "store-2", "store-3"]);
});

test("two stacks: the east takes certificate, app ID and address from what the west exports", async () => {
  const west = await import("../../../examples/two-stacks/west/index.ts");
  const { output } = await import("@pulumi/pulumi");
  exported = { west: await new Promise((resolve) => output(west.topology).apply(resolve)) };
  await count("BigPeerReplication", 1);
  expect(JSON.stringify(exported.west)).toContain("BEGIN CERTIFICATE");
  registered = [];
  await import("../../../examples/two-stacks/east/index.ts");
  await count("BigPeerReplication", 1);
  expect(objects("BigPeerReplication")[0]).toMatchObject({
    spec: { connections: [expect.stringMatching(/^bp\.west\.example\.com:4\d{3}$/)] },
  });
  expect(objects("BigPeerApp")[0]).toMatchObject({ spec: { appId: "2164bef3-37c0-489c-9ac6-c94b034525d7" } });
  await count("Secret", 1);
  expect(JSON.stringify(objects("Secret"))).toContain(Buffer.from(certificate).toString("base64").slice(0, 40));
});
