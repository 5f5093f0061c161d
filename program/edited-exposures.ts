import type { Ingress } from "../topology/file/schema.ts";
import { Finding } from "../topology/findings/finding.ts";
import { exposedPortPrefix, tcpServicesEntry } from "../topology/objects/exposure-manifests.ts";
import { renumberCommand, renumberedPorts } from "../topology/objects/renumbered-ports.ts";
import type { PlannedExposure } from "../topology/plan/plan.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import { leadsTo, openedByOthers } from "./live-controllers.ts";
import type { LiveController } from "./read-controller.ts";

/**
 * Exposed ports that are not on a live controller as they were written. An update compares what it wrote last with what is declared now, so it
 * does not see them. One that was renumbered is an error: nothing can be applied beside it.
 * @param exported ports of this cluster that the stack has exposed so far. Undefined: unknown, and one of which anything is there counts
 */
export function editedExposures(
  exposures: readonly PlannedExposure[],
  { cluster, ingress, live }: { cluster: string; ingress: Ingress; live: LiveController },
  exported?: ReadonlySet<number>,
): Finding[] {
  const ports = live.service?.ports ?? [];
  const path = ["clusters", cluster];
  const where = `${ingress.namespace}/${ingress.service} in cluster "${cluster}"`;
  const renumbered = renumberedPorts(
    live.service?.allPorts ?? [],
    exposures.map(({ port }) => port),
  );
  const errors = renumbered.map(
    ({ name, port }) =>
      new Finding(liveRules.portRenumbered, {
        path,
        what: `the port ${name} of the Service ${where} has the number ${port}`,
        fix: renumberCommand(ingress, renumbered),
      }),
  );
  const byOthers = openedByOthers(exposures, ingress, live);
  const warnings = exposures.flatMap((exposure) => {
    const { port } = exposure;
    const name = `${exposedPortPrefix}${port}`;
    if (renumbered.some((each) => each.declared === port)) return [];
    const entry = live.tcpServices[String(port)];
    const open = ports.find((each) => each.port === port && each.name === name);
    const asWritten = entry === tcpServicesEntry(exposure, ingress.proxyProtocol);
    const wrong = [
      ...(asWritten ? [] : [entry === undefined ? "the ConfigMap has no entry for it" : `its entry leads to ${entry}`]),
      ...(ingress.hostPorts || byOthers.includes(port) ? [] : serviceEdit(live, open)),
    ];
    const known = exported ? exported.has(port) : asWritten || (open !== undefined && entry === undefined);
    if (wrong.length === 0 || !known) return [];
    return [
      new Finding(liveRules.exposureEdited, {
        path: ["replications", exposure.replication],
        what: `port ${port} of ${where} is not as it was written: ${wrong.join(", and ")}`,
        fix: "`pulumi up --refresh` writes it again",
      }),
    ];
  });
  return [...errors, ...warnings];
}

function serviceEdit(live: LiveController, open: NonNullable<LiveController["service"]>["ports"][number] | undefined) {
  if (open === undefined) return ["the Service does not open it"];
  return leadsTo(live, open) ? [] : [`the Service leads it to the port ${open.targetPort} of the controller`];
}
