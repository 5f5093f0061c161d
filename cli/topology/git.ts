import { execFileSync } from "node:child_process";
import { UsageError } from "../usage-error.ts";

/** What git prints, or undefined where it fails.
 * @throws UsageError if git is not installed */
export function git(arguments_: readonly string[]): string | undefined {
  try {
    const output = execFileSync("git", arguments_, {
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
    });
    return output.toString("utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new UsageError("git is not installed, and without it only files can be compared");
    return undefined;
  }
}
