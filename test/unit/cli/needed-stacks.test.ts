import { expect, test } from "vitest";
import { neededStacks, type StackFacts } from "../../../cli/stacks/needed-stacks.ts";
import { createCa } from "../../../lab/operator/authority.ts";
import { readFingerprint } from "../../../program/read-fingerprint.ts";
import { type StackExports, stackExports } from "../../../program/stack-exports.ts";
import { planText } from "../../../topology/check.ts";
import { shareFingerprint } from "../../../topology/objects/stack-share.ts";

const text = (auth = "", version = "1.63.2") => `
environment: development
clusters:
  hub: { stack: hub, exposure: { loadBalancer: {} } }
  north: { stack: north, inbound: none }
  south: { stack: south, inbound: none }
peers:
  hub: { cluster: hub, version: 1.63.2 }
  north: { cluster: north, version: ${version} }
  south: { cluster: south, version: 1.63.2 }
apps:
  shop: { peers: [hub, north, south]${auth} }
replications:
  orders: { app: shop, hub: hub, spokes: [north, south], up: { orders: "paid = true" } }
`;
const stacks = ["hub", "north", "south"] as const;
const authorities = { hub: await createCa("hub"), north: await createCa("north"), south: await createCa("south") };
const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";

/** Facts of an environment in which everything is as the last update of each stack has left it. */
function settled(topology = text()): Map<string, StackFacts> {
  const { plan } = planText(topology);
  const [exposure] = plan.exposures;
  const said = new Map(
    stacks.map((stack): [string, StackExports] => [
      stack,
      stackExports.parse({
        contract: 1,
        peers: { [stack]: { caCertificate: authorities[stack].certificate, api: "hub:80", cluster: stack } },
        replications: {},
        exposures: stack === "hub" ? { [exposure?.id ?? ""]: `192.0.2.7:${exposure?.port}` } : {},
        apps: { shop: { id } },
        generated: stack === "hub" ? ["shop"] : [],
        trusted: {},
      }),
    ]),
  );
  return new Map(
    stacks.map((stack) => {
      const owned = new Set([stack]);
      const exports = said.get(stack);
      const madeFrom = {
        share: shareFingerprint(plan, owned, exports?.generated ?? []),
        read: readFingerprint(plan, owned, (cluster) => said.get(cluster)),
        config: "config-1",
        program: "program-1",
      };
      return [
        stack,
        {
          settings: { name: { project: "p", stack }, clusters: undefined },
          config: "config-1",
          listed: { name: stack, lastUpdate: "2026-01-01T00:10:00.000Z", updateInProgress: false, resourceCount: 9 },
          state: {
            outputs: { topology: { ...exports, madeFrom }, pending: [] },
            unfinished: undefined,
            writtenAt: "2026-01-01T00:10:00Z",
            last: {
              kind: "update",
              result: "succeeded",
              startTime: "2026-01-01T00:09:00.000Z",
              endTime: "2026-01-01T00:10:00.000Z",
            },
          },
        },
      ];
    }),
  );
}

/** The same facts with something else about one stack. */
function but(
  stack: string,
  change: (facts: StackFacts) => Partial<StackFacts>,
  facts = settled(),
): Map<string, StackFacts> {
  const before = facts.get(stack);
  if (!before) throw new Error(stack);
  return new Map([...facts, [stack, { ...before, ...change(before) }]]);
}

function state(change: Partial<NonNullable<StackFacts["state"]>>) {
  return (facts: StackFacts): Partial<StackFacts> => (facts.state ? { state: { ...facts.state, ...change } } : {});
}

function exported(change: Partial<StackExports>) {
  return (facts: StackFacts): Partial<StackFacts> => {
    const { topology, ...outputs } = facts.state?.outputs ?? {};
    return state({ outputs: { ...outputs, topology: { ...Object(topology), ...change } } })(facts);
  };
}

const needed = (facts: Map<string, StackFacts>, topology = text(), program: string | undefined = "program-1") =>
  Object.fromEntries(neededStacks(planText(topology).plan, facts, program));

test("stacks whose next update would be made from the same as the last one need nothing", () => {
  expect(needed(settled())).toEqual({});
});

test("a change of one site starts its stack, and no other", () => {
  expect(needed(settled(), text("", "1.64.0"))).toEqual({ north: "its part of the topology has changed" });
});

test.each<[string, (facts: StackFacts) => Partial<StackFacts>, RegExp]>([
  ["was never deployed", () => ({ listed: undefined, state: undefined }), /not been deployed/],
  ["is being updated", ({ listed }) => ({ listed: listed && { ...listed, updateInProgress: true } }), /in progress/],
  ["cannot be read", () => ({ state: undefined }), /could not be read/],
  ["was interrupted", state({ unfinished: "an operation was interrupted" }), /interrupted/],
  ["was last updated by a release that said nothing of it", exported({ madeFrom: undefined }), /do not say/],
  ["has outputs of another form", state({ outputs: { topology: { contract: 2 }, pending: [] } }), /do not say/],
  ["has no history", state({ last: undefined }), /no history/],
  ["has something pending", exportedPending, /pending/],
  [
    "does not say what is pending",
    (facts) => state({ outputs: { topology: facts.state?.outputs.topology } })(facts),
    /pending/,
  ],
  ["has another configuration", () => ({ config: "config-2" }), /configuration/],
  ["has a configuration that only Pulumi Cloud knows", () => ({ config: undefined }), /configuration/],
])("a stack is started if it %s", (_, change, reason) => {
  expect(needed(but("north", change)).north).toMatch(reason);
});

function exportedPending(facts: StackFacts): Partial<StackFacts> {
  return state({ outputs: { ...facts.state?.outputs, pending: [{ what: "a", reason: "b", next: "c" }] } })(facts);
}

test.each([
  ["its last update failed", { result: "failed" }, /is failed/],
  ["it was refreshed, which may have found drift", { kind: "refresh" }, /not an update but: refresh/],
  ["its state was written long after its last update", { endTime: "2026-01-01T00:01:00.000Z" }, /edited after/],
])("a stack is started if %s", (_, change, reason) => {
  const facts = but("south", (before) => {
    const last = before.state?.last;
    return last ? state({ last: { ...last, ...change } })(before) : {};
  });
  expect(needed(facts)).toEqual({ south: expect.stringMatching(reason) });
});

test("another version of the program starts every stack, and so does one of which nothing is known", () => {
  for (const program of ["program-2", undefined]) expect(Object.keys(neededStacksOf(program))).toEqual([...stacks]);
});

function neededStacksOf(program: string | undefined) {
  return Object.fromEntries(neededStacks(planText(text()).plan, settled(), program));
}

test("a peer's new CA starts those who trust it", async () => {
  const { certificate: caCertificate } = await createCa("north");
  const peers = { north: { caCertificate, api: "hub:80", cluster: "north" } };
  expect(needed(but("north", exported({ peers })))).toEqual({ hub: expect.stringContaining("exported something new") });
});

test("a load balancer's new address starts those who dial it", () => {
  const { plan } = planText(text());
  const exposures = Object.fromEntries(plan.exposures.map(({ id, port }) => [id, `192.0.2.8:${port}`]));
  expect(Object.keys(needed(but("hub", exported({ exposures }))))).toEqual(["north", "south"]);
});

test("a stack that takes a token from another is started if that one was updated later, since nobody can compare the token", () => {
  const playground = text(", auth: { playground: {} }");
  const early = but("hub", state({ writtenAt: "2026-01-01T00:01:00Z" }), settled(playground));
  expect(needed(early, playground)).toEqual({});
  const later = settled(playground);
  expect(Object.keys(needed(later, playground))).toEqual(["north", "south"]);
  expect(needed(later, playground).north).toContain("token");
});
