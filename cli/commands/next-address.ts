import { writeFileSync } from "node:fs";
import { names } from "../../report/words.ts";
import { type NextAddress, NextAddressError, nextAddress } from "../../topology/failover/next-address.ts";
import { readSource } from "../../topology/file/source.ts";
import { formatFinding } from "../../topology/findings/finding.ts";
import { toldInJson } from "../topology/told-in-json.ts";
import { assertWritable, topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface NextAddressOptions {
  readonly stack?: string;
  readonly replication?: string;
  readonly back?: boolean;
  readonly json?: boolean;
}

/** `bigpeer next-address`: has the next address of a target dialled, in the file. @returns 0 */
export async function nextAddressCommand(
  peer: string,
  argument: string | undefined,
  { stack, replication, back, json }: NextAddressOptions,
): Promise<number> {
  const file = topologyFile(argument, stack);
  assertWritable(file, "bigpeer next-address");
  const { texts, moved, warnings } = attempt(file, peer, { replication, back });
  for (const [name, text] of texts) writeFileSync(name, text);
  const files = [...texts.keys()];
  const only = replication === undefined ? "" : ` --replication ${replication}`;
  const next = [
    `review and commit ${files.join(", ")}`,
    "deploy the stacks of those that dial: pulumi up, or npx bigpeer deploy",
    `see that documents flow: npx bigpeer verify ${file}${only}`,
    ...(back ? [] : [`to go back: npx bigpeer next-address ${peer} ${file}${only} --back`]),
  ];
  if (json) {
    console.log(JSON.stringify({ version: 1, peer, files, moved, warnings: warnings.map(toldInJson), next }, null, 2));
  } else
    console.log(
      [
        ...moved.map(
          ({ replication, initiators, before, after }) =>
            `In ${replication}, ${names(initiators)} ${initiators.length === 1 ? "dials" : "dial"} ${peer} at ${after} instead of ${before}.`,
        ),
        ...warnings.map((finding) => formatFinding(finding)),
        ...next.map((line) => `next: ${line}`),
      ].join("\n"),
    );
  return 0;
}

function attempt(file: string, peer: string, options: Parameters<typeof nextAddress>[2]): NextAddress {
  try {
    return nextAddress(readSource(file), peer, options);
  } catch (error) {
    throw error instanceof NextAddressError ? new UsageError(error.message) : error;
  }
}
