import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type ListedStack, listStacks, readStackState, type StackState } from "../../engine/stack-states.ts";
import { cacheFolder } from "../../program/cache-folder.ts";
import { configFingerprint } from "../../program/config-fingerprint.ts";
import { projectStacks } from "../../program/stack-files.ts";
import type { StackFacts } from "./needed-stacks.ts";
import { defaultParallel, runStacks } from "./parallel-stacks.ts";

const cached = z.object({
  lastUpdate: z.string(),
  resourceCount: z.number().optional(),
  state: z.object({
    outputs: z.record(z.string(), z.unknown()),
    unfinished: z.string().optional(),
    writtenAt: z.string().optional(),
    last: z.object({ kind: z.string(), result: z.string(), startTime: z.string(), endTime: z.string() }).optional(),
  }),
});

/**
 * Asks the backend for what decides which stacks are started. One call lists all of them; the state of a stack is read only if it was
 * written since this machine has read it last, so that stacks which nobody touches cost nothing.
 */
export async function stackFacts(
  stacks: readonly string[],
  topology: string,
  directory: string,
): Promise<Map<string, StackFacts>> {
  const listed = await listStacks(directory).catch((): ListedStack[] => []);
  const { project, sharing } = projectStacks(topology, directory);
  const settings = new Map(sharing.map((each) => [each.name.stack, each]));
  const states = new Map<string, StackState>();
  const known = listed.filter(({ name }) => stacks.includes(name));
  const read = async (stack: string) => {
    const state = await stateOf(
      listed.find(({ name }) => name === stack),
      directory,
    );
    if (state) states.set(stack, state);
    return {};
  };
  const limits = { parallel: defaultParallel(), keepGoing: true, signal: new AbortController().signal };
  await runStacks(
    known.map(({ name }) => name),
    read,
    limits,
  );
  return new Map(
    stacks.map((stack) => [
      stack,
      {
        settings: settings.get(stack) ?? { name: { project, stack }, clusters: undefined },
        config: configFingerprint(stack, directory),
        listed: known.find(({ name }) => name === stack),
        state: states.get(stack),
      },
    ]),
  );
}

/** Has the state of a stack be read again, since a failed update may leave it as old as it was. */
export function forgetState(stack: string, directory: string): void {
  rmSync(cacheFile(stack, directory), { force: true });
}

async function stateOf(listed: ListedStack | undefined, directory: string): Promise<StackState | undefined> {
  if (!listed || listed.updateInProgress) return undefined;
  const file = cacheFile(listed.name, directory);
  const { lastUpdate, resourceCount } = listed;
  const before = cached.safeParse(jsonIn(file)).data;
  if (lastUpdate !== undefined && before?.lastUpdate === lastUpdate && before.resourceCount === resourceCount)
    return {
      ...before.state,
      unfinished: before.state.unfinished,
      writtenAt: before.state.writtenAt,
      last: before.state.last,
    };
  const state = await readStackState(listed.name, directory).catch(() => undefined);
  if (state && lastUpdate !== undefined) keep(file, { lastUpdate, resourceCount, state: needed(state) });
  return state;
}

/** Keeps only the outputs that are compared: the others may be secrets, although they are encrypted. */
function needed({ outputs: { topology, pending }, ...state }: StackState): StackState {
  return { ...state, outputs: { topology, pending } };
}

function keep(file: string, content: unknown): void {
  try {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(content), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Without it, the state is read again the next time.
  }
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** One file a stack; the backend may be another one next time, which the time of the last update shows. */
function cacheFile(stack: string, directory: string): string {
  const backend = process.env.PULUMI_BACKEND_URL ?? "";
  const name = createHash("sha256")
    .update(JSON.stringify([resolve(directory), backend, stack]))
    .digest("hex");
  return join(cacheFolder(), "stacks", `${name.slice(0, 32)}.json`);
}
