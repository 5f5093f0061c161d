import { execFileSync } from "node:child_process";
import { type ProgramSource, withoutCredential } from "../../runners/program-source.ts";
import { UsageError } from "../usage-error.ts";

/** What the command line says of the repository; what it leaves out, the checkout says. */
export interface GivenSource {
  readonly repo?: string;
  readonly branch?: string;
}

/** The repository and branch from which a runner is to take the program in `directory`.
 * @throws UsageError if neither the command line nor Git says one of them */
export function programSource(directory: string, { repo, branch }: GivenSource): ProgramSource {
  const repository = repo ?? git(directory, ["remote", "get-url", "origin"]);
  if (repository === undefined)
    throw new UsageError(
      `${directory} is not a clone of a repository with a remote "origin": name the URL with --repo`,
    );
  const current = branch ?? git(directory, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  if (current === undefined)
    throw new UsageError(`Git has no branch checked out in ${directory}: name the one to deploy with --branch`);
  const inRepository = git(directory, ["rev-parse", "--show-prefix"]) ?? "";
  return {
    repository: withoutCredential(repository),
    branch: current.replace(/^refs\/heads\//, ""),
    folder: inRepository.replace(/\/$/, "") || ".",
  };
}

/** What git prints; undefined where it fails, or where there is no git. */
function git(directory: string, arguments_: readonly string[]): string | undefined {
  try {
    const printed = execFileSync("git", ["-C", directory, ...arguments_], { stdio: ["ignore", "pipe", "ignore"] });
    return printed.toString("utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
