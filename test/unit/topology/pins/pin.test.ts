import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { TopologyError } from "../../../../topology/findings/finding.ts";
import { pinPorts } from "../../../../topology/pins/pin.ts";
import { givePorts } from "../../../../topology/plan/give-ports.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";

/** A topology in which each line is a replication that exposes `hub`. */
function topology(replications: readonly string[], ports = "4040-4059"): string {
  return `environment: development
clusters:
  east: { ingress: { host: bp.east.example.com, ports: ${ports} } }
  edge: { inbound: none }
peers:
  hub: { cluster: east, version: 1.63.2 }
  s1: { cluster: edge, version: 1.63.2 }
apps:
  pos: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, s1] }
replications:
${replications.join("\n")}
`;
}
const line = (name: string) =>
  `  ${name}: { app: pos, hub: hub, spokes: [s1], down: { ${name}: "region = 'eu'" } } # of ${name}`;
const linesOf = (text: string) => text.split("\n").filter((each) => each.includes("hub: hub"));
const nameOf = (each: string) => each.trim().split(":")[0] ?? "";
const pin = (text: string, base?: Plan) => {
  const { texts, pinned } = pinPorts(parseSource("topology.yaml", text), base);
  return { text: texts.get("topology.yaml") ?? text, pinned };
};
const portsOf = (plan: Plan) => new Map(plan.exposures.map(({ replication, port }) => [replication, port]));
const names = (count: number) => Array.from({ length: count }, (_, index) => `orders-${index}`);

describe("pinning ports", () => {
  test("gives 500 replications on one controller a port each, and a second time changes nothing", () => {
    const text = topology(names(500).map(line), "4040-5039");
    expect(checkSource(parseSource("topology.yaml", text)).plan).toBeUndefined();
    const pinned = pin(text);
    const { plan } = planText(pinned.text);
    expect(new Set(portsOf(plan).values()).size).toBe(500);
    expect(pin(pinned.text, plan)).toEqual({ text: pinned.text, pinned: [] });
  });

  test("never moves a deployed port, whatever is added, removed and merged", () => {
    const change = fc.record({
      add: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }),
      remove: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 2 }),
      inFront: fc.boolean(),
    });
    type Change = { add: number[]; remove: number[]; inFront: boolean };
    const changed = (lines: readonly string[], { add, remove, inFront }: Change) => {
      const kept = lines.filter((each) => !remove.some((index) => nameOf(each) === `orders-${index}`));
      const fresh = add
        .map((index) => `orders-${index}`)
        .filter((name) => !lines.some((each) => nameOf(each) === name));
      const added = fresh.map(line);
      return inFront ? [...added, ...kept] : [...kept, ...added];
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(change, change), { minLength: 1, maxLength: 4 }), (commits) => {
        let lines = [line("first")];
        let deployed: Plan = planText(topology(lines, "4040-4089")).plan;
        for (const [left, right] of commits) {
          const branches = [left, right].map((each) =>
            linesOf(pin(topology(changed(lines, each), "4040-4089"), deployed).text),
          );
          const [mine = [], theirs = []] = branches;
          const removed = lines.filter((each) =>
            branches.some((branch) => !branch.some((other) => nameOf(other) === nameOf(each))),
          );
          const gone = new Set(removed.map(nameOf));
          const merged = [...mine, ...theirs.filter((each) => !mine.some((other) => nameOf(other) === nameOf(each)))];
          const text = topology(
            merged.filter((each) => !gone.has(nameOf(each))),
            "4040-4089",
          );
          if (linesOf(text).length === 0) return;
          const { text: settled } = pin(text, deployed);
          const { plan } = planText(settled);
          const before = portsOf(deployed);
          for (const [name, port] of portsOf(plan)) expect(before.get(name) ?? port).toBe(port);
          lines = linesOf(settled);
          deployed = plan;
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("moves the new one of two, although it stands in front", () => {
    const [first, second] = clashing();
    const deployed = planText(topology([line(second)])).plan;
    const { text, pinned } = pin(topology([line(first), line(second)]), deployed);
    expect(pinned).toEqual([expect.objectContaining({ replication: first, peer: "hub" })]);
    expect(portsOf(planText(text).plan).get(second)).toBe(portsOf(deployed).get(second));
    expect(text).toContain(`# of ${first}`);
  });

  test("keeps the deployed ports in another range", () => {
    const deployed = planText(topology([line("orders")], "4040-4059")).plan;
    const { text } = pin(topology([line("orders")], "4040-4999"), deployed);
    expect(portsOf(planText(text).plan)).toEqual(portsOf(deployed));
  });

  test("leaves a range that is too small to whoever may widen it", () => {
    const text = topology(names(3).map(line), "4040-4041");
    expect(() => pin(text)).toThrow(TopologyError);
    expect(() => pin(text)).toThrow(/write `ports: 4040-/);
  });
});

test("a port is given once in each namespace, and again in another", () => {
  const range = { first: 4040, last: 4041 };
  const request = (id: string, ...namespaces: string[]) => ({ id, namespaces, range, preferred: 4040 });
  const given = givePorts([request("a", "x"), request("b", "x"), request("c", "y"), request("d", "x", "y")]);
  expect([...given].sort()).toEqual([
    ["a", 4040],
    ["b", 4041],
    ["c", 4040],
  ]);
});

test("`bigpeer pin` keeps the ports of the last commit", () => {
  const folder = mkdtempSync(join(tmpdir(), "pin-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [first, second] = clashing();
  const file = join(folder, "topology.yaml");
  const run = (program: string, ...rest: string[]) => execFileSync(program, rest, { cwd: folder, encoding: "utf8" });
  const bigpeer = join(import.meta.dirname, "../../../../cli/bigpeer.js");
  writeFileSync(file, topology([line(second)]));
  run("git", "init", "-q");
  run("git", "add", ".");
  run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "Deploy");
  writeFileSync(file, topology([line(first), line(second)]));
  expect(run(process.execPath, bigpeer, "pin", "topology.yaml")).toContain(`replications.${first}: "hub" gets port`);
  expect(portsOf(planText(readFileSync(file, "utf8")).plan).size).toBe(2);
  expect(run(process.execPath, bigpeer, "diff", "HEAD:topology.yaml", "topology.yaml")).toContain(
    String(portsOf(planText(readFileSync(file, "utf8")).plan).get(first)),
  );
  expect(run(process.execPath, bigpeer, "pin", "topology.yaml")).toContain("nothing to pin");
});

/** Two names whose hashes clash in 4040-4059. */
function clashing(): [string, string] {
  const seen = new Map<number, string>();
  for (const name of names(40)) {
    const port = portsOf(planText(topology([line(name)])).plan).get(name) ?? 0;
    const other = seen.get(port);
    if (other !== undefined) return [name, other];
    seen.set(port, name);
  }
  throw new Error("no two names clash");
}
