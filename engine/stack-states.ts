import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";

/** A stack in the list of its project. */
export interface ListedStack {
  readonly name: string;
  /** When its state was last written, as the backend says it; undefined: never, or it does not say. */
  readonly lastUpdate: string | undefined;
  readonly updateInProgress: boolean;
  readonly resourceCount: number | undefined;
}

/** What the state and the history of a stack tell, without its secrets. */
export interface StackState {
  /** The outputs of the last update that has ended; secrets among them are not decrypted. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What is unfinished, in words: an operation that was interrupted, a resource that never became ready. Undefined: nothing. */
  readonly unfinished: string | undefined;
  /** When the state was written (ISO 8601). */
  readonly writtenAt: string | undefined;
  /** The last operation of the history; undefined where the backend keeps none. */
  readonly last:
    | { readonly kind: string; readonly result: string; readonly startTime: string; readonly endTime: string }
    | undefined;
}

const listed = z.array(
  z.object({
    name: z.string(),
    lastUpdate: z.string().optional(),
    updateInProgress: z.boolean().optional(),
    resourceCount: z.number().optional(),
  }),
);
const exported = z.object({
  deployment: z.object({
    manifest: z.object({ time: z.string() }).optional(),
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          outputs: z.record(z.string(), z.unknown()).optional(),
          delete: z.boolean().optional(),
          taint: z.boolean().optional(),
          initErrors: z.array(z.string()).optional(),
        }),
      )
      .optional(),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});
const history = z.array(
  z.object({ kind: z.string(), result: z.string(), startTime: z.string(), endTime: z.string().default("") }),
);

/** The stacks of a project, by one call of the CLI.
 * @throws Error if they cannot be listed */
export async function listStacks(directory: string): Promise<ListedStack[]> {
  const all = listed.parse(JSON.parse(await said(directory, ["stack", "ls", "--json"])));
  return all.map(({ name, lastUpdate, updateInProgress = false, resourceCount }) => ({
    // Pulumi Cloud puts the organization in front, where it is not the user's default one.
    name: name.split("/").at(-1) ?? name,
    lastUpdate,
    updateInProgress,
    resourceCount,
  }));
}

/** Reads the state of a stack as it is stored. Nothing is decrypted, so it takes neither a passphrase nor a key.
 * @throws Error if it cannot be read */
export async function readStackState(stack: string, directory: string): Promise<StackState> {
  const [state, past] = await Promise.all([
    said(directory, ["stack", "export", "--stack", stack]),
    said(directory, ["stack", "history", "--stack", stack, "--json", "--page-size", "1", "--page", "1"]),
  ]);
  const { manifest, resources = [], pending_operations: pending } = exported.parse(JSON.parse(state)).deployment;
  const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const broken = resources.find((each) => each.delete || each.taint || (each.initErrors?.length ?? 0) > 0);
  const unfinished =
    (pending?.length ?? 0) > 0
      ? "an operation was interrupted"
      : broken && `${broken.urn.split("::").at(-1)} is not finished`;
  const [last] = history.parse(JSON.parse(past));
  return { outputs: root?.outputs ?? {}, unfinished, writtenAt: manifest?.time, last };
}

const run = promisify(execFile);

async function said(directory: string, args: readonly string[]): Promise<string> {
  const options = { cwd: directory, maxBuffer: Number.POSITIVE_INFINITY };
  const { stdout } = await run("pulumi", [...args, "--non-interactive"], options);
  return stdout;
}
