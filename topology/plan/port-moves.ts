import { Finding, formatPath } from "../findings/finding.ts";
import { live } from "../rules/live.ts";
import { Pins } from "./pins.ts";
import type { Plan, PlannedExposure } from "./plan.ts";
import { wayPath } from "./port-advice.ts";
import { portsOf } from "./ways.ts";

/**
 * The deployed ports: that of each exposure by its ID (see `exposureId`), in the names that the plan has for clusters.
 */
export type DeployedPorts = ReadonlyMap<string, number>;

/**
 * The ports of a deployed plan.
 * @param plan in the names of the later one
 */
export function portsOfPlan({ exposures }: Plan): DeployedPorts {
  return new Map(exposures.map(({ id, port }) => [id, port]));
}

/** An exposed target that takes the place of another one of its replication. */
export interface Successor {
  readonly exposure: PlannedExposure;
  /** The peer that was exposed before. */
  readonly former: string;
  readonly port: number;
}

/**
 * The new exposed targets that each take the place of one that their replication no longer has: a peer with another
 * name, or the other end, once the replication is dialled in the other direction. Both are exposed by one way of one
 * cluster. A target that could take either of two places takes neither.
 */
export function successors(plan: Plan, deployed: DeployedPorts): Successor[] {
  const ids = new Set(plan.exposures.map(({ id }) => id));
  const place = ([cluster, replication, , way]: readonly string[]) => JSON.stringify([cluster, replication, way]);
  const gone = Map.groupBy(
    [...deployed].filter(([id]) => !ids.has(id)),
    ([id]) => place(id.split("/")),
  );
  const fresh = Map.groupBy(
    plan.exposures.filter(({ id }) => !deployed.has(id)),
    ({ id }) => place(id.split("/")),
  );
  return [...fresh].flatMap(([key, [exposure, ...others]]): Successor[] => {
    const [former, ...formerOthers] = gone.get(key) ?? [];
    if (!exposure || !former || others.length + formerOthers.length > 0) return [];
    const [id, port] = former;
    return [{ exposure, former: id.split("/")[2] ?? "", port }];
  });
}

/**
 * The ports that were dialled and are free now, by cluster and way: a stack that has not been updated yet still dials
 * them. A port that its target's successor takes over is not among them.
 */
export function freedPorts(plan: Plan, deployed: DeployedPorts): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const now = new Map(plan.exposures.map((exposure) => [exposure.id, exposure]));
  const inherited = new Set(successors(plan, deployed).map(({ exposure, former }) => formerId(exposure.id, former)));
  const freed = new Map<string, Map<number, string>>();
  for (const [id, port] of deployed) {
    if (now.get(id)?.port === port || inherited.has(id)) continue;
    const key = wayKey(id);
    freed.set(key, (freed.get(key) ?? new Map<number, string>()).set(port, id));
  }
  return freed;
}

/** The way of a cluster that exposes a target: the ID of the exposure without its replication and peer. */
export function wayKey(id: string): string {
  const [cluster = "", , , way = ""] = id.split("/");
  return `${cluster}/${way}`;
}

/**
 * What an update would do to ports that others dial already. A port that moves although the file does not say so is
 * refused, and nothing else is: a port that the file names is one that somebody has asked for.
 * @param command the `bigpeer pin` that keeps the deployed ports
 */
export function portMoves(plan: Plan, deployed: DeployedPorts, command: string): Finding[] {
  return [...moved(plan, deployed, command), ...left(plan, deployed, command), ...reused(plan, deployed, command)];
}

function moved(plan: Plan, deployed: DeployedPorts, command: string): Finding[] {
  return plan.exposures.flatMap((exposure) => {
    const { id, replication, peer, cluster, port, pinned, way } = exposure;
    const before = deployed.get(id);
    if (before === undefined || before === port || pinned || way.kind === "address") return [];
    const range = portsOf(way);
    const fits = !range || (before >= range.first && before <= range.last);
    const kept = `\`${pinText(plan, exposure, before)}\``;
    const wanted = `if it is to move, write \`${pinText(plan, exposure, port)}\``;
    const written = `\`${command}\` writes it for every target`;
    return [
      new Finding(live.portMoved, {
        path: ["replications", replication],
        what: `port ${before}, by which "${peer}" in cluster "${cluster}" is dialled, would move to ${port}${fits ? "" : `: it is outside the range ${range.first}-${range.last}`}`,
        fix: fits
          ? `keep it: write ${kept}; ${written}. ${upper(wanted)}`
          : `keep it: let \`ports\` in ${formatPath(wayPath(plan, exposure))} include ${before}. ${upper(wanted)}; ${written}`,
      }),
    ];
  });
}

function left(plan: Plan, deployed: DeployedPorts, command: string): Finding[] {
  return successors(plan, deployed).flatMap(({ exposure, former, port: before }) => {
    const { replication, peer, cluster, port, pinned, way } = exposure;
    if (port === before || pinned || way.kind === "address") return [];
    return [
      new Finding(live.portLeft, {
        path: ["replications", replication],
        what: `"${peer}" takes the place of "${former}" in cluster "${cluster}", and is dialled at port ${port} in place of ${before}`,
        fix: `open ${port} wherever ${before} is open; or keep it: write \`${pinText(plan, exposure, before)}\`, as \`${command}\` does where the port is in the range`,
      }),
    ];
  });
}

function reused(plan: Plan, deployed: DeployedPorts, command: string): Finding[] {
  const freed = freedPorts(plan, deployed);
  return plan.exposures.flatMap(({ id, replication, peer, cluster, port, way }) => {
    const former = freed.get(wayKey(id))?.get(port);
    if (former === undefined || deployed.get(id) === port || way.kind === "address") return [];
    const [, formerReplication, formerPeer] = former.split("/");
    return [
      new Finding(live.portReused, {
        path: ["replications", replication],
        what: `port ${port} of cluster "${cluster}" led to "${formerPeer}" for ${formerReplication} so far, and would lead to "${peer}" for ${replication}`,
        fix: `\`${command}\` gives it another one; or deploy without ${replication} first, in every stack, and add it then`,
      }),
    ];
  });
}

function formerId(id: string, peer: string): string {
  const [cluster = "", replication = "", , ...way] = id.split("/");
  return [cluster, replication, peer, ...way].join("/");
}

function pinText(plan: Plan, exposure: PlannedExposure, port: number): string {
  const pins = new Pins(plan);
  pins.set(exposure, port);
  return pins.text(exposure.replication);
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
