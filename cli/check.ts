import { checkFile } from "../topology/check.ts";
import { formatFindings, sortFindings } from "../topology/finding.ts";
import { topologyFile } from "./topology-file.ts";

/** Prints every finding. @returns 1 if one of them is an error, else 0 */
export async function check(
  argument: string | undefined,
  options: { stack?: string; json?: boolean },
): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan, findings } = checkFile(file);
  if (options.json) console.log(JSON.stringify({ file, findings: sortFindings(findings) }, null, 2));
  else if (findings.length > 0) console.log(formatFindings(findings));
  else
    console.log(`${file}: ${plan?.peers.size ?? 0} peers, ${plan?.replications.size ?? 0} replications, no findings`);
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}
