import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { readSource } from "../../topology/file/source.ts";
import { pinPorts } from "../../topology/pins/pin.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { readRevision } from "../topology/topology-revision.ts";
import { UsageError } from "../usage-error.ts";

interface PinOptions {
  readonly stack?: string;
  readonly base?: string;
  readonly json?: boolean;
}

/** `bigpeer pin`: writes a port for each replication that clashes. @returns 0 */
export async function pinCommand(argument: string | undefined, options: PinOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { texts, pinned } = pinPorts(readSource(file), await basePlan(file, options.base));
  for (const [name, text] of texts) writeFileSync(name, text);
  if (options.json) console.log(JSON.stringify({ version: 1, pinned }, null, 2));
  else if (pinned.length === 0) console.log("no port clashes; nothing to pin");
  else {
    for (const { replication, peer, port, before } of pinned)
      console.log(`replications.${replication}: "${peer}" gets port ${port} in place of ${before}`);
    console.log(`next: review and commit ${[...texts.keys()].join(", ")}`);
  }
  return 0;
}

/** What is deployed. Without it, a replication that is new might take the port of one that runs. */
async function basePlan(file: string, base: string | undefined): Promise<Plan | undefined> {
  if (base === "none") return undefined;
  const advice =
    "name what is deployed, such as --base origin/main:<path> or --base stack:<name>, or --base none if nothing is";
  const read = async () => {
    if (base !== undefined) return readRevision(base);
    const path = relative(process.cwd(), file).replaceAll("\\", "/");
    return readRevision(`HEAD:./${path}`).catch((error: unknown) => {
      throw error instanceof UsageError ? new UsageError(`${error.message}; ${advice}`) : error;
    });
  };
  const { name, plan } = await read();
  if (!plan) throw new UsageError(`${name} has errors, so it cannot be what is deployed; ${advice}`);
  return plan;
}
