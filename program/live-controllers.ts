import { z } from "zod";
import type { Ingress } from "../topology/file/schema.ts";
import { Finding } from "../topology/findings/finding.ts";
import { exposedPortPrefix, tcpServicesEntry, tcpServicesFlag } from "../topology/objects/exposure-manifests.ts";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import { hostPort } from "../topology/plan/names.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { portAdvice } from "../topology/plan/port-advice.ts";
import { shareOf } from "../topology/plan/share.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import { liveForm } from "./live-form.ts";
import { liveService } from "./live-service.ts";
import type { Pending } from "./stack-exports.ts";

/** An ingress controller as it is in its cluster right now. */
export interface LiveController {
  readonly arguments: readonly string[] | undefined;
  readonly ports: readonly { readonly name?: string | undefined; readonly port: number }[];
  /** Host name or IP of the Service's load balancer. */
  readonly loadBalancer: string | undefined;
  /** The ConfigMap of TCP services. */
  readonly tcpServices: Readonly<Record<string, string>>;
}

/** The kinds that a way of exposing targets is looked at by, with their API versions. */
const apiVersions = {
  Service: "v1",
  ConfigMap: "v1",
  Deployment: "apps/v1",
  Gateway: "gateway.networking.k8s.io/v1",
  GatewayClass: "gateway.networking.k8s.io/v1",
  GlobalConfiguration: "k8s.nginx.org/v1",
  CustomResourceDefinition: "apiextensions.k8s.io/v1",
} as const;

/** One of the objects that a controller consists of. */
export function controllerObject(kind: keyof typeof apiVersions, namespace: string, name: string): ObjectReference {
  return { apiVersion: apiVersions[kind], kind, namespace, name };
}

/** Reads one object of a cluster as plain data; undefined where it is not there. */
export type ReadObject = (kind: keyof typeof apiVersions, namespace: string, name: string) => Promise<unknown>;

const deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ name: z.string(), args: z.array(z.string()).optional() })) }),
    }),
  }),
});
const configMap = z.object({ data: z.record(z.string(), z.string()).optional() });

/** Looks at a controller. Undefined: its Service is not there. */
export async function readController(ingress: Ingress, read: ReadObject): Promise<LiveController | undefined> {
  const { namespace } = ingress;
  const [object, liveDeployment, liveMap] = await Promise.all([
    read("Service", namespace, ingress.service),
    read("Deployment", namespace, ingress.deployment),
    read("ConfigMap", namespace, ingress.configMap),
  ]);
  const service = liveService(object, `${namespace}/${ingress.service}`);
  if (service === undefined) return undefined;
  const containers =
    liveDeployment === undefined
      ? []
      : liveForm(deployment, liveDeployment, `Deployment ${namespace}/${ingress.deployment}`).spec.template.spec
          .containers;
  return {
    arguments: containers.find(({ name }) => name === ingress.container)?.args,
    ports: service.ports,
    loadBalancer: service.loadBalancer,
    tcpServices:
      liveMap === undefined
        ? {}
        : (liveForm(configMap, liveMap, `ConfigMap ${namespace}/${ingress.configMap}`).data ?? {}),
  };
}

/**
 * Ports of a plan that somebody else has opened on a controller: refused before anything is written.
 * @param exported ports of this cluster that the stack has exposed so far. Another topology calls its ports as ours are called, so one that
 * is not among them is somebody else's where it leads elsewhere. Undefined: unknown, and the name has to do
 */
export function foreignPorts(
  plan: Plan,
  exposures: readonly PlannedExposure[],
  ingress: Ingress,
  live: LiveController,
  exported?: ReadonlySet<number>,
): Finding[] {
  const ours = (port: number) =>
    live.ports.some((each) => each.port === port && each.name === `${exposedPortPrefix}${port}`);
  const elsewhere = (exposure: PlannedExposure, entry: string) =>
    exported?.has(exposure.port) === false && !entry.startsWith(tcpServicesEntry(exposure));
  const foreign = new Set(
    [...live.ports.map(({ port }) => port), ...Object.keys(live.tcpServices).map(Number)].filter(
      (port) => !ours(port) || exported?.has(port) === false,
    ),
  );
  const taken = exposures.flatMap((exposure) => {
    const opened = live.ports.find((each) => each.port === exposure.port && !ours(exposure.port));
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
  const advice = portAdvice(
    plan,
    taken.map(({ exposure }) => exposure),
    foreign,
  );
  return taken.map(
    ({ exposure, by }) =>
      new Finding(liveRules.portTaken, {
        path: ["replications", exposure.replication],
        what: `port ${exposure.port} of ${ingress.namespace}/${ingress.service} in cluster "${exposure.cluster}" is open for somebody else (${by})`,
        fix: advice.get(exposure.id) ?? "pin a free one",
      }),
  );
}

/** What exposes a cluster's targets, and cannot be looked at. */
export function unreadController(cluster: string, error: unknown, what = "the ingress controller"): Finding {
  return new Finding(liveRules.controllerUnread, {
    path: ["clusters", cluster],
    what: `${what} cannot be looked at: ${error instanceof Error ? error.message : String(error)}`,
    fix: "see that the cluster's `context` and kubeconfig are right, that it can be reached, and that their user may read it",
  });
}

/**
 * Whether a controller has open what is exposed by it, and no port that used to be. A port of ours is known by its name, and told from another
 * environment's by the namespace that it leads to.
 */
export function opensExactly(plan: Plan, exposures: readonly PlannedExposure[], live: LiveController): boolean {
  const wanted = new Set(exposures.map(({ port }) => port));
  const open = live.ports.filter(({ port, name }) => name === `${exposedPortPrefix}${port}`).map(({ port }) => port);
  if (![...wanted].every((port) => open.includes(port))) return false;
  const { peers } = shareOf(plan, exposures[0]?.cluster ?? "");
  const own = new Set(peers.map(({ namespace }) => namespace));
  return open
    .filter((port) => !wanted.has(port))
    .every((port) => {
      const entry = live.tcpServices[String(port)];
      return entry !== undefined && !own.has(entry.split("/")[0] ?? "");
    });
}

/** What the controller still lacks for exposed ports to work. */
export function pendingFlag(cluster: string, ingress: Ingress, live: LiveController | undefined): Pending[] {
  const where = `${ingress.namespace}/${ingress.service} in cluster "${cluster}"`;
  if (!live) {
    return [
      {
        what: `exposure by ${where}`,
        reason: "there is no such Service",
        next: "install ingress-nginx, or name its objects in `ingress`",
      },
    ];
  }
  const flag = tcpServicesFlag(ingress);
  if (ingress.manage === "arguments" || live.arguments?.includes(flag)) return [];
  return [
    {
      what: `exposure by ${where}`,
      reason: `the controller does not have ${flag}, so it ignores the ports`,
      next:
        "with Helm, set the chart's `tcp` values; else: kubectl " +
        `-n ${ingress.namespace} patch deployment ${ingress.deployment} --type json -p '[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"${flag}"}]'; ` +
        "or set `manage: arguments` in the topology",
    },
  ];
}

/** `host:port` of an exposure for other clusters; undefined while the load balancer has no address. */
export function exposedAddress(ingress: Ingress, live: LiveController | undefined, port: number): string | undefined {
  const host = ingress.host ?? live?.loadBalancer;
  return host === undefined ? undefined : hostPort(host, port);
}
