import { writeFileSync } from "node:fs";
import { pauseConsequences } from "../../topology/diff/pauses.ts";
import { readSource } from "../../topology/file/source.ts";
import { type PausedTopology, PauseError, setPaused } from "../../topology/pause/set-paused.ts";
import { assertWritable, topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface PauseOptions {
  readonly stack?: string;
  readonly json?: boolean;
}

/** `bigpeer pause` and `bigpeer resume`: edits the topology file in place. @returns 0 */
export async function pauseCommand(
  paused: boolean,
  replication: string,
  argument: string | undefined,
  options: PauseOptions,
): Promise<number> {
  const file = topologyFile(argument, options.stack);
  assertWritable(file, `bigpeer ${paused ? "pause" : "resume"}`);
  const made = edited(file, replication, paused);
  for (const [name, text] of made.texts) writeFileSync(name, text);
  const files = [...made.texts.keys()];
  const consequences = pauseConsequences(made.before, made.after);
  const next =
    files.length === 0
      ? []
      : [`review and commit ${files.join(", ")}, then deploy it: pulumi up, or npx bigpeer deploy`];
  if (options.json)
    console.log(
      JSON.stringify({ version: 1, replication, paused, files, consequences, warnings: made.warnings, next }, null, 2),
    );
  else if (files.length === 0)
    console.log(`replications.${replication} is ${paused ? "paused" : "not paused"} already`);
  else console.log([...consequences, ...made.warnings, ...next.map((line) => `next: ${line}`)].join("\n"));
  return 0;
}

function edited(file: string, replication: string, paused: boolean): PausedTopology {
  try {
    return setPaused(readSource(file), replication, paused);
  } catch (error) {
    throw error instanceof PauseError ? new UsageError(error.message) : error;
  }
}
