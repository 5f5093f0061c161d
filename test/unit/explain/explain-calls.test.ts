import { expect, test } from "vitest";
import { formatExplanation } from "../../../cli/commands/explain.ts";
import { callsForProbes, callsForStatus, callText, explainLines, placeText } from "../../../explain/explain-calls.ts";
import { pathOf, probePod } from "../../../explain/probe-pod.ts";
import { statusOf } from "../../../status/report.ts";
import type { Observation } from "../../../status/status-row.ts";
import { planText } from "../../../topology/check.ts";
import { planProbes } from "../../../verify/probes.ts";

const spokes = ["s1", "s2", "s3", "s4", "s5"];
const { plan } = planText(`
clusters: { one: {} }
peers:
${["hub", ...spokes].map((name) => `  ${name}: { cluster: one, version: 1.63.2 }`).join("\n")}
apps: { cars: { peers: [hub, ${spokes.join(", ")}] } }
replications:
  star: { app: cars, hub: hub, spokes: [${spokes.join(", ")}], down: { cars: "true" } }
  pair: { app: cars, from: s1, to: s2, dial: to, queries: { cars: "true" } }
`);

function rows(down: readonly string[]) {
  const live: Observation["live"] = ({ name }) => ({
    object: { status: { conditions: [{ type: "Connected", status: down.includes(name) ? "False" : "True" }] } },
  });
  const seen: Observation = { deployed: () => ({ object: {} }), leftovers: () => [], live, caExpiry: new Map() };
  return statusOf(plan, seen);
}

test("status names the links that are not connected, in a direction in which documents flow, and many of a replication as one", () => {
  expect(callsForStatus(plan, rows([]))).toEqual([]);
  expect(callsForStatus(plan, rows(["pair-s2"]))).toEqual([{ replication: "pair", from: "s1", to: "s2" }]);
  expect(callsForStatus(plan, rows(["star-s3"]))).toEqual([{ replication: "star", from: "hub", to: "s3" }]);
  expect(callsForStatus(plan, rows(["star-hub"]))).toEqual([{ replication: "star" }]);
});

test("verify names the directions of failed documents, and not what came although it must not", () => {
  const results = planProbes(plan)
    .filter(({ replication }) => replication === "pair")
    .map((probe) => ({ probe, passed: false, milliseconds: 1, message: "did not arrive" }));
  expect(callsForProbes(results)).toEqual([{ replication: "pair", from: "s1", to: "s2" }]);
  const stayed = results.map((each) => ({ ...each, probe: { ...each.probe, expected: "stays away" as const } }));
  expect(callsForProbes(stayed)).toEqual([]);
});

test("a call names the topology as the command line did", () => {
  const call = { replication: "pair", from: "s1", to: "s2" };
  expect(callText(call, placeText("topologies/dev.yaml", undefined))).toBe(
    "npx bigpeer explain pair topologies/dev.yaml --from s1 --to s2",
  );
  expect(callText({ replication: "pair" }, placeText(undefined, "mine"))).toBe("npx bigpeer explain pair -s mine");
  expect(explainLines([], "")).toEqual([]);
  expect(
    explainLines(
      Array.from({ length: 7 }, () => call),
      "",
    ).at(-1),
  ).toBe("  and 2 more");
});

test("the text has a line for each layer, the first broken one with what mends it, and what was not judged", () => {
  const direction = { from: "s1", to: "s2" };
  const broken = { layer: "TCP", state: "broken", what: "nothing answers", mend: "open the port" } as const;
  const report = {
    ...{ replication: "pair", initiator: "s2", target: "s1", address: "x:1", directions: [direction], broken },
    layers: [
      { layer: "DNS", state: "unknown", what: "not resolved" } as const,
      broken,
      { layer: "document", state: "not tried", what: "no document was sent, since TCP is broken", direction } as const,
    ],
  };
  expect(formatExplanation([report]).split("\n")).toEqual([
    "pair: s2 dials s1 at x:1  (documents: s1 → s2)",
    "  ? DNS       not resolved",
    "  ✗ TCP       nothing answers",
    "  - document  no document was sent, since TCP is broken",
    "  first broken: TCP: nothing answers",
    "  fix: open the port",
    "",
    "1 link, 1 with a broken layer; not judged from here: DNS",
  ]);
});

test("what a pod's nc says is a name that is not resolved, a connection that fails, or one that is open", () => {
  expect(pathOf("there", "open\n")).toMatchObject({ connection: "open" });
  expect(pathOf("there", "closed nc: bad address 'bp.example.com'\n")).toEqual({
    where: "there",
    name: { failure: "nc: bad address 'bp.example.com'" },
  });
  expect(pathOf("there", "closed nc: bp (192.0.2.1:4040): Connection refused")).toMatchObject({
    name: { addresses: [] },
    connection: { failure: "nc: bp (192.0.2.1:4040): Connection refused" },
  });
});

test("the pod has no token, no rights, and no label by which a Service or a policy would take it for a Big Peer", () => {
  const { spec, metadata } = probePod("look", "busybox", { host: "$(reboot)", port: 4040 });
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    activeDeadlineSeconds: 60,
  });
  expect(Object.keys(metadata?.labels ?? {})).toEqual(["app.kubernetes.io/name"]);
  // The address is data of the script, and no part of it.
  expect(spec?.containers[0]?.command?.join(" ")).not.toContain("reboot");
});
