import { z } from "zod";
import { TransportServerExposure } from "../components/transport-server-exposure.ts";
import type { WayOf } from "../topology/file/exposure.ts";
import { Finding } from "../topology/findings/finding.ts";
import { exposedPortPrefix } from "../topology/objects/exposure-manifests.ts";
import { transportListener, transportServerDefinition } from "../topology/objects/transport-server-manifests.ts";
import type { PlannedExposure } from "../topology/plan/plan.ts";
import { pinCommand } from "../topology/plan/port-advice.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import { avoidOption } from "./live-controllers.ts";
import { liveForm } from "./live-form.ts";
import { type LiveService, liveService } from "./live-service.ts";
import type { ReadObject } from "./read-controller.ts";
import { addressesOf, placeOf, type SeenWay } from "./seen-way.ts";
import { servedOtherwise, servedVersions } from "./served-versions.ts";
import type { Pending } from "./stack-exports.ts";

const form = z.object({
  spec: z
    .object({
      listeners: z
        .array(z.object({ name: z.string().optional(), port: z.number().optional(), protocol: z.string().optional() }))
        .default([]),
    })
    .prefault({}),
});
type Listener = z.output<typeof form>["spec"]["listeners"][number];

/** Reads F5 NGINX Ingress Controller: its Service, and the listeners in its GlobalConfiguration. */
export async function lookAtTransportController(
  cluster: string,
  {
    name,
    way,
    kubectl,
    file,
  }: {
    readonly name: string;
    readonly way: WayOf<"transportServer">;
    /** With the flags that reach the cluster. */
    readonly kubectl: string;
    readonly file?: string | undefined;
  },
  exposures: readonly PlannedExposure[],
  read: ReadObject,
): Promise<SeenWay> {
  const { settings } = way;
  const { namespace, globalConfiguration } = settings;
  const place = `${namespace}/${settings.service}`;
  const [serviceObject, configuration, versions] = await Promise.all([
    read("Service", namespace, settings.service),
    read("GlobalConfiguration", namespace, globalConfiguration),
    servedVersions(transportServerDefinition, read),
  ]);
  const service = liveService(serviceObject, place);
  const listeners =
    configuration === undefined
      ? undefined
      : liveForm(form, configuration, `GlobalConfiguration ${namespace}/${globalConfiguration}`).spec.listeners;
  const served = versions.includes("v1");
  const known = addressesOf(
    exposures,
    () => service?.loadBalancer,
    () => ({
      reason: `the Service ${place} has no load balancer address yet`,
      next: "wait for the load balancer and run pulumi up again, or set the `host` of the exposure",
    }),
  );
  const what = `exposure by ${place} in cluster "${cluster}"`;
  const lacks: Omit<Pending, "what">[] = [];
  const install = "install F5 NGINX Ingress Controller, or name its objects in `transportServer`";
  const kind = "TransportServer of k8s.nginx.org/v1";
  if (versions.length === 0) lacks.push({ reason: `the cluster does not serve ${kind}`, next: install });
  if (!service) lacks.push({ reason: "there is no such Service", next: install });
  if (settings.manage === "check") lacks.push(...missingListeners(way, exposures, listeners, kubectl));
  return {
    cluster,
    addresses: known.addresses,
    pending: [...lacks.map((each) => ({ what, ...each })), ...known.pending],
    refused: [
      ...(service ? takenPorts(cluster, place, exposures, { service, file }) : []),
      ...takenListeners(cluster, way, exposures, { listeners: listeners ?? [], file }),
      ...(versions.length > 0 && !served
        ? [servedOtherwise(cluster, kind, versions, "update F5 NGINX Ingress Controller and its definitions")]
        : []),
    ],
    notes: [],
    makes: served && service ? exposures.map(placeOf) : [],
    declare: (options, transform) => {
      if (!served || !service) return;
      const portsAreOpen = opensExactly(exposures, service);
      const changes = { ...transform, service: transform?.controllerPorts };
      const args = { controller: settings, targets: exposures, portsAreOpen, transform: changes };
      new TransportServerExposure(`${cluster}/${name}-transport`, args, options);
    },
  };
}

/** The listeners that targets need: in the list already, or to be added by the list's owner. */
function missingListeners(
  { settings: { namespace, globalConfiguration } }: WayOf<"transportServer">,
  exposures: readonly PlannedExposure[],
  listeners: readonly Listener[] | undefined,
  kubectl: string,
): Omit<Pending, "what">[] {
  const place = `${namespace}/${globalConfiguration}`;
  const wanted = exposures.map(transportListener);
  const own = "or set `manage: listeners` in the topology if nobody else has listeners in it";
  if (!listeners) {
    const spec = { listeners: wanted };
    const object = { apiVersion: "k8s.nginx.org/v1", kind: "GlobalConfiguration", spec };
    const manifest = { ...object, metadata: { name: globalConfiguration, namespace } };
    return [
      {
        reason: `there is no GlobalConfiguration ${place} with the listeners`,
        next: `create it (\`echo '${JSON.stringify(manifest)}' | ${kubectl} apply -f -\`) and start the controller with -global-configuration=${place}, ${own}`,
      },
    ];
  }
  const missing = wanted.filter(
    ({ name, port }) => !listeners.some((each) => each.name === name && each.port === port && each.protocol === "TCP"),
  );
  if (missing.length === 0) return [];
  const patch =
    listeners.length === 0
      ? [{ op: "add", path: "/spec/listeners", value: missing }]
      : missing.map((value) => ({ op: "add", path: "/spec/listeners/-", value }));
  return [
    {
      reason: `the GlobalConfiguration ${place} has no listener ${missing.map(({ name }) => name).join(", ")}`,
      next: `add ${missing.length === 1 ? "it" : "them"} (\`${kubectl} -n ${namespace} patch globalconfiguration ${globalConfiguration} --type json -p '${JSON.stringify(patch)}'\`), ${own}`,
    },
  ];
}

/** The listeners of others in the list. Whoever applies the list owns all of it, so theirs would be removed. */
function takenListeners(
  cluster: string,
  { settings }: WayOf<"transportServer">,
  exposures: readonly PlannedExposure[],
  { listeners, file }: { readonly listeners: readonly Listener[]; readonly file: string | undefined },
): Finding[] {
  const place = `${settings.namespace}/${settings.globalConfiguration}`;
  const isOurs = ({ name }: Listener) => name?.startsWith(exposedPortPrefix) ?? false;
  const others = listeners.filter((each) => !isOurs(each));
  if (settings.manage === "listeners" && others.length > 0)
    return [
      new Finding(liveRules.listenersShared, {
        path: ["clusters", cluster],
        what: `the GlobalConfiguration ${place} in cluster "${cluster}" has listeners that belong to somebody else: ${others.map(({ name, port }) => name ?? port).join(", ")}`,
        fix: "write `manage: check`, and have the listeners of this topology added to that list",
      }),
    ];
  const foreign = others.filter(({ protocol }) => protocol !== "UDP");
  const where = `${place} in cluster "${cluster}"`;
  const ports = new Map(foreign.flatMap(({ name, port }) => (port === undefined ? [] : [[port, name] as const])));
  return taken(exposures, { where, ports, unnamed: "an unnamed listener" }, file);
}

function takenPorts(
  cluster: string,
  place: string,
  exposures: readonly PlannedExposure[],
  { service, file }: { readonly service: LiveService; readonly file: string | undefined },
): Finding[] {
  const foreign = service.ports.filter(({ name, port }) => name !== `${exposedPortPrefix}${port}`);
  const where = `${place} in cluster "${cluster}"`;
  const ports = new Map(foreign.map(({ name, port }) => [port, name]));
  return taken(exposures, { where, ports, unnamed: "an unnamed port" }, file);
}

/** Ports of our targets that others have opened already. */
function taken(
  exposures: readonly PlannedExposure[],
  {
    where,
    ports,
    unnamed,
  }: {
    readonly where: string;
    readonly ports: ReadonlyMap<number, string | undefined>;
    readonly unnamed: string;
  },
  file = "<topology>",
): Finding[] {
  const command = pinCommand(file, ...avoidOption(exposures, ports.keys()));
  return exposures
    .filter(({ port }) => ports.has(port))
    .map(
      ({ replication, port }) =>
        new Finding(liveRules.portTaken, {
          path: ["replications", replication],
          what: `port ${port} of ${where} is open for somebody else (${ports.get(port) ?? unnamed})`,
          fix: `\`${command}\` pins a free one`,
        }),
    );
}

function opensExactly(exposures: readonly PlannedExposure[], { ports }: LiveService): boolean {
  const wanted = new Set(exposures.map(({ port }) => port));
  const open = ports.filter(({ port, name }) => name === `${exposedPortPrefix}${port}`);
  return open.length === wanted.size && open.every(({ port }) => wanted.has(port));
}
