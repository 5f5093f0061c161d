import { UsageError } from "../usage-error.ts";
import { readPackage } from "./package-folder.ts";

/**
 * Loads what needs the lab. It is a package of its own, since only those who try things out on their machine need it.
 * @throws UsageError with the command that installs it, where it is not installed
 */
export async function withLab<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissingLab(error)) throw error;
    throw new UsageError(
      `the local lab is a package of its own: npm install --save-dev bigpeer-topology-lab@${readPackage().version}`,
    );
  }
}

function isMissingLab(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.includes("'bigpeer-topology-lab'")
  );
}
