import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runWaves, type WaveEnd } from "../../../../cli/waves/run-waves.ts";
import type { StackRun } from "../../../../engine/run-stack.ts";
import type { Wave } from "../../../../runners/waves.ts";

interface World {
  /** Stacks that are not yet as the topology says. */
  readonly stale: Set<string>;
  /** Stacks of which it is known without a run that they need nothing. */
  readonly known?: (stack: string) => boolean;
  readonly broken?: { readonly check?: string; readonly update?: string; readonly verify?: string };
  readonly verifies?: boolean;
}

const waves: readonly Wave[] = [
  { name: "canary", stacks: ["a"], rest: false },
  { name: "none", stacks: [], rest: false },
  { name: "half", stacks: ["b", "c"], rest: false },
  { name: "the rest", stacks: ["d"], rest: true },
];

const run = (stack: string, changes: number, error?: string): StackRun => ({
  ...{ stack, changes, error, outputs: {}, milliseconds: 1 },
});

/** Deploys, and says what was done. Where a part is broken is a stack; `up` is what was updated. */
async function deploy(world: World, signal: AbortSignal = new AbortController().signal) {
  const done: string[] = [];
  const { stale, broken = {}, known = () => false, verifies = true } = world;
  const ends = await runWaves({
    waves,
    signal,
    onStart: () => {},
    onEnd: () => {},
    work: {
      current: async (stacks) =>
        new Map(stacks.filter((stack) => known(stack) && !stale.has(stack)).map((stack) => [stack, run(stack, 0)])),
      check: async (_, stacks) => {
        done.push(`check ${stacks.join(" ")}`);
        return stacks.includes(broken.check ?? "") ? "no CRD" : undefined;
      },
      update: async (_, stacks) => {
        done.push(`up ${stacks.join(" ")}`);
        const runs = stacks.map((stack) =>
          stack === broken.update ? run(stack, 0, "no") : run(stack, stale.delete(stack) ? 2 : 0),
        );
        return { runs, notBegun: [], done: !stacks.includes(broken.update ?? "") };
      },
      verify: verifies
        ? async (_, stacks, settled) => {
            done.push(`verify ${stacks.join(" ")}`);
            expect([...settled]).toEqual(expect.arrayContaining([...stacks]));
            return { probes: 3, ...(stacks.includes(broken.verify ?? "") ? { why: "nothing arrived" } : {}) };
          }
        : undefined,
    },
  });
  return { done, ends, states: ends.map(({ wave, state }) => `${wave.name}: ${state}`) };
}

const all = () => new Set(["a", "b", "c", "d"]);
const everyPart = [
  ...["check a", "up a", "verify a"],
  ...["check b c", "up b c", "verify b c"],
  ...["check d", "up d", "verify d"],
];

describe("waves", () => {
  test("are checked, updated and verified one after another", async () => {
    const { done, states, ends } = await deploy({ stale: all() });
    expect(done).toEqual(everyPart);
    expect(states).toEqual(["canary: done", "none: unchanged", "half: done", "the rest: done"]);
    expect(ends.map(({ probes }) => probes)).toEqual([3, undefined, 3, 3]);
  });

  test.each(["check", "update", "verify"] as const)(
    "stop at the first failure, here of %s, and say what was not done",
    async (part) => {
      const { done, ends, states } = await deploy({ stale: all(), broken: { [part]: "c" } });
      expect(done).toEqual(everyPart.slice(0, 4 + ["check", "update", "verify"].indexOf(part)));
      expect(states).toEqual(["canary: done", "none: unchanged", "half: failed", "the rest: not started"]);
      expect(ends[2]?.failed?.at).toBe(part);
      expect(ends[3]?.notBegun).toEqual(["d"]);
    },
  );

  test("go on with the same command: what is known to be done is not started again, and no wave is skipped unverified", async () => {
    const stale = all();
    const known = () => true;
    await deploy({ stale, known, broken: { verify: "c" } });
    expect(await deploy({ stale, known, broken: { verify: "c" } })).toMatchObject({
      done: ["verify b c"],
      states: ["canary: unchanged", "none: unchanged", "half: failed", "the rest: not started"],
    });
    expect(await deploy({ stale, known })).toMatchObject({
      done: ["verify b c", "check d", "up d", "verify d"],
      states: ["canary: unchanged", "none: unchanged", "half: unchanged", "the rest: done"],
    });
  });

  test("start what is left of a wave that was cut off, and verify all of it", async () => {
    const { done } = await deploy({ stale: new Set(["c", "d"]), known: () => true });
    expect(done).toEqual(["verify a", "check c", "up c", "verify b c", "check d", "up d", "verify d"]);
  });

  test("where nothing is known, an update without changes says it, and is verified before the next", async () => {
    const { done, states } = await deploy({ stale: new Set(["d"]) });
    expect(done).toEqual([
      "check a",
      "up a",
      "verify a",
      "check b c",
      "up b c",
      "verify b c",
      "check d",
      "up d",
      "verify d",
    ]);
    expect(states).toEqual(["canary: unchanged", "none: unchanged", "half: unchanged", "the rest: done"]);
  });

  test("with nothing to do verify the last one, which nothing proves", async () => {
    expect((await deploy({ stale: new Set(), known: () => true })).done).toEqual(["verify d"]);
  });

  test("are not verified where nobody is to", async () => {
    const { done, ends } = await deploy({ stale: all(), verifies: false });
    expect(done).toEqual(everyPart.filter((each) => !each.startsWith("verify")));
    expect(ends.map(({ probes }) => probes)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("are not begun once the user wants to end", async () => {
    const { done, states } = await deploy({ stale: all() }, AbortSignal.abort());
    expect(done).toEqual([]);
    expect(states).toEqual(["canary: not started", "none: not started", "half: not started", "the rest: not started"]);
  });
});

test("whatever breaks and however often: no wave is updated while an earlier one is stale or has never passed, and mended, all is done", async () => {
  const parts = fc.constantFrom("check", "update", "verify");
  const breaks = fc.array(fc.record({ part: parts, stack: fc.constantFrom("a", "b", "c", "d") }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(breaks, fc.boolean(), async (failures, isKnown) => {
      const stale = all();
      const known = () => isKnown;
      const passed = new Set<string>();
      for (const { part, stack } of [...failures, undefined].map((each) => each ?? { part: "none", stack: "" })) {
        const { done, ends } = await deploy({ stale, known, broken: { [part]: stack } });
        for (const step of done) {
          const [what = "", ...stacks] = step.split(" ");
          if (what === "verify" && !(part === "verify" && stacks.includes(stack)))
            for (const each of stacks) passed.add(each);
          if (what === "up") expect(before(stacks).filter((each) => !passed.has(each))).toEqual([]);
        }
        expect(new Set(ends.map(({ wave }: WaveEnd) => wave.name)).size).toBe(waves.length);
      }
      expect([...stale]).toEqual([]);
      expect([...passed].sort()).toEqual(["a", "b", "c", "d"]);
    }),
  );
});

/** The stacks of the waves before that of some stacks. */
function before(stacks: readonly string[]): readonly string[] {
  const at = waves.findIndex((wave) => wave.stacks.some((stack) => stacks.includes(stack)));
  return waves.slice(0, at).flatMap((wave) => wave.stacks);
}
