import { isSecret, output, runtime } from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import { planText } from "../../../topology/check.ts";

let made: string[] = [];
await runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      made.push(`${type.split(":").at(-1)} ${name}`);
      return { id: name, state: { ...inputs, result: `generated ${name}` } };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);
const { appValues } = await import("../../../program/app-values.ts");

const file = `
environment: development
clusters:
  east: { stack: dev-east, ingress: { host: bp.east.example.com } }
  west: { stack: dev-west }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2], auth: { playground: {} } }
replications:
  blue-cars: { app: cars, between: [bp2, bp1], queries: { cars: "color = 'blue'" } }
`;
const { plan } = planText(file);
const exported = {
  contract: 1 as const,
  peers: {},
  replications: {},
  exposures: {},
  apps: { cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7" } },
  trusted: {},
  dialled: {},
};
const nothing = { name: "test", exports: undefined, reason: "it is new", next: "pulumi up" };
const secrets = { topology: "t.yaml", clusters: undefined, kubeconfig: undefined, secret: () => "given" };
const values = (cluster: string, others: Parameters<typeof appValues>[2]["others"], before = nothing) =>
  appValues(plan, new Set([cluster]), { others, before }, secrets);

/** The ID and the token of the app, once all that is made has been made. */
const settled = (found: ReturnType<typeof appValues>) => {
  const { id, token } = found.values.get("cars") ?? {};
  return new Promise((resolve) => output([id, token]).apply(resolve));
};

beforeEach(() => {
  made = [];
});

describe("the ID and the token of an app in two stacks", () => {
  test("are made by the stack of its first peer", async () => {
    const { values: found, pending } = values("east", new Map([["west", nothing]]));
    const { id, token } = found.get("cars") ?? {};
    const shown = await new Promise((resolve) => output([id, token]).apply(resolve));
    expect(shown).toEqual(["generated cars-id", "generated cars-token"]);
    expect(made.toSorted()).toEqual(["RandomPassword cars-token", "RandomUuid cars-id"]);
    expect(await isSecret(output(token))).toBe(true);
    expect(pending).toEqual([]);
  });

  test("are read by every other, which makes none", async () => {
    const east = { name: "dev-east", exports: exported, tokens: { cars: "the token" } };
    const { values: found, pending } = values("west", new Map([["east", east]]));
    const { id, token } = found.get("cars") ?? {};
    const shown = await new Promise((resolve) => output([id, token]).apply(resolve));
    expect(shown).toEqual([exported.apps.cars.id, "the token"]);
    expect(await isSecret(output(token))).toBe(true);
    expect([made, pending]).toEqual([[], []]);
  });

  test("are pending, and not made twice, while that stack has only half of them", () => {
    const half = { name: "dev-east", exports: exported, tokens: {} };
    const { values: found, pending } = values("west", new Map([["east", half]]));
    expect(found.size).toBe(0);
    expect(made).toEqual([]);
    expect(pending).toEqual([
      {
        what: 'token of app "cars"',
        reason: 'the stack "dev-east" has not generated it yet',
        next: "pulumi up --stack dev-east",
      },
    ]);
  });

  test("stay those of the stack that made them when another peer is the first", async () => {
    const before = { name: "dev-east", exports: { ...exported, generated: ["cars"] }, tokens: {} };
    const turned = planText(file.replace("peers: [bp1, bp2]", "peers: [bp2, bp1]")).plan;
    const east = appValues(turned, new Set(["east"]), { others: new Map([["west", nothing]]), before }, secrets);
    expect(await settled(east)).toEqual([exported.apps.cars.id, "generated cars-token"]);
    expect([east.generated, made.toSorted()]).toEqual([["cars"], ["RandomPassword cars-token", "RandomUuid cars-id"]]);
    made = [];
    const itself = { name: "dev-west", exports: { ...exported, generated: [] }, tokens: { cars: "the token" } };
    const known = { others: new Map([["east", { ...before, tokens: { cars: "the token" } }]]), before: itself };
    const west = appValues(turned, new Set(["west"]), known, secrets);
    expect(await settled(west)).toEqual([exported.apps.cars.id, "the token"]);
    expect([west.generated, made]).toEqual([[], []]);
  });

  test.each([
    ["begins anew", nothing],
    ["was interrupted, and has no outputs", { ...nothing, reason: 'the stack "dev-east" has no outputs yet' }],
  ])(
    "the ID is the one that any other stack knows when the stack that made it %s; it stays in its state",
    async (_, before) => {
      const west = { name: "dev-west", exports: exported, tokens: { cars: "the token" } };
      const east = values("east", new Map([["west", west]]), before);
      expect(await settled(east)).toEqual([exported.apps.cars.id, "generated cars-token"]);
      expect([east.generated, made.toSorted()]).toEqual([
        ["cars"],
        ["RandomPassword cars-token", "RandomUuid cars-id"],
      ]);
    },
  );

  test("are not generated while a stack that may know them cannot be read, and it is said why", () => {
    const reason = 'the stack "dev-west" cannot be read: 403';
    const away = { name: "dev-west", exports: undefined, unreadable: true, reason, next: "log in" };
    const east = values("east", new Map([["west", away]]));
    expect(made).toEqual([]);
    expect(east.values.size).toBe(0);
    expect(east.pending).toEqual([{ what: 'ID of app "cars"', reason, next: "log in" }]);
  });

  test("wait for a token that another stack has said and this one cannot decrypt, with that as the reason", () => {
    const sealed = { name: "dev-east", exports: exported, tokens: {}, tokensUnread: "it is sealed" };
    const west = values("west", new Map([["east", sealed]]));
    expect(west.pending).toMatchObject([{ what: 'token of app "cars"', reason: "it is sealed" }]);
    expect(west.pending[0]?.next).toMatch(/PULUMI_CONFIG_PASSPHRASE/);
  });

  test("stay in the state when the topology names the ID later, since they are protected", async () => {
    const pinned = planText(file.replace("cars: { peers", `cars: { id: ${exported.apps.cars.id}, peers`)).plan;
    const before = { name: "dev-east", exports: { ...exported, generated: ["cars"] }, tokens: {} };
    const east = appValues(pinned, new Set(["east"]), { others: new Map(), before }, secrets);
    expect(await settled(east)).toEqual([exported.apps.cars.id, "generated cars-token"]);
    expect(made).toContain("RandomUuid cars-id");
  });

  test("stay with the first peer's stack after a release that kept no list of them", async () => {
    const before = { name: "dev-east", exports: exported, tokens: {} };
    const east = appValues(plan, new Set(["east"]), { others: new Map(), before }, secrets);
    expect(await settled(east)).toEqual([exported.apps.cars.id, "generated cars-token"]);
    expect([east.generated, made.toSorted()]).toEqual([["cars"], ["RandomPassword cars-token", "RandomUuid cars-id"]]);
  });
});
