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

/** `bigpeer next-address`: has the next address of a peer or a cluster dialled, in the file. @returns 0 */
export async function nextAddressCommand(
  name: string,
  argument: string | undefined,
  { stack, replication, back, json }: NextAddressOptions,
): Promise<number> {
  const file = topologyFile(argument, stack);
  assertWritable(file, "bigpeer next-address");
  const { texts, moved, clusters, warnings } = attempt(file, name, { replication, back });
  for (const [name, text] of texts) writeFileSync(name, text);
  const files = [...texts.keys()];
  const only = replication === undefined ? "" : ` --replication ${replication}`;
  const next = [
    `review and commit ${files.join(", ")}`,
    "deploy the stacks of the peers that dial: pulumi up, or npx bigpeer deploy",
    `check that documents flow: npx bigpeer verify ${file}${only}`,
    ...(back ? [] : [`to go back: npx bigpeer next-address ${name} ${file}${only} --back`]),
  ];
  if (json) {
    const told = { version: 1, peer: name, files, moved, clusters, warnings: warnings.map(toldInJson), next };
    console.log(JSON.stringify(told, null, 2));
  } else
    console.log(
      [
        ...moved.map(
          ({ replication, peer, initiators, before, after }) =>
            `In ${replication}, ${names(initiators)} ${initiators.length === 1 ? "dials" : "dial"} ${peer} at ${after} instead of ${before}.`,
        ),
        ...clusters.map(
          (cluster) => `clusters.${cluster}.exposure says so for every peer of ${cluster} that has no list of its own.`,
        ),
        ...warnings.map((finding) => formatFinding(finding)),
        ...next.map((line) => `next: ${line}`),
      ].join("\n"),
    );
  return 0;
}

function attempt(file: string, name: string, options: Parameters<typeof nextAddress>[2]): NextAddress {
  try {
    return nextAddress(readSource(file), name, options);
  } catch (error) {
    throw error instanceof NextAddressError ? new UsageError(error.message) : error;
  }
}
