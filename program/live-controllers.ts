import type { Ingress } from "../topology/file/exposure.ts";
import { Finding } from "../topology/findings/finding.ts";
import { exposedPortPrefix, tcpServicesEntry } from "../topology/objects/exposure-manifests.ts";
import { hostPort } from "../topology/plan/names.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { pinCommand, portAdvice } from "../topology/plan/port-advice.ts";
import { shareOf } from "../topology/plan/share.ts";
import { portsOf } from "../topology/plan/ways.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import type { LivePort } from "./live-service.ts";
import type { LiveController } from "./read-controller.ts";

/**
 * Ports of a plan that somebody else has opened on a controller. They are refused before anything is written.
 * @param exported ports of this cluster that the stack has exposed so far. Another topology gives its ports the same
 * names as this one, so a port that is not among these and leads elsewhere is somebody else's. Undefined: unknown; then
 * a port that leads to another namespace is somebody else's
 * @param file the topology, as a command names it
 */
export function foreignPorts(
  plan: Plan,
  exposures: readonly PlannedExposure[],
  ingress: Ingress,
  live: LiveController,
  exported?: ReadonlySet<number>,
  file = "<topology>",
): Finding[] {
  const ports = live.service?.ports ?? [];
  const namespaces = new Set(shareOf(plan, exposures[0]?.cluster ?? "").peers.map(({ namespace }) => namespace));
  const leadsAway = (entry: string | undefined) =>
    entry !== undefined && !namespaces.has(entry.slice(0, entry.indexOf("/")));
  const byChart = new Set(openedByOthers(exposures, ingress, live));
  const ours = (port: number) => byChart.has(port) || ports.some((each) => each.port === port && isOurs(each));
  const elsewhere = (exposure: PlannedExposure, entry: string) =>
    !entry.startsWith(tcpServicesEntry(exposure)) && (exported ? !exported.has(exposure.port) : leadsAway(entry));
  const foreign = new Set(
    [...ports.map(({ port }) => port), ...hostPortsOf(live), ...Object.keys(live.tcpServices).map(Number)].filter(
      (port) => !ours(port) || (exported ? !exported.has(port) : leadsAway(live.tcpServices[String(port)])),
    ),
  );
  const taken = exposures.flatMap((exposure) => {
    const opened = ports.find((each) => each.port === exposure.port && !ours(exposure.port));
    const entry = live.tcpServices[String(exposure.port)];
    const mapped =
      entry !== undefined &&
      entry !== tcpServicesEntry(exposure, ingress.proxyProtocol) &&
      (!ours(exposure.port) || elsewhere(exposure, entry))
        ? entry
        : undefined;
    return opened || mapped !== undefined ? [{ exposure, by: mapped ?? opened?.name ?? "unnamed port" }] : [];
  });
  if (taken.length === 0) return [];
  const { pins, full } = portAdvice(
    plan,
    taken.map(({ exposure }) => exposure),
    {
      foreign,
      command: pinCommand(
        file,
        ...avoidOption(
          taken.map(({ exposure }) => exposure),
          foreign,
        ),
      ),
    },
  );
  return taken.map(
    ({ exposure, by }) =>
      new Finding(liveRules.portTaken, {
        path: ["replications", exposure.replication],
        what: `port ${exposure.port} of ${ingress.namespace}/${ingress.service} in cluster "${exposure.cluster}" is open for somebody else (${by})`,
        fix:
          pins.get(exposure.id) ?? full.find(({ exposures: none }) => none.includes(exposure))?.fix ?? "pin a free one",
      }),
  );
}

/** `--avoid dc:4045,4046`: the option of `bigpeer pin` that keeps a cluster's exposures off ports that others have. */
export function avoidOption(exposures: readonly PlannedExposure[], foreign: Iterable<number>): string[] {
  const ranges = exposures.map(({ way }) => portsOf(way));
  const ports = [...foreign].filter((port) =>
    ranges.some((range) => range && port >= range.first && port <= range.last),
  );
  const [first] = exposures;
  return first && ports.length > 0 ? ["--avoid", `${first.cluster}:${ports.sort((a, b) => a - b).join(",")}`] : [];
}

/** The ways of exposing targets that cannot be read. */
export function unreadController(cluster: string, error: unknown, what = "the ingress controller"): Finding {
  return new Finding(liveRules.controllerUnread, {
    path: ["clusters", cluster],
    what: `${what} cannot be inspected: ${error instanceof Error ? error.message : String(error)}`,
    fix: "check that the cluster's `context` and kubeconfig are right, that it can be reached, and that the user may read it",
  });
}

/** True if a port of a Service bears the name that we give to a port of this number. */
function isOurs({ name, port }: LivePort): boolean {
  return name === `${exposedPortPrefix}${port}`;
}

/** Ports of the node that the controller's container listens on. */
function hostPortsOf({ container }: LiveController): number[] {
  return (container?.ports ?? []).flatMap(({ hostPort }) => hostPort ?? []);
}

/**
 * Exposed ports that others have opened on the Service for the same backends: the ingress-nginx chart does so for its `tcp` values, which
 * `bigpeer helm-values` prints.
 */
export function openedByOthers(
  exposures: readonly PlannedExposure[],
  ingress: Ingress,
  live: LiveController,
): number[] {
  return exposures
    .filter(
      (exposure) =>
        live.tcpServices[String(exposure.port)] === tcpServicesEntry(exposure, ingress.proxyProtocol) &&
        live.service?.ports.some((each) => each.port === exposure.port && !isOurs(each) && leadsTo(live, each)),
    )
    .map(({ port }) => port);
}

/** True if a port of the Service leads to the port of the same number in the controller's pods. */
function leadsTo({ container }: LiveController, { port, targetPort = port }: LivePort): boolean {
  if (typeof targetPort === "number") return targetPort === port;
  return container?.ports.some(({ name, containerPort }) => name === targetPort && containerPort === port) ?? false;
}

/**
 * True if a controller has every exposed port open, and none that used to be exposed. A port of ours is recognised by
 * its name, and distinguished from another environment's by the namespace that it leads to.
 */
export function opensExactly(plan: Plan, exposures: readonly PlannedExposure[], live: LiveController): boolean {
  const wanted = new Set(exposures.map(({ port }) => port));
  const open = (live.service?.ports ?? []).filter(isOurs);
  if (![...wanted].every((port) => open.some((each) => each.port === port && leadsTo(live, each)))) return false;
  const { peers } = shareOf(plan, exposures[0]?.cluster ?? "");
  const own = new Set(peers.map(({ namespace }) => namespace));
  return open
    .filter(({ port }) => !wanted.has(port))
    .every(({ port }) => {
      const entry = live.tcpServices[String(port)];
      return entry !== undefined && !own.has(entry.split("/")[0] ?? "");
    });
}

/** `host:port` of an exposure for other clusters; undefined while nothing has an address. */
export function exposedAddress(ingress: Ingress, { service }: LiveController, port: number): string | undefined {
  const host = ingress.host ?? service?.address ?? service?.externalIPs[0];
  return host === undefined ? undefined : hostPort(host, port);
}
