import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { readSource } from "../../topology/file/source.ts";
import { pinPorts } from "../../topology/pins/pin.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { type DeployedPorts, portsOfPlan } from "../../topology/plan/port-moves.ts";
import { planInNamesOf } from "../../topology/plan/renamed-clusters.ts";
import { defaultWay } from "../../topology/plan/ways.ts";
import { assertWritable, topologyFile } from "../topology/topology-file.ts";
import { readRevision } from "../topology/topology-revision.ts";
import { UsageError } from "../usage-error.ts";

interface PinOptions {
  readonly stack?: string;
  readonly base?: string;
  /** Such as `dc:4045,4046`. */
  readonly avoid?: readonly string[];
  readonly json?: boolean;
}

/** `bigpeer pin`: writes a port for each replication that clashes, or whose deployed port would move. @returns 0 */
export async function pinCommand(argument: string | undefined, options: PinOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  assertWritable(file, "bigpeer pin");
  const { texts, pinned } = pinPorts(readSource(file), await deployedPorts(file, options.base), {
    avoid: avoidedPorts(options.avoid ?? []),
  });
  for (const [name, text] of texts) writeFileSync(name, text);
  if (options.json) console.log(JSON.stringify({ version: 1, pinned }, null, 2));
  else if (pinned.length === 0) console.log("no ports clash, and no deployed port moves; nothing to pin");
  else {
    for (const { replication, peer, port, before, way } of pinned)
      console.log(
        `replications.${replication}: "${peer}" ${port === before ? `keeps port ${port}` : `gets port ${port} in place of ${before}`}${way === defaultWay ? "" : ` (${way})`}`,
      );
    console.log(`next: review and commit ${[...texts.keys()].join(", ")}`);
  }
  return 0;
}

/** What is deployed. Without it, a replication that is new might take the port of one that runs. */
async function deployedPorts(
  file: string,
  base: string | undefined,
): Promise<((plan: Plan) => DeployedPorts) | undefined> {
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
  const { name, plan: before } = await read();
  const stack = base?.startsWith("stack:") ? base.slice("stack:".length) : undefined;
  const exported = stack === undefined ? undefined : await exportedBy(stack);
  if (!before && !exported) throw new UsageError(`${name} has errors, so it cannot be what is deployed; ${advice}`);
  return (plan) => new Map([...(before ? portsOfPlan(planInNamesOf(plan, before)) : []), ...(exported?.(plan) ?? [])]);
}

/** What a stack has opened, whatever ports its release gave to the same file. */
async function exportedBy(stack: string): Promise<((plan: Plan) => DeployedPorts) | undefined> {
  // They load Pulumi's SDK, and files and revisions need nothing of it.
  const { exportsOf } = await import("../live/deployed-losses.ts");
  const { exportedPorts } = await import("../../program/losses.ts");
  const { exportsInNamesOf } = await import("../../program/renamed-clusters.ts");
  const exported = await exportsOf(stack, process.cwd());
  return exported && ((plan) => exportedPorts(exportsInNamesOf(plan, exported).exposures));
}

/** @throws UsageError if one of the texts is not a cluster and ports */
function avoidedPorts(texts: readonly string[]): Map<string, Set<number>> {
  const avoided = new Map<string, Set<number>>();
  for (const text of texts) {
    const [, cluster, ports] = /^([^:]+):(\d+(?:,\d+)*)$/.exec(text) ?? [];
    if (cluster === undefined || ports === undefined)
      throw new UsageError(`--avoid needs a cluster and ports, such as dc:4045,4046, not ${text}`);
    const known = avoided.get(cluster) ?? new Set();
    avoided.set(cluster, new Set([...known, ...ports.split(",").map(Number)]));
  }
  return avoided;
}
