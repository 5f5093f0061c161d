import { isForOneTarget } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";
import type { Source, Writer } from "../file/source.ts";
import { formatLocation, formatPath, type Path } from "../findings/finding.ts";
import type { Plan, PlannedExposure } from "../plan/plan.ts";
import { valueAt } from "../value-at.ts";

/** A list of the file that says in which order the addresses of targets are dialled. */
export interface AddressList {
  /** In the topology, as if it were written out. */
  readonly path: Path;
  /** Whether the list is that of a whole cluster. */
  readonly ofCluster: boolean;
}

/** The lists from which the addresses of these targets come, each once; none for a target that has a single address. */
export function addressListsOf(topology: Topology, plan: Plan, targets: readonly PlannedExposure[]): AddressList[] {
  const lists = targets.flatMap((target): AddressList[] => {
    const own = plan.exposures.filter(({ replication, peer }) => isOf(target, { replication, peer }));
    return own.length < 2 ? [] : [{ path: pathOf(topology, target), ofCluster: target.listedBy === "cluster" }];
  });
  return [...new Map(lists.map((list) => [list.path.join("\0"), list])).values()];
}

function isOf(target: PlannedExposure, { replication, peer }: Pick<PlannedExposure, "replication" | "peer">): boolean {
  return target.replication === replication && target.peer === peer;
}

function pathOf({ replications, peers }: Topology, { listedBy, replication, peer, cluster }: PlannedExposure): Path {
  if (listedBy === "cluster") return ["clusters", cluster, "exposure"];
  if (listedBy === "peer") return ["peers", peer, peers[peer]?.address === undefined ? "exposure" : "address"];
  return [
    "replications",
    replication,
    "address",
    ...(isForOneTarget(replications[replication]?.address) ? [] : [peer]),
  ];
}

/** What to write by hand where a list cannot be turned without moving others: the place, and the text. */
export function byHand(source: Source, topology: Topology, path: Path, back: boolean): string {
  const writer = source.writer(path);
  const entry = path.slice(0, 2);
  const list = [valueAt(topology, path)].flat();
  const turned = back ? [...list.slice(-1), ...list.slice(0, -1)] : [...list.slice(1), ...list.slice(0, 1)];
  const key = String(path.at(-1));
  const at = formatLocation(source.locate(entry, "key"));
  const others =
    writer && writer.kind !== "entry"
      ? `the ${writer.kind === "defaults" ? "defaults" : "template"} at ${placeOf(writer)} may give this list to others, too; rotate it there if all of them are to move. For this one alone, `
      : "";
  if (source.holder(entry))
    return `${others}write \`${key}: ${inFlow(turned)}\` into ${formatPath(path.slice(0, -1))} (${at})`;
  // What a template makes has its own order in its row.
  const columns = list.map((_, index) => `${key}${index + 1}`);
  const cells = (values: readonly unknown[]) =>
    columns.map((column, index) => `${String(values[index])} into \`${column}\``).join(" and ");
  return `${others}write \`${key}: ${inFlow(columns.map((column) => `{site.${column}}`))}\` into the template of ${formatPath(entry)} (${at}), ${cells(turned)} in this row, and ${cells(list)} in the others`;
}

function placeOf({ file, path }: Writer): string {
  const { file: name, line } = file.locate(path, "key");
  return `${name}:${line}`;
}

/** A list as YAML has it on one line. */
function inFlow(items: readonly unknown[]): string {
  return `[${items.map((item) => (/^[\w.-]+$/.test(String(item)) ? String(item) : JSON.stringify(item))).join(", ")}]`;
}
