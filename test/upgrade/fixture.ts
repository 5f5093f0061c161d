import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** What a release leaves for the next ones to take over: the states of its stacks, and the topology that made them. */
export interface Fixture {
  /** The release. */
  readonly version: string;
  /** Name of the topology: `dev`, `two-clusters`. */
  readonly name: string;
  readonly topology: string;
  readonly stacks: readonly FixtureStack[];
}

export interface FixtureStack {
  readonly stack: string;
  /** Undefined: all. */
  readonly clusters: readonly string[] | undefined;
  /** Path of the exported state. */
  readonly file: string;
}

/** Encrypts the fixtures. It is no secret, and neither is what it encrypts: tokens of labs that are gone. */
export const passphrase = "a throw-away passphrase";

/** The topologies whose states a release leaves, with their stacks. */
export const fixtureStacks: Readonly<Record<string, Readonly<Record<string, readonly string[] | undefined>>>> = {
  dev: { dev: undefined },
  "two-clusters": { "dev-east": ["east"], "dev-west": ["west"] },
};

const folder = import.meta.dirname;

/** Every fixture of every release. */
export function fixtures(): Fixture[] {
  const releases = readdirSync(folder).filter((name) => /^\d+\.\d+\.\d+$/.test(name));
  return releases.sort().flatMap((version) =>
    Object.entries(fixtureStacks).map(([name, stacks]) => ({
      version,
      name,
      topology: readFileSync(join(folder, version, `${name}.yaml`), "utf8"),
      stacks: Object.entries(stacks).map(([stack, clusters]) => ({
        stack,
        clusters,
        file: join(folder, version, `${stack}.json`),
      })),
    })),
  );
}

export function writeFixture(
  version: string,
  name: string,
  topology: string,
  states: ReadonlyMap<string, string>,
): void {
  mkdirSync(join(folder, version), { recursive: true });
  writeFileSync(join(folder, version, `${name}.yaml`), topology);
  for (const [stack, state] of states) writeFileSync(join(folder, version, `${stack}.json`), state);
}

const stateSchema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(
      z.looseObject({
        type: z.string(),
        provider: z.string().optional(),
        inputs: z.unknown().optional(),
        outputs: z.unknown().optional(),
      }),
    ),
  }),
});

export interface StateResource {
  readonly type: string;
  readonly provider?: string | undefined;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
}

/** The resources of an exported state, in the order in which they were made. */
export function resourcesOf(state: string): readonly StateResource[] {
  return stateSchema.parse(JSON.parse(state)).deployment.resources;
}

/**
 * An exported state without what belongs to the machine and the lab that made it: where sources and plugins were, when things
 * happened, where the kubeconfig was, and the lab's loopback addresses (by one of those that are kept for documentation).
 */
export function scrubbed(state: string): string {
  const without = new Set(["sourcePosition", "stackTrace", "plugins", "created", "modified", "time"]);
  const value: unknown = JSON.parse(state, (key, inner: unknown) => (without.has(key) ? undefined : inner));
  const text = JSON.stringify(value, null, 1)
    .replaceAll(/\b127\.\d+\.\d+\.\d+\b/g, "192.0.2.1")
    .replaceAll(/"kubeconfig": "[^"]*"/g, '"kubeconfig": "/home/somebody/.kube/config"');
  for (const own of [tmpdir(), homedir()])
    if (text.includes(own))
      throw new Error(`the state holds ${own}, which is this machine's: take it out in scrubbed()`);
  return `${text}\n`;
}
