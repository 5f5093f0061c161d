import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { TopologyTransforms } from "../components/topology-transforms.ts";
import type { Finding } from "../topology/findings/finding.ts";
import { hostPort } from "../topology/plan/names.ts";
import type { PlannedExposure } from "../topology/plan/plan.ts";
import type { Pending } from "./stack-exports.ts";

/** A way of exposing targets as it stands in its cluster. */
export interface SeenWay {
  readonly cluster: string;
  /** For each exposure: the `host:port` under which others reach it, where that is known by now. */
  readonly addresses: ReadonlyMap<string, string>;
  /** What is still missing, each with what resolves it. */
  readonly pending: readonly Pending[];
  /** The reasons why nothing may be written. */
  readonly refused: readonly Finding[];
  /** Warnings, which stop nothing. */
  readonly notes: readonly Finding[];
  /**
   * The objects that `declare` makes, as `<namespace>/<name>`. Patches of other people's objects are not among them.
   */
  readonly makes: readonly string[];
  /** Makes the objects that expose the targets, as far as the cluster has what they need. */
  readonly declare: (options: ComponentResourceOptions, transform?: TopologyTransforms) => void;
}

/** The path of an object that is written for one target alone. */
export function placeOf({ object, backend: { namespace } }: PlannedExposure): string {
  return `${namespace}/${object}`;
}

/**
 * The addresses of exposures whose host the file or the cluster gives. Where neither gives it, the exposure is pending.
 * @param missing why the host is not known yet
 */
export function addressesOf(
  exposures: readonly PlannedExposure[],
  liveHost: (exposure: PlannedExposure) => string | undefined,
  missing: (exposure: PlannedExposure) => Omit<Pending, "what">,
): Pick<SeenWay, "addresses" | "pending"> {
  const addresses = new Map<string, string>();
  const pending: Pending[] = [];
  for (const exposure of exposures) {
    const host = exposure.host ?? liveHost(exposure);
    if (host !== undefined) addresses.set(exposure.id, hostPort(host, exposure.port));
    else pending.push({ what: `address of ${exposure.id}`, ...missing(exposure) });
  }
  return { addresses, pending };
}
