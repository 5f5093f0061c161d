import { runtime } from "@pulumi/pulumi";
import { beforeEach, expect, test, vi } from "vitest";

/** Provider by the name of a BigPeerReplication. */
let providers: Record<string, string | undefined> = {};
await runtime.setMocks(
  {
    newResource({ type, name, inputs, provider }) {
      if (type.endsWith(":BigPeerReplication")) providers[name] = provider;
      return { id: `${name}-id`, state: inputs };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);
const { log } = await import("@pulumi/pulumi");
const { Provider } = await import("@pulumi/kubernetes");
const { BigPeerApp } = await import("../../../components/big-peer-app.ts");
const { Replication } = await import("../../../components/replication.ts");

const warnings: string[] = [];
vi.spyOn(log, "warn").mockImplementation(async (message) => {
  warnings.push(message);
});
beforeEach(() => {
  providers = {};
  warnings.length = 0;
});

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const [east, west] = [new Provider("east", { context: "east" }), new Provider("west", { context: "west" })];
const placed = { bp1: { peer: "bp1", namespace: "ditto" }, bp2: { peer: "bp2", namespace: "ditto" } };

async function provided(): Promise<void> {
  await vi.waitFor(() => expect(Object.keys(providers)).toHaveLength(2), { timeout: 30_000 });
}

test("each side goes into the cluster of its app, and no side names a provider", async () => {
  const cars1 = new BigPeerApp("cars-1", { ...placed.bp1, id }, { provider: east });
  const cars2 = new BigPeerApp("cars-2", { ...placed.bp2, id }, { provider: west });
  new Replication("by-apps", {
    sides: [
      { ...placed.bp1, app: cars1 },
      { ...placed.bp2, app: cars2 },
    ],
  });
  await provided();
  expect(providers).toEqual({
    "by-apps/bp1": expect.stringContaining("::east::"),
    "by-apps/bp2": expect.stringContaining("::west::"),
  });
  expect(warnings).toEqual([]);
});

test("`provider` of a side, as 0.1.0 had it, still works, and is warned of once", async () => {
  new Replication("by-sides", {
    sides: [
      { ...placed.bp1, app: "cars-1", provider: east },
      { ...placed.bp2, app: "cars-2", provider: west },
    ],
  });
  await provided();
  expect(providers).toEqual({
    "by-sides/bp1": expect.stringContaining("::east::"),
    "by-sides/bp2": expect.stringContaining("::west::"),
  });
  expect(warnings).toEqual([expect.stringMatching(/^`provider` of a side is deprecated: pass the app/)]);
});
