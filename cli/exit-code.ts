import { CommanderError } from "commander";

/** The exit codes of every command: 0 fine, 1 findings or a failed probe, 2 usage or unreadable input. */
type ExitCode = 0 | 1 | 2;

/** Ends the process with what a command returns, once nothing is left to do. */
export async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/**
 * Says what has ended a command, without a stack trace where a user can mend it, and which exit code that is. Errors are known by their
 * names: their classes would have to be loaded by commands that never throw them.
 * @throws any other error: it is a defect, and its stack trace says where
 */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has said the others itself.
    if (error.code === "usage") console.error(`error: ${error.message}`);
    return error.exitCode === 0 ? 0 : 2;
  }
  if (!(error instanceof Error)) throw error;
  switch (error.name) {
    case "UsageError":
      console.error(`error: ${error.message}`);
      return 2;
    case "TopologyError":
      console.error(error.message);
      // As for `check`: what cannot be read is not wrong, but no input.
      return isUnreadable(error) ? 2 : 1;
    case "LabError":
      console.error(error.message);
      return 1;
    default:
      throw error;
  }
}

function isUnreadable(error: Error): boolean {
  const findings: unknown[] = "findings" in error && Array.isArray(error.findings) ? error.findings : [];
  return findings.some(
    (each) => typeof each === "object" && each !== null && Reflect.get(each, "rule") === "unreadable",
  );
}
