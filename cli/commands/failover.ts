import { writeFileSync } from "node:fs";
import { count, names } from "../../report/words.ts";
import type { DocumentsAtRisk } from "../../topology/failover/documents-at-risk.ts";
import { type FailedOver, FailoverError, failOver, StandbyLacks } from "../../topology/failover/fail-over.ts";
import { readSource } from "../../topology/file/source.ts";
import { type Finding, formatFinding } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { toldInJson } from "../topology/told-in-json.ts";
import { assertWritable, topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface FailoverOptions {
  readonly stack?: string;
  readonly back?: boolean;
  readonly json?: boolean;
}

/** `bigpeer failover`: puts a standby in the place of a peer, in the file. @returns 1 if the standby lacks something, else 0 */
export async function failoverCommand(
  failed: string,
  standby: string,
  argument: string | undefined,
  { stack, back, json }: FailoverOptions,
): Promise<number> {
  const file = topologyFile(argument, stack);
  assertWritable(file, "bigpeer failover");
  const made = attempt(file, failed, standby, back);
  if (made instanceof StandbyLacks) {
    tellLacks(made.findings, back ? failed : standby, back ? standby : failed, json);
    return 1;
  }
  for (const [name, text] of made.texts) writeFileSync(name, text);
  const files = [...made.texts.keys()];
  const [from, to] = back ? [standby, failed] : [failed, standby];
  const next = files.length === 0 ? [] : nextSteps(made, file, files, [failed, standby], back === true);
  if (json) {
    const warnings = made.warnings.map(toldInJson);
    const { changes, replications, atRisk } = made;
    console.log(JSON.stringify({ version: 1, files, changes, replications, atRisk, warnings, next }, null, 2));
  } else if (files.length === 0)
    console.log(back ? `nobody stands in for ${failed}; nothing to do` : `${standby} stands in for ${failed} already`);
  else
    console.log(
      [
        ...made.changes,
        ...riskLines(made.atRisk, from, to),
        ...made.warnings.map((finding) => formatFinding(finding)),
        ...next.map((line) => `next: ${line}`),
      ].join("\n"),
    );
  return 0;
}

function attempt(file: string, failed: string, standby: string, back: boolean | undefined): FailedOver | StandbyLacks {
  try {
    return failOver(readSource(file), failed, standby, back);
  } catch (error) {
    if (error instanceof StandbyLacks) return error;
    throw error instanceof FailoverError ? new UsageError(error.message) : error;
  }
}

function tellLacks(findings: readonly Finding[], to: string, from: string, json: boolean | undefined): void {
  if (json) console.log(JSON.stringify({ version: 1, files: [], lacks: findings.map(toldInJson) }, null, 2));
  else
    console.log(
      [
        ...findings.map((finding) => formatFinding(finding)),
        `nothing was written: with ${to} in place of ${from}, the topology would have ${count(findings.length, "error")}; correct them first, then run this again`,
      ].join("\n"),
    );
}

/** What may not be on the standby, as far as the topology alone can tell. */
export function riskLines(atRisk: readonly DocumentsAtRisk[], from: string, to: string): string[] {
  if (atRisk.length === 0) return [];
  const line = ({ app, collection, query, missing, from: sources, heldBy }: DocumentsAtRisk) => {
    const documents = `${collection} (app ${app}), ${query}`;
    if (missing === "last")
      return `  - ${documents}: ${to} pulled them from ${names(sources)}; the last ones may be missing`;
    const rest =
      heldBy.length === 0
        ? ""
        : `; ${to} also gets what ${names(heldBy)} still ${heldBy.length === 1 ? "holds" : "hold"}, where it subscribes to it`;
    return `  - ${documents}: nothing brought them to ${to}, so what only ${from} held is not there${rest}`;
  };
  return [`documents that ${to} may lack:`, ...atRisk.map(line)];
}

function nextSteps(
  { after }: FailedOver,
  file: string,
  files: readonly string[],
  [failed, standby]: readonly [string, string],
  back: boolean,
): string[] {
  const first = stackOf(after, back ? failed : standby);
  return [
    `review and commit ${files.join(", ")}`,
    first === undefined
      ? "deploy it: pulumi up, or npx bigpeer deploy"
      : `deploy it, stack ${first} first, since its port has to be open before others dial it: pulumi up --stack ${first}, then the others; or all of them with npx bigpeer deploy`,
    `check that documents flow: npx bigpeer verify ${file}`,
    ...(back ? [] : [`once ${failed} is healthy again: npx bigpeer failover ${failed} ${standby} ${file} --back`]),
  ];
}

function stackOf({ peers, clusters }: Plan, peer: string): string | undefined {
  return clusters.get(peers.get(peer)?.cluster ?? "")?.stack;
}
