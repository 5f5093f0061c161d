import { existsSync } from "node:fs";
import { basename, dirname, normalize } from "node:path/posix";
import { checkSource } from "../../topology/check.ts";
import type { DiffSide } from "../../topology/diff/compare.ts";
import { topologySchema } from "../../topology/file/schema.ts";
import { parseSource, readSource } from "../../topology/file/source.ts";
import { planTopology } from "../../topology/plan/plan-topology.ts";
import { namingFolder } from "../project/project-folder.ts";
import { UsageError } from "../usage-error.ts";
import { git } from "./git.ts";
import { filesOfCommit } from "./git-files.ts";
import { deployedTopology } from "./stack-topology.ts";
import { isPath, namedTopologies, namedTopology, notThere } from "./topology-file.ts";

/**
 * A topology to compare: one as every command takes it, `rev:path` as git writes it (or a name in `topologies/` as its path), or
 * `stack:name` for what a stack was last updated from. A revision that does not have the file yet gives an empty topology, so that the first one can be reviewed, too.
 * @throws UsageError if there is neither such a file, nor such a revision, nor such a stack
 */
export async function readRevision(argument: string): Promise<DiffSide> {
  const [, revision, path] = /^([^:]+):(.+)$/.exec(argument) ?? [];
  if (existsSync(argument) || revision === undefined || path === undefined) return readPresent(argument);
  if (revision === "stack") {
    const text = await deployedTopology(path, process.cwd());
    return { name: argument, ...checkSource(parseSource(argument, text)) };
  }
  const commit = git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`])?.trim();
  if (!commit)
    throw new UsageError(
      git(["rev-parse", "--git-dir"]) === undefined
        ? `there is no revision ${revision}: this folder is not in a git repository`
        : `git does not know the revision ${revision}; fetch it (a shallow clone has only the latest commits)`,
    );
  for (const file of isPath(path) ? [path] : [path, `./topologies/${path}.yaml`, `./topologies/${path}.yml`]) {
    const text = git(["show", "--end-of-options", `${commit}:${file}`]);
    if (text !== undefined)
      return { name: argument, ...checkSource(parseSource(file, text, filesOfCommit(commit, file))) };
  }
  const empty = topologySchema.parse({ clusters: {}, peers: {} });
  return { name: argument, plan: planTopology(empty), findings: [], absent: missing(commit, revision, path) };
}

function readPresent(argument: string): DiffSide {
  const project = namingFolder();
  if (namedTopologies(argument, project).length === 0)
    throw new UsageError(
      `${notThere(argument, project)}; name a file, a name in topologies/, a git revision and a path as in main:topology.yaml, or a stack as in stack:dev`,
    );
  const file = namedTopology(argument, project);
  return { name: argument, ...checkSource(readSource(file)) };
}

const maxNamed = 5;

/** That a revision lacks a file, and which one may be meant. */
function missing(commit: string, revision: string, path: string): string {
  const files = git(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit])?.split("\0") ?? [];
  const alike = files.filter((file) => basename(file) === basename(path));
  const beside = files.filter((file) => dirname(file) === dirname(normalize(path)) && /\.ya?ml$/.test(file));
  const named = (alike.length > 0 ? alike : beside).slice(0, maxNamed);
  return `${revision} has no ${path}${named.length === 0 ? "" : `; it has ${named.join(", ")}`}`;
}
