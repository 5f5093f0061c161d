import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { TopologyError } from "../../../../topology/findings/finding.ts";
import { type PinOptions, pinPorts } from "../../../../topology/pins/pin.ts";
import { givePorts } from "../../../../topology/plan/give-ports.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { portsOfPlan } from "../../../../topology/plan/port-moves.ts";
import { planInNamesOf } from "../../../../topology/plan/renamed-clusters.ts";

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
const pin = (text: string, base?: Plan, options?: PinOptions) => {
  const deployed = base && ((plan: Plan) => portsOfPlan(planInNamesOf(plan, base)));
  const { texts, pinned } = pinPorts(parseSource("topology.yaml", text), deployed, options);
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

  test("leaves a range that is too small to whoever may widen it, with one error that counts what is missing", () => {
    const text = topology(names(5).map(line), "4040-4041");
    expect(() => pin(text)).toThrow(TopologyError);
    const { findings } = checkSource(parseSource("topology.yaml", text));
    expect(findings.map(({ what }) => what)).toEqual([
      "the range 4040-4041 is too small for its 5 exposed targets: 3 ports are missing",
    ]);
    expect(findings[0]?.fix).toMatch(
      /write `ports: 4040-\d+` in clusters\.east\.ingress, and run `npx bigpeer pin topology\.yaml`/,
    );
  });

  test("gives up to 500 targets a port each by every way, keeps them, and touches only what is new", () => {
    const way = fc.constantFrom(
      "ingress: { host: bp.east.example.com, ports: 4040-4799 }",
      "exposure: { nodePort: { host: bp.east.example.com, ports: 30000-30799 } }",
      "exposure: { gateway: { name: tcp, namespace: infra, ports: 4040-4799 } }",
      "exposure: { transportServer: { ports: 4040-4799 } }",
      "exposures: { a: { nodePort: { host: bp.east.example.com, ports: 30000-30799 } }, b: { gateway: { name: tcp, namespace: infra, ports: 4040-4799 } } }, exposure: [a, b]",
    );
    const targets = (plan: Plan) => new Map(plan.exposures.map(({ id, port }) => [id, port]));
    fc.assert(
      fc.property(way, fc.integer({ min: 1, max: 500 }), fc.boolean(), (exposure, count, inFront) => {
        const written = (lines: readonly string[]) => topology(lines).replace(/ingress: \{[^}]*\}/, exposure);
        const first = pin(written(names(count).map(line)));
        const { plan } = planText(first.text);
        expect(pin(first.text, plan)).toEqual({ text: first.text, pinned: [] });
        const lines = linesOf(first.text);
        const second = pin(written(inFront ? [line("added"), ...lines] : [...lines, line("added")]), plan);
        const after = targets(planText(second.text).plan);
        for (const [id, port] of targets(plan)) expect(after.get(id)).toBe(port);
        expect(linesOf(second.text).filter((each) => nameOf(each) !== "added")).toEqual(lines);
      }),
      { numRuns: 8, examples: [["exposure: { transportServer: { ports: 4040-4799 } }", 500, true]] },
    );
  }, 120_000);

  test("gives each of several ways its port, and keeps it when the other one is dialled", () => {
    const ways = (order: string) =>
      `exposures: { a: { nodePort: { host: h.example.com, ports: 30000-30059 } }, b: { gateway: { name: tcp, namespace: infra, ports: 4040-4099 } } }, exposure: ${order}`;
    const written = (order: string) => topology(names(40).map(line)).replace(/ingress: \{[^}]*\}/, ways(order));
    const first = pin(written("[a, b]"));
    expect(first.text).toMatch(/port: \{ hub: \{ a: 300\d\d/);
    const { plan } = planText(first.text);
    const { plan: turned } = planText(first.text.replace("[a, b]", "[b, a]"));
    const at = (each: Plan) => each.exposures.map(({ id, port }) => `${id} ${port}`).sort();
    expect(at(turned)).toEqual(at(plan));
  });

  test("keeps away from ports that somebody else has in that cluster", () => {
    const text = topology([line("orders")]);
    const taken = portsOf(planText(text).plan).get("orders") ?? 0;
    const avoid = (cluster: string) =>
      pin(text, undefined, { avoid: new Map([[cluster, new Set([taken, taken + 1])]]) });
    expect(portsOf(planText(avoid("east").text).plan).get("orders")).not.toBe(taken);
    expect(avoid("edge").pinned).toEqual([]);
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

test("branches that each add a replication merge to a conflict, or to a clash that pin mends and no deployed port pays for", () => {
  const folder = mkdtempSync(join(tmpdir(), "pin-merge-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...rest: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...rest], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
  const file = join(folder, "topology.yaml");
  const commit = (text: string) => {
    writeFileSync(file, text);
    git("add", ".");
    git("commit", "-qm", "Change");
  };
  const [mine, theirs] = clashing();
  const lines = ["aaa", "bbb", "ccc", "ddd"].map(line);
  git("init", "-q", "-b", "main");
  const settled = pin(topology(lines)).text;
  commit(settled);
  const { plan: deployed } = planText(settled);
  const branch = (name: string, text: string) => {
    git("checkout", "-qb", name, "main");
    commit(pin(text, deployed).text);
  };
  const kept = linesOf(settled);
  branch("mine", topology([line(mine), ...kept]));
  branch("theirs", topology([...kept, line(theirs)]));
  git("merge", "-q", "--no-edit", "mine");
  const merged = readFileSync(file, "utf8");
  const { findings } = checkSource(parseSource("topology.yaml", merged));
  expect(findings.map(({ rule, fix }) => `${rule} ${fix}`)).toEqual([
    expect.stringMatching(/^port-clash .*`npx bigpeer pin topology\.yaml`/),
  ]);
  const { plan } = planText(pin(merged, deployed).text);
  for (const [name, port] of portsOf(deployed)) expect(portsOf(plan).get(name)).toBe(port);
  expect(new Set(portsOf(plan).values()).size).toBe(6);
  // In one place of the file, git itself asks which of them is meant.
  branch("third", topology([line("zzz"), ...kept]));
  expect(() => git("merge", "-q", "--no-edit", "mine")).toThrow(/CONFLICT|exit|failed/i);
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
