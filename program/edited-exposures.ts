import type { Ingress } from "../topology/file/exposure.ts";
import { Finding } from "../topology/findings/finding.ts";
import { editedPorts, restoreEntryCommand, restorePortsCommand } from "../topology/objects/edited-ports.ts";
import { exposedPortPrefix, tcpServicesEntry } from "../topology/objects/exposure-manifests.ts";
import type { PlannedExposure } from "../topology/plan/plan.ts";
import { pinCommand } from "../topology/plan/port-advice.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import { openedByOthers } from "./live-controllers.ts";
import type { LiveController } from "./read-controller.ts";

/**
 * Exposed ports that differ on a live controller from what was written there. An update compares what it wrote last
 * with what is declared now, so it does not see such edits. A port that was changed is an error, since no update writes
 * it again. A port that is gone is a warning, since an update with a refresh restores it.
 * @param exported ports of this cluster that the stack has exposed so far. Undefined: unknown; then a port of which
 * only half is there counts as exposed
 */
export function editedExposures(
  exposures: readonly PlannedExposure[],
  { cluster, ingress, live }: { cluster: string; ingress: Ingress; live: LiveController },
  exported?: ReadonlySet<number>,
): Finding[] {
  const path = ["clusters", cluster];
  const where = `${ingress.namespace}/${ingress.service} in cluster "${cluster}"`;
  const edited = editedPorts(
    live.service?.allPorts ?? [],
    exposures.map(({ port }) => port),
  );
  const errors = edited.map(
    ({ name, port, targetPort, declared }) =>
      new Finding(liveRules.portEdited, {
        path,
        what: `the port ${name} of the Service ${where} ${port === declared ? `leads to the port ${targetPort} of the controller` : `has the number ${port}`}`,
        fix: `\`${restorePortsCommand(ingress, edited)}\``,
      }),
  );
  const byOthers = openedByOthers(exposures, ingress, live);
  const others = exposures.flatMap((exposure): Finding[] => {
    const { port } = exposure;
    const entry = live.tcpServices[String(port)];
    const asWritten = entry === tcpServicesEntry(exposure, ingress.proxyProtocol);
    if (entry !== undefined && !asWritten && live.changedEntries.has(port))
      return [
        new Finding(liveRules.portEdited, {
          path: ["replications", exposure.replication],
          what: `somebody has changed port ${port} of ${where} to lead to ${entry}`,
          fix: `if that is a mistake, \`${restoreEntryCommand(ingress, exposure)}\`; if it is theirs now, \`${pinCommand("<topology>", "--avoid", `${exposure.cluster}:${port}`)}\` writes another one`,
        }),
      ];
    if (edited.some(({ declared }) => declared === port)) return [];
    const name = `${exposedPortPrefix}${port}`;
    const open =
      byOthers.includes(port) || live.service?.ports.some((each) => each.port === port && each.name === name);
    const gone = [
      ...(entry === undefined ? ["the ConfigMap has no entry for it"] : []),
      ...(open || ingress.hostPorts ? [] : ["the Service does not open it"]),
    ];
    const known = exported ? exported.has(port) : asWritten || open === true;
    if (gone.length === 0 || !known) return [];
    return [
      new Finding(liveRules.exposureEdited, {
        path: ["replications", exposure.replication],
        what: `port ${port} of ${where} differs from what was written: ${gone.join(", and ")}`,
        fix: "`pulumi up --refresh` writes it again",
      }),
    ];
  });
  return [...errors, ...others];
}
