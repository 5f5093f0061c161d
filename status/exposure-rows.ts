import { z } from "zod";
import type { Ingress } from "../topology/file/exposure.ts";
import { editedPorts, restoreEntryCommand, restorePortsCommand } from "../topology/objects/edited-ports.ts";
import { exposedPortsManifest, tcpServicesManifest } from "../topology/objects/exposure-manifests.ts";
import { kubectlOf } from "../topology/objects/kubectl.ts";
import type { Manifest } from "../topology/objects/manifests.ts";
import type { Plan, PlannedCluster, PlannedExposure } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { deployedDifferently, rowOf, stackFlag } from "./object-row.ts";
import type { Observation, Seen, State, StatusRow } from "./status-row.ts";

/** A row for each target that ingress-nginx exposes: the ConfigMap's entry and the Service's port together. */
export function exposureRows(plan: Plan, cluster: PlannedCluster, seen: Observation, now: Date): StatusRow[] {
  return shareOf(plan, cluster.name).controllers.flatMap(({ ingress, exposures }) => {
    const rows = exposures.map((exposure): StatusRow => {
      const source = ["replications", exposure.replication];
      const row = (manifest: Manifest) => rowOf(plan, cluster, { manifest, role: "patch", source }, seen, now);
      const entry = takenEntry(row(tcpServicesManifest(ingress, [exposure])), ingress, exposure, cluster, seen);
      if (ingress.hostPorts) return { ...entry, exposure: { peer: exposure.peer, port: exposure.port } };
      const port = asOpened(row(exposedPortsManifest(ingress, [exposure])));
      const ofService = port.problems.filter(({ what }) => entry.problems.every((each) => each.what !== what));
      const renumber = restoreMend(ingress, exposure.port, seen.live?.(port.ref), cluster);
      const problems = [
        ...entry.problems,
        ...ofService.map((each) => ({
          ...each,
          what: `the Service ${ingress.service} ${each.what}`,
          ...(renumber === undefined ? {} : { mend: renumber, page: "port-taken" as const, foreign: true as const }),
        })),
      ];
      return {
        ...entry,
        exposure: { peer: exposure.peer, port: exposure.port },
        deployed: worst(entry.deployed, port.deployed),
        live: entry.live && port.live && worst(entry.live, port.live),
        problems,
      };
    });
    const [first, ...others] = rows;
    if (!first) return [];
    const written = seen.deployed(first.ref);
    const open = "object" in written ? deployedPorts(written.object) : [];
    const declared = new Set(exposures.map(({ port }) => String(port)));
    const stale = open
      .filter((port) => !declared.has(port))
      .map((port) => ({
        what: `port ${port} is still open, but the topology no longer declares it`,
        mend: `pulumi up${stackFlag(cluster)}`,
        page: "object-changed" as const,
      }));
    return [{ ...first, problems: [...first.problems, ...stale] }, ...others];
  });
}

/**
 * Ports that are open as declared are left as they are by an update, and after a refresh the state has them in another form: it differs, and
 * nothing has to be done.
 */
function asOpened(port: StatusRow): StatusRow {
  if (port.live !== "yes" || port.deployed !== "differs") return port;
  return {
    ...port,
    deployed: "yes",
    problems: port.problems.filter(({ what }) => !what.startsWith(deployedDifferently)),
  };
}

/** A key with another value belongs to whoever wrote it: an update stops at the conflict. Given our value, it is both's. */
function takenEntry(
  entry: StatusRow,
  ingress: Ingress,
  exposure: PlannedExposure,
  cluster: PlannedCluster,
  seen: Observation,
): StatusRow {
  const live = seen.live?.(entry.ref);
  const isTaken = live && "object" in live && deployedPorts(live.object).includes(String(exposure.port));
  if (entry.live !== "differs" || !isTaken) return entry;
  const mend = `${restoreEntryCommand(ingress, exposure, kubectlOf(cluster))} && pulumi up --refresh${stackFlag(cluster)}`;
  const problems = entry.problems.map((each) =>
    // After a refresh the state of the stack has the other value, too.
    ["was changed in the cluster", deployedDifferently].some((words) => each.what.startsWith(words))
      ? { what: each.what, mend, page: "port-taken" as const, foreign: true as const }
      : each,
  );
  return { ...entry, problems };
}

/** What was changed by hand on a port of ours has to be changed back: no update can write it again. */
function restoreMend(
  ingress: Ingress,
  declared: number,
  seen: Seen | undefined,
  cluster: PlannedCluster,
): string | undefined {
  const parsed = seen && "object" in seen ? livePorts.safeParse(seen.object) : undefined;
  const edited = editedPorts(parsed?.data?.spec.ports ?? [], [declared]);
  return edited.length === 0 ? undefined : restorePortsCommand(ingress, edited, kubectlOf(cluster));
}

const livePorts = z.object({
  spec: z.object({
    ports: z.array(
      z.object({
        name: z.string().optional(),
        port: z.number(),
        targetPort: z.union([z.number(), z.string()]).optional(),
      }),
    ),
  }),
});

function deployedPorts(configMap: unknown): string[] {
  const parsed = z.object({ data: z.record(z.string(), z.unknown()).default({}) }).safeParse(configMap);
  return parsed.success ? Object.keys(parsed.data.data) : [];
}

function worst(one: State, other: State): State {
  const [found] = (["unknown", "no", "differs"] as const).filter((state) => state === one || state === other);
  return found ?? "yes";
}
