import { expect, test } from "vitest";
import { initLabStacks, planForLab } from "../../../cli/stacks/lab-stacks.ts";
import { LabError } from "../../../lab/lab-error.ts";
import { loadPlan, planText } from "../../../topology/check.ts";

const topology = `
environment: development
clusters:
  east: { stack: mine-east, ingress: { host: bp.east.example.com } }
  west: { stack: mine-west }
peers:
  bp1: { cluster: east, version: 1.63.2, api: "https://bp1.example.com", auth: { playground: { token: { config: shared } } } }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp2, bp1], queries: { cars: "color = 'blue'" } }
`;

function recorder() {
  const stacks: Record<string, unknown> = {};
  const init = async (stack: string, configuration = "{}") => {
    stacks[stack] = JSON.parse(configuration).config;
  };
  return { stacks, init };
}

test("a topology that names a kubeconfig never runs on the lab, since it would be written to that cluster", () => {
  const { plan } = planText(topology.replace("west: { stack", "west: { kubeconfig: ~/.kube/config, stack"));
  expect(() => planForLab(plan)).toThrow(LabError);
  expect(() => planForLab(plan)).toThrow(/sets clusters\.west\.kubeconfig, so this would write to a cluster of yours/);
});

test("verify on the lab never goes to the URL of a running Big Peer", () => {
  expect(planForLab(planText(topology).plan).peers.get("bp1")?.settings.api).toBeUndefined();
});

test("a topology that no stack of the project has gets a stack for each that its clusters name, and values for its secrets", async () => {
  const engine = recorder();
  expect(await initLabStacks(engine, planText(topology).plan, "/somewhere/mine.yaml", process.cwd())).toEqual([
    "mine-east",
    "mine-west",
  ]);
  const shared = expect.stringMatching(/^[0-9a-f]{48}$/);
  expect(engine.stacks).toEqual({
    "mine-east": { "bigpeer:topology": "/somewhere/mine.yaml", "bigpeer:shared": shared },
    "mine-west": { "bigpeer:topology": "/somewhere/mine.yaml", "bigpeer:shared": shared },
  });
});

test("clusters that name no stack go to a stack of their own, which lists them where others are named", async () => {
  const mixed = recorder();
  await initLabStacks(
    mixed,
    planText(topology.replace("stack: mine-east, ", "")).plan,
    "/somewhere/mine.yaml",
    process.cwd(),
  );
  expect(mixed.stacks).toMatchObject({ dev: { "bigpeer:clusters": ["east"] } });
  expect(mixed.stacks["mine-west"]).not.toHaveProperty("bigpeer:clusters");
  const unsaid = recorder();
  const { plan } = planText(topology.replace(/stack: mine-\w+,? ?/g, ""));
  expect(await initLabStacks(unsaid, plan, "/somewhere/mine.yaml", process.cwd())).toEqual(["dev"]);
  expect(unsaid.stacks.dev).not.toHaveProperty("bigpeer:clusters");
});

test("a topology of the project is split as the project's own stacks split it", async () => {
  const engine = recorder();
  const file = "topologies/two-clusters.yaml";
  expect(await initLabStacks(engine, loadPlan(file).plan, file, process.cwd())).toEqual(["dev-east", "dev-west"]);
  // Which cluster is whose, the topology says.
  for (const stack of ["dev-east", "dev-west"]) expect(engine.stacks[stack]).not.toHaveProperty("bigpeer:clusters");
});
