import type { ProviderResource } from "@pulumi/pulumi";
import { TcpExposure } from "../components/tcp-exposure.ts";
import type { Ingress } from "../topology/file/schema.ts";
import { type Finding, TopologyError } from "../topology/findings/finding.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import {
  exposedAddress,
  foreignPorts,
  type LiveController,
  opensExactly,
  pendingFlag,
  type ReadObject,
  readController,
  unreadController,
} from "./live-controllers.ts";
import type { FormerNames } from "./renamed-clusters.ts";
import type { Pending } from "./stack-exports.ts";

/** One controller of an owned cluster with what it has to expose. */
export interface OwnedController {
  readonly cluster: string;
  /** Name of the ingress in the topology. */
  readonly name: string;
  readonly ingress: Ingress;
  readonly exposures: readonly PlannedExposure[];
  readonly live: LiveController | undefined;
}

/** Looks at every controller of the owned clusters that has something to expose, before anything is written.
 * @param exported `host:port` of the exposures that the stack has exported after its last update. Undefined: unknown
 * @throws TopologyError if one cannot be looked at, or one of its ports is open for somebody else */
export async function ownedControllers(
  plan: Plan,
  owned: ReadonlySet<string>,
  readers: ReadonlyMap<string, ReadObject>,
  exported?: Readonly<Record<string, string>>,
): Promise<OwnedController[]> {
  const controllers = [...plan.clusters.values()].flatMap(({ name: cluster }) =>
    shareOf(plan, cluster).controllers.flatMap((controller) => {
      const read = readers.get(cluster);
      return owned.has(cluster) && read ? [{ cluster, ...controller, read }] : [];
    }),
  );
  const looks = await Promise.allSettled(
    controllers.map(async ({ read, ...controller }) => ({
      ...controller,
      live: await readController(controller.ingress, read),
    })),
  );
  const seen = looks.flatMap((look) => (look.status === "fulfilled" ? [look.value] : []));
  const unseen = looks.flatMap((look, index): Finding[] =>
    look.status === "rejected" ? [unreadController(controllers[index]?.cluster ?? "", look.reason)] : [],
  );
  if (unseen.length > 0) throw new TopologyError(unseen);
  const findings = seen.flatMap(({ cluster, exposures, ingress, live }) =>
    live ? foreignPorts(plan, exposures, ingress, live, exported && portsOf(cluster, exported)) : [],
  );
  if (findings.length > 0) throw new TopologyError(findings);
  return seen;
}

/** The ports of a cluster among exported exposures. */
function portsOf(cluster: string, exported: Readonly<Record<string, string>>): ReadonlySet<number> {
  const own = Object.entries(exported).filter(([id]) => id.startsWith(`${cluster}/`));
  return new Set(own.map(([, address]) => Number(address.split(":").at(-1))));
}

/** Exposes what the controllers have to expose. One that is not installed is left out and pending. */
export function exposeTargets(
  plan: Plan,
  controllers: readonly OwnedController[],
  providers: ReadonlyMap<string, ProviderResource>,
  former: FormerNames,
): { addresses: ReadonlyMap<string, string>; pending: Pending[] } {
  const addresses = new Map<string, string>();
  const pending: Pending[] = [];
  for (const { cluster, name, ingress, exposures, live } of controllers) {
    pending.push(...pendingFlag(cluster, ingress, live));
    const provider = providers.get(cluster);
    if (live && provider) {
      const currentArguments = ingress.manage === "arguments" ? live.arguments : undefined;
      const label = name === "default" ? `${cluster}-exposure` : `${cluster}/${name}-exposure`;
      const portsAreOpen = opensExactly(plan, exposures, live);
      const args = { controller: ingress, exposures, currentArguments, portsAreOpen };
      new TcpExposure(label, args, { ...former.options(cluster), providers: [provider] });
    }
    for (const exposure of exposures) {
      const address = exposedAddress(ingress, live, exposure.port);
      if (address !== undefined) addresses.set(exposure.id, address);
      else {
        const reason = `the Service ${ingress.namespace}/${ingress.service} has no load balancer address yet`;
        pending.push({
          what: `address of ${exposure.id}`,
          reason,
          next: "wait for the load balancer and run pulumi up again, or set the ingress's `host`",
        });
      }
    }
  }
  return { addresses, pending };
}
