import { z } from "zod";
import { leanStack } from "./lean-stack.ts";
import type { StackRun } from "./run-stack.ts";

/** The last operation on a stack, as the backend has noted it. */
export interface LastUpdate {
  /** The commit from which it was run; undefined if there was none, or if files of it had been changed. */
  readonly commit: string | undefined;
  /** Its outputs now, without those that are secret, as a run without changes has them. */
  readonly run: StackRun;
}

/** As `pulumi stack history --json` prints an entry. The engine notes where it was run (`backend.UpdateMetadata`). */
const entry = z.object({
  kind: z.string(),
  result: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
});
const outputs = z.record(z.string(), z.object({ value: z.unknown(), secret: z.boolean() }));

/** The last operation on a stack if it was an update that succeeded; undefined otherwise, or if there is no such stack, or it cannot be read.
 * @param directory the folder of the Pulumi project */
export async function lastUpdate(name: string, directory: string): Promise<LastUpdate | undefined> {
  try {
    const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
    const stack = await leanStack(name, directory);
    const [last] = z.array(entry).parse(await stack.history(1, 1, false));
    if (last?.kind !== "update" || last.result !== "succeeded") return undefined;
    const commit = last.environment["git.dirty"] === "false" ? last.environment["git.head"] : undefined;
    if (commit === undefined) return undefined;
    // Of a lean workspace they would be empty.
    const workspace = await LocalWorkspace.create({ workDir: directory });
    const exported = outputs.parse(await workspace.stackOutputs(name));
    const open = Object.entries(exported).flatMap(([key, { value, secret }]) =>
      secret ? [] : [[key, value] as const],
    );
    const run = { stack: name, changes: 0, outputs: Object.fromEntries(open), milliseconds: 0, error: undefined };
    return { commit, run };
  } catch {
    // Nothing is known then, so the stack is updated, which says what is wrong.
    return undefined;
  }
}
