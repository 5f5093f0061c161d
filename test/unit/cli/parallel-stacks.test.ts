import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { converge, summary } from "../../../cli/stacks/converge.ts";
import { defaultParallel, limitsOf, memoryPerStack } from "../../../cli/stacks/parallel-stacks.ts";
import type { StackRun } from "../../../engine/run-stack.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
const never = new AbortController().signal;

/** Runs stacks that end in the order in which they were begun, and notes how many ran at once. */
function engines(outcomes: Readonly<Record<string, Partial<StackRun>>> = {}) {
  const begun: string[] = [];
  const refreshed: boolean[] = [];
  let running = 0;
  let most = 0;
  const run = async (stack: string, { first }: { readonly first: boolean }): Promise<StackRun> => {
    begun.push(stack);
    refreshed.push(first);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return { stack, changes: 1, outputs: {}, milliseconds: 1, error: undefined, ...outcomes[stack] };
  };
  return { begun, refreshed, run, most: () => most };
}
const quiet = { preview: false, print: () => {}, signal: never };
const waits = { outputs: { pending: [{ what: "trust", reason: "missing", next: "pulumi up --stack s0" }] } };

test("as many stacks run at once as was asked for, and all of them run", async () => {
  for (const [parallel, most] of [
    [1, 1],
    [3, 3],
    [50, 10],
  ] as const) {
    const engine = engines();
    const converged = await converge({
      ...quiet,
      stacks: names(10),
      run: engine.run,
      limits: { parallel, keepGoing: false },
    });
    expect([engine.most(), engine.begun, converged.done]).toEqual([most, names(10), true]);
  }
});

test("after a failure nothing new is begun, what runs is finished, and the rest is named in the summary", async () => {
  const engine = engines({ s1: { error: "no" } });
  const converged = await converge({
    ...quiet,
    stacks: names(6),
    run: engine.run,
    limits: { parallel: 2, keepGoing: false },
  });
  expect(engine.begun).toEqual(["s0", "s1", "s2"]);
  expect(converged.runs.map(({ stack, error }) => [stack, error])).toEqual([
    ["s0", undefined],
    ["s1", "no"],
    ["s2", undefined],
  ]);
  expect(converged).toMatchObject({ notBegun: ["s3", "s4", "s5"], done: false });
  expect(stripVTControlCharacters(summary(converged, "up", 1))).toMatch(
    /failed {2}s1[\s\S]*not started {2}s3\nnot started {2}s4\nnot started {2}s5\nup of 3 stacks/,
  );
});

test("with --keep-going all are begun, in the second pass, too", async () => {
  const engine = engines({ s1: { error: "no" }, s3: waits });
  const converged = await converge({
    ...quiet,
    stacks: names(4),
    run: engine.run,
    limits: { parallel: 1, keepGoing: true },
  });
  expect(engine.begun).toEqual([...names(4), "s3", "s3"]);
  expect(converged).toMatchObject({ notBegun: [], done: false });
});

test("a stack that waits for another is not started again after a failure, and the summary says so", async () => {
  const engine = engines({ s0: waits, s1: { error: "no" } });
  const converged = await converge({
    ...quiet,
    stacks: names(2),
    run: engine.run,
    limits: { parallel: 2, keepGoing: false },
  });
  expect(engine.begun).toEqual(["s0", "s1"]);
  expect(converged.notBegun).toEqual(["s0"]);
  expect(stripVTControlCharacters(summary(converged, "up", 1))).toContain("not started  s0  a second time\n");
});

test("a wish to end begins nothing new, also where failures are passed over", async () => {
  const interrupted = new AbortController();
  const engine = engines();
  const run: typeof engine.run = (stack, pass) => {
    if (stack === "s1") interrupted.abort();
    return engine.run(stack, pass);
  };
  const limits = { parallel: 1, keepGoing: true };
  const converged = await converge({ ...quiet, signal: interrupted.signal, stacks: names(4), run, limits });
  expect(converged).toMatchObject({ notBegun: ["s2", "s3"], done: false });
});

test("live objects are looked at in the first pass only", async () => {
  const engine = engines({ s1: waits });
  await converge({ ...quiet, stacks: names(2), run: engine.run, limits: { parallel: 2, keepGoing: false } });
  expect(engine.begun.map((stack, index) => [stack, engine.refreshed[index]])).toEqual([
    ["s0", true],
    ["s1", true],
    ["s1", false],
    ["s1", false],
  ]);
});

test("a stack whose load balancer has no address yet is run again, and then the one that dials it", async () => {
  const pending = (next: string) => ({ outputs: { pending: [{ what: "address", reason: "missing", next }] } });
  const [pods, address] = [
    "wait for the Big Peer and run pulumi up again",
    "wait for the load balancer and run pulumi up again",
  ];
  const target = [pending(pods), pending(address)];
  const begun: string[] = [];
  let there = false;
  const run = async (stack: string): Promise<StackRun> => {
    begun.push(stack);
    const waits = stack === "west" ? target.shift() : there ? undefined : pending("pulumi up --stack west");
    if (stack === "west") there = waits === undefined;
    return { stack, changes: 1, outputs: {}, milliseconds: 1, error: undefined, ...waits };
  };
  const limits = { parallel: 1, keepGoing: false };
  const converged = await converge({ ...quiet, stacks: ["east", "west"], run, limits });
  expect([begun, converged.done]).toEqual([["east", "west", "east", "west", "east", "west", "east"], true]);
});

test("what a cluster never does is not waited for without end", async () => {
  const waiting = {
    outputs: { pending: [{ what: "address", reason: "missing", next: "wait for the load balancer" }] },
  };
  const limits = { parallel: 1, keepGoing: false };
  const still = engines({ s0: { ...waiting, changes: 0 } });
  expect((await converge({ ...quiet, stacks: names(1), run: still.run, limits })).done).toBe(false);
  expect(still.begun).toHaveLength(2);
  const restless = engines({ s0: waiting });
  expect((await converge({ ...quiet, stacks: names(1), run: restless.run, limits })).done).toBe(false);
  expect(restless.begun.length).toBeLessThan(10);
});

test("a rotation under way is no failure, is not waited for, and is said with its end", async () => {
  const next = "wait until cert-manager has issued the certificate anew, and run pulumi up again";
  const rotation = {
    what: "rotation of the CA of bp2",
    reason: "until 2027-01-10",
    next,
    until: "2027-01-10T00:00:00Z",
  };
  const engine = engines({ s0: { outputs: { pending: [rotation] } } });
  const limits = { parallel: 2, keepGoing: false };
  const converged = await converge({ ...quiet, stacks: names(2), run: engine.run, limits });
  expect([engine.begun, converged.done]).toEqual([["s0", "s1"], true]);
  expect(stripVTControlCharacters(summary(converged, "up", 1))).toContain(
    "in progress: rotation of the CA of bp2: until 2027-01-10. Next: wait until",
  );
});

test("a stack that has read another one before that one found a new CA is run again, once", async () => {
  const topology = (peers: object, trusted: object) => ({ outputs: { topology: { peers, trusted }, pending: [] } });
  const owner = topology({ bp2: { caCertificate: "NEW\n" } }, {});
  const begun: string[] = [];
  const run = async (stack: string): Promise<StackRun> => {
    begun.push(stack);
    const again = begun.filter((each) => each === stack).length > 1;
    const trusts = topology({}, { bp2: again ? "NEW\nOLD\n" : "OLD\n" });
    return { stack, changes: 1, milliseconds: 1, error: undefined, ...(stack === "s1" ? owner : trusts) };
  };
  const converged = await converge({ ...quiet, stacks: names(3), run, limits: { parallel: 1, keepGoing: false } });
  expect([begun, converged.done]).toEqual([["s0", "s1", "s2", "s0", "s2"], true]);
});

test("by default there are two for each core, fewer where memory is short, and always one", () => {
  const free = (stacks: number) => memoryPerStack * stacks;
  expect(defaultParallel({ cores: 4, memory: free(100) })).toBe(8);
  expect(defaultParallel({ cores: 4, memory: free(3.9) })).toBe(3);
  expect(defaultParallel({ cores: 1, memory: free(0.5) })).toBe(1);
  expect(defaultParallel()).toBeGreaterThanOrEqual(1);
});

test("--parallel takes a number of stacks and nothing else", () => {
  expect(limitsOf({ parallel: "3", keepGoing: true })).toEqual({ parallel: 3, keepGoing: true });
  expect(limitsOf({})).toEqual({ parallel: defaultParallel(), keepGoing: false });
  for (const parallel of ["0", "-1", "2.5", "all", ""])
    expect(() => limitsOf({ parallel })).toThrow(`--parallel ${parallel}: write a number of stacks, 1 or more`);
});

test("what waits for a stack of a later wave is left as it is, and run again in the wave of that stack", async () => {
  const limits = { parallel: 2, keepGoing: false };
  const canary = engines({ s1: waits });
  const first = await converge({ ...quiet, stacks: ["s1"], run: canary.run, limits, later: new Set(["s0"]) });
  expect([canary.begun, first.done]).toEqual([["s1"], true]);

  const rest = engines();
  const before = new Map(first.runs.map((run) => [run.stack, run]));
  const second = await converge({ ...quiet, stacks: ["s0"], run: rest.run, limits, before });
  expect(rest.begun).toEqual(["s0", "s1"]);
  expect(second.runs.map(({ stack, outputs }) => [stack, outputs])).toEqual([
    ["s1", {}],
    ["s0", {}],
  ]);
  expect(second.done).toBe(true);
});

test("a stack of an earlier wave that waits for nothing is not run again", async () => {
  const engine = engines();
  const before = new Map(["s1", "s2"].map((stack) => [stack, { ...done(stack), ...(stack === "s2" ? waits : {}) }]));
  const limits = { parallel: 2, keepGoing: false };
  // It waits for s0, which is not among these.
  const converged = await converge({ ...quiet, stacks: ["s3"], run: engine.run, limits, before });
  expect([engine.begun, converged.done]).toEqual([["s3"], true]);
});

function done(stack: string): StackRun {
  return { stack, changes: 1, outputs: {}, milliseconds: 1, error: undefined };
}
