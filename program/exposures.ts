import type { ProviderResource } from "@pulumi/pulumi";
import { TcpExposure } from "../components/tcp-exposure.ts";
import type { TopologyTransforms } from "../components/topology-transforms.ts";
import type { Ingress } from "../topology/file/exposure.ts";
import { type Finding, TopologyError } from "../topology/findings/finding.ts";
import { tcpServicesRead } from "../topology/objects/controller-arguments.ts";
import { kubectlAt } from "../topology/objects/kubectl.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { controllerProblems, isInstalled } from "./controller-problems.ts";
import { editedExposures } from "./edited-exposures.ts";
import { exposedAddress, foreignPorts, openedByOthers, opensExactly, unreadController } from "./live-controllers.ts";
import { type LiveController, type ReadObject, readController } from "./read-controller.ts";
import type { FormerNames } from "./renamed-clusters.ts";
import type { Pending } from "./stack-exports.ts";

/** One controller of an owned cluster with what it has to expose. */
export interface OwnedController {
  readonly cluster: string;
  /** Name of the ingress in the topology. */
  readonly name: string;
  readonly ingress: Ingress;
  readonly exposures: readonly PlannedExposure[];
  readonly live: LiveController;
  /** What is exposed otherwise than it was written. An error is pending until somebody has changed it back. */
  readonly edits: readonly Finding[];
}

/**
 * Reads every controller of the owned clusters that has targets to expose, before anything is written.
 * @param exported `host:port` of the exposures that the stack has exported after its last update. Undefined: unknown
 * @param file the topology, as a command names it
 * @throws TopologyError if a controller cannot be read, or if somebody else has opened one of its ports
 */
export async function ownedControllers(
  plan: Plan,
  owned: ReadonlySet<string>,
  readers: ReadonlyMap<string, ReadObject>,
  exported?: Readonly<Record<string, string>>,
  file?: string,
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
  const judged = seen.map((controller) => {
    const { cluster, exposures, ingress, live } = controller;
    const before = exported && portsOf(cluster, exported);
    const taken = foreignPorts(plan, exposures, ingress, live, before, file);
    const own = exposures.filter(({ replication }) => !taken.some(({ path }) => path[1] === replication));
    const edits = editedExposures(
      own,
      { ...controller, kubectl: kubectlAt(plan.clusters.get(cluster)?.context) },
      before,
    );
    return { ...controller, edits, errors: taken };
  });
  const errors = judged.flatMap((each) => each.errors);
  if (errors.length > 0) throw new TopologyError(errors);
  return judged;
}

/** The ports of a cluster among exported exposures. */
function portsOf(cluster: string, exported: Readonly<Record<string, string>>): ReadonlySet<number> {
  const own = Object.entries(exported).filter(([id]) => id.startsWith(`${cluster}/`));
  return new Set(own.map(([, address]) => Number(address.split(":").at(-1))));
}

/**
 * Exposes the targets of each controller. A controller that is not installed is left out, and its targets are pending.
 */
export function exposeTargets(
  plan: Plan,
  controllers: readonly OwnedController[],
  providers: ReadonlyMap<string, ProviderResource>,
  former: FormerNames,
  transform: TopologyTransforms = {},
): { addresses: ReadonlyMap<string, string>; pending: Pending[] } {
  const addresses = new Map<string, string>();
  const pending: Pending[] = [];
  for (const { cluster, name, ingress, exposures, live, edits } of controllers) {
    const kubectl = kubectlAt(plan.clusters.get(cluster)?.context);
    const where = `${ingress.namespace}/${ingress.hostPorts ? ingress.deployment : ingress.service}`;
    for (const { reason, next } of controllerProblems(ingress, live, exposures, kubectl))
      pending.push({ what: `exposure by ${where} in cluster "${cluster}"`, reason, next });
    // No update can write it again; all that has nothing to do with it is updated all the same.
    for (const { severity, what, fix } of edits)
      if (severity === "error")
        pending.push({ what: `exposure by ${where} in cluster "${cluster}"`, reason: what, next: fix });
    const provider = providers.get(cluster);
    if (isInstalled(ingress, live) && provider) {
      const label = name === "default" ? `${cluster}-exposure` : `${cluster}/${name}-exposure`;
      const portsAreOpen = opensExactly(plan, exposures, live);
      const args = {
        ...{ controller: ingress, exposures, portsAreOpen },
        currentArguments: argumentsToSet(ingress, live),
        openedByOthers: openedByOthers(exposures, ingress, live),
        transform: {
          configMap: transform.tcpServices,
          service: transform.controllerPorts,
          deployment: transform.controllerArguments,
        },
      };
      new TcpExposure(label, args, { ...former.options(cluster), providers: [provider] });
    }
    for (const exposure of exposures) {
      const address = exposedAddress(ingress, live, exposure.port);
      if (address !== undefined) addresses.set(exposure.id, address);
      else {
        pending.push({ what: `address of ${exposure.id}`, ...noAddress(ingress) });
      }
    }
  }
  return { addresses, pending };
}

/**
 * The arguments that our flag is added to, or has been added to by an earlier update. Arguments that somebody else has
 * set are left alone.
 */
function argumentsToSet({ manage }: Ingress, { container }: LiveController): readonly string[] | undefined {
  if (manage !== "arguments" || !container) return undefined;
  const read = tcpServicesRead(container);
  return read === undefined || container.argumentsPatched ? container.arguments : undefined;
}

function noAddress({ namespace, service, hostPorts }: Ingress): Pick<Pending, "reason" | "next"> {
  if (hostPorts)
    return {
      reason: "the controller is reached at ports of its nodes, and the ingress has no `host`",
      next: "write a `host`: a name or address of the nodes where the controller runs",
    };
  return {
    reason: `the Service ${namespace}/${service} has no load balancer address yet`,
    next: "wait for the load balancer and run pulumi up again, or set the ingress's `host`",
  };
}
