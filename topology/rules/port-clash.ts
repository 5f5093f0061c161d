import type { Way } from "../file/exposure.ts";
import { hostPort } from "../plan/names.ts";
import type { PlannedExposure } from "../plan/plan.ts";
import { pinCommand, portAdvice, sharedObjects } from "../plan/port-advice.ts";
import { reservedPorts } from "../plan/ports.ts";
import { isIngressController, portsOf } from "../plan/ways.ts";
import type { Rule } from "./rule.ts";

/** One port leads to one Service. */
export const portClash: Rule = {
  id: "port-clash",
  severity: "error",
  summary:
    "Two exposed targets have the same port of one controller, Gateway, address or set of nodes, or a port is outside its range or reserved.",
  why: "one port leads to one Service, so one replication connects to the wrong peer and never syncs",
  source: "guide: the tcp-services ConfigMap maps one port to one Service",
  ignorable: false,
  *check({ plan, file }) {
    const owners = new Map<string, string>();
    const clashes: { exposure: PlannedExposure; what: string }[] = [];
    for (const exposure of [...plan.exposures].sort((a, b) => Number(b.pinned) - Number(a.pinned))) {
      const { cluster, way, peer, port } = exposure;
      const range = portsOf(way);
      const note = (what: string) => clashes.push({ exposure, what });
      if (range && (port < range.first || port > range.last))
        note(`port ${port} is outside the ${rangeNoun(way)} range ${range.first}-${range.last}`);
      else if (isIngressController(way) && reservedPorts.has(port)) note(`port ${port} is the controller's own`);
      const keys = sharedObjects(exposure).map((key) => `${key}:${port}`);
      const other = keys.map((key) => owners.get(key)).find((owner) => owner !== undefined);
      if (other === undefined) for (const key of keys) owners.set(key, exposure.id);
      else if (way.kind === "address")
        note(`"${peer}" is reached at ${exposedAddressText(exposure)}, which is already the address of ${other}`);
      else note(`"${peer}" gets port ${port} of the cluster "${cluster}", which is already given to ${other}`);
    }
    if (clashes.length === 0) return;
    const moving = [...new Set(clashes.map(({ exposure }) => exposure))];
    const { pins, full } = portAdvice(plan, moving, { command: pinCommand(file) });
    for (const { path, what, fix } of full) yield { path, part: "key", what, fix };
    const crowded = (exposure: PlannedExposure) =>
      full.some(({ of: { cluster, ingress } }) => cluster === exposure.cluster && ingress === exposure.ingress);
    for (const { exposure, what } of clashes) {
      // If a range is too small, a larger one settles its clashes, too.
      if (crowded(exposure) && !exposure.pinned) continue;
      const fix = pins.get(exposure.id);
      yield {
        path: ["replications", exposure.replication, ...(exposure.pinned ? ["port"] : [])],
        part: exposure.pinned ? "value" : "key",
        what,
        fix: fix ?? "widen the range, as the error about it says",
        // One command settles all of these.
        ...(fix === undefined || exposure.pinned ? {} : { alike: `${exposure.cluster}/${exposure.ingress}` }),
      };
    }
  },
};

function exposedAddressText({ host = "", port }: PlannedExposure): string {
  return hostPort(host, port);
}

function rangeNoun(way: Way): string {
  return isIngressController(way) ? "controller's" : "exposure's";
}
