import { projectStacks } from "../../program/stack-files.ts";
import { count } from "../../report/words.ts";
import { type Checked, checkFile } from "../../topology/check.ts";
import { countFindings, formatFindings, type Paint } from "../../topology/findings/finding.ts";
import { isNarrowed, type Selection } from "../../topology/selection/selection.ts";
import { colours } from "../output/colours.ts";
import { namingFolder } from "../project/project-folder.ts";
import { isPath, namedTopologies, notThere, topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

/** Prints every finding of every file, also of how the stacks of the project in the current folder share it out. @returns 2 if a file cannot be read, else 1 if there is an error, else 0 */
export async function check(
  files: readonly string[],
  options: Selection & { stack?: string; json?: boolean; sarif?: boolean; live?: boolean; kubeconfig?: string },
): Promise<number> {
  if (isNarrowed(options) && !options.live)
    throw new UsageError("--cluster, --peer, --app, --replication and --label select what --live checks: add --live");
  const named = files.length > 0 ? [...new Set(files.flatMap(meant))] : [topologyFile(undefined, options.stack)];
  const offline = named.map((file) => ({
    file,
    checked: checkFile(file, { project: projectStacks(file, process.cwd()) }),
  }));
  const judged = options.live
    ? await (await import("../live/check-live.ts")).withLiveFindings(offline, options)
    : offline;
  const findings = judged.flatMap(({ checked }) => checked.findings);
  if (options.sarif) {
    const { sarifLog } = await import("../output/sarif.ts");
    print(JSON.stringify(sarifLog(findings, process.cwd()), null, 2));
  } else if (options.json) {
    const { reportOf } = await import("../output/check-report.ts");
    print(JSON.stringify(reportOf(judged), null, 2));
  } else print(judged.map(({ file, checked }) => asText(file, checked)).join("\n\n"));
  if (findings.some(({ rule }) => rule === "unreadable")) return 2;
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** The files that an argument means. One that is not there is a finding among those of the others. */
function meant(argument: string): string[] {
  const found = namedTopologies(argument, namingFolder());
  if (found.length > 0) return found;
  if (!isPath(argument)) throw new UsageError(notThere(argument, namingFolder()));
  return [argument];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function asText(file: string, { plan, findings, ignored }: Checked): string {
  const down = ignored.length > 0 ? `, ${ignored.length} ignored by comments` : "";
  const planned = plan ? `${count(plan.peers.size, "peer")}, ${count(plan.replications.size, "replication")}, ` : "";
  const closing = `${file}: ${planned}${countFindings(findings)}${down}`;
  if (findings.length === 0) return closing;
  return formatFindings(findings, paint(), closing);
}

function paint(): Paint {
  const { red, yellow, cyan, bold, dim } = colours;
  return { error: red, warning: yellow, note: cyan, strong: bold, faint: dim };
}
