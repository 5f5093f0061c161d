import { z } from "zod";
import { GatewayExposure } from "../components/gateway-exposure.ts";
import type { WayOf } from "../topology/file/exposure.ts";
import { gatewayDefinitions, gatewayGroup, gatewayKinds, listenerName } from "../topology/objects/gateway-manifests.ts";
import type { PlannedExposure } from "../topology/plan/plan.ts";
import { gatewayPlace } from "../topology/plan/ways.ts";
import { liveForm } from "./live-form.ts";
import type { ReadObject } from "./read-controller.ts";
import { addressesOf, placeOf, type SeenWay } from "./seen-way.ts";
import { servedOtherwise, servedVersions } from "./served-versions.ts";
import type { Pending } from "./stack-exports.ts";

const form = z.object({
  spec: z.object({
    allowedListeners: z.object({ namespaces: z.object({ from: z.string().optional() }).optional() }).optional(),
    listeners: z
      .array(
        z.object({
          name: z.string(),
          port: z.number(),
          allowedRoutes: z.object({ namespaces: z.object({ from: z.string().optional() }).optional() }).optional(),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      addresses: z.array(z.object({ value: z.string().optional() })).optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
    })
    .optional(),
});
type LiveGateway = z.output<typeof form>;

/** Reads a Gateway, and the versions in which its routes' kinds are served. */
export async function lookAtGateway(
  cluster: string,
  {
    name,
    way,
    kubectl,
  }: {
    readonly name: string;
    readonly way: WayOf<"gateway">;
    /** With the flags that reach the cluster. */
    readonly kubectl: string;
  },
  exposures: readonly PlannedExposure[],
  read: ReadObject,
): Promise<SeenWay> {
  const { settings } = way;
  const place = gatewayPlace(way);
  const [object, kinds, missingClass] = await Promise.all([
    read("Gateway", settings.namespace, settings.name),
    kindsNeeded(way, read),
    classIsMissing(way, read, kubectl),
  ]);
  const gateway = object === undefined ? undefined : liveForm(form, object, `Gateway ${place}`);
  const unserved = kinds.filter(({ version, versions }) => !versions.includes(version));
  const where = `exposure by Gateway ${place} in cluster "${cluster}"`;
  const known = addressesOf(
    exposures,
    () => gateway?.status?.addresses?.[0]?.value,
    () => ({
      reason: `the Gateway ${place} has no address in its status yet`,
      next: "wait for the Gateway and run pulumi up again, or set the `host` of the exposure",
    }),
  );
  const lacks = [
    ...unserved.filter(({ versions }) => versions.length === 0).map(notInstalled),
    ...missingClass,
    ...(gateway ? lacking(way, exposures, gateway, kubectl) : absent(way, kubectl)),
    ...(gateway ? notProgrammed(way, gateway, kubectl) : []),
  ].map((each): Pending => ({ what: where, ...each }));
  return {
    cluster,
    addresses: known.addresses,
    pending: [...lacks, ...known.pending],
    refused: unserved
      .filter(({ versions }) => versions.length > 0)
      .map((each) => servedOtherwise(cluster, nameOf(each), each.versions, remedy(each))),
    notes: [],
    makes: unserved.length > 0 ? [] : [...exposures.map(placeOf), ...(settings.listeners === "gateway" ? [place] : [])],
    declare: (options, transform) => {
      if (unserved.length === 0)
        new GatewayExposure(
          `${cluster}/${name}-gateway`,
          { gateway: settings, targets: exposures, transform },
          options,
        );
    },
  };
}

type Lack = Omit<Pending, "what">;

/** A kind that is written in some version, and the versions in which the cluster serves it. */
interface NeededKind {
  readonly kind: string;
  readonly version: string;
  readonly versions: readonly string[];
}

async function kindsNeeded(way: WayOf<"gateway">, read: ReadObject): Promise<NeededKind[]> {
  const served = await Promise.all(gatewayDefinitions(way).map((definition) => servedVersions(definition, read)));
  return gatewayKinds(way).map(({ kind, version }, index) => ({ kind, version, versions: served[index] ?? [] }));
}

function nameOf({ kind, version }: NeededKind): string {
  return `${kind} of ${gatewayGroup}/${version}`;
}

function notInstalled(needed: NeededKind): Lack {
  return { reason: `the cluster does not serve ${nameOf(needed)}`, next: remedy(needed) };
}

function remedy({ kind, versions }: NeededKind): string {
  const other = versions.find((each) => each === "v1" || each === "v1alpha2");
  if (kind === "TCPRoute" && other !== undefined) return `write \`routeVersion: ${other}\` in the \`gateway\``;
  const install =
    "install the Gateway API's definitions, in a version that your controller is made for (ListenerSet since 1.5, TCPRoute v1 since 1.6; v1alpha2 is in the experimental channel)";
  return kind === "ListenerSet"
    ? `${install}; or write \`listeners: existing\`, or \`listeners: gateway\` with a \`className\``
    : install;
}

async function classIsMissing(
  { settings: { className } }: WayOf<"gateway">,
  read: ReadObject,
  kubectl: string,
): Promise<Lack[]> {
  if (className === undefined || (await read("GatewayClass", "", className)) !== undefined) return [];
  const next = `install the controller of that class, or name another \`className\` (\`${kubectl} get gatewayclasses\` lists them)`;
  return [{ reason: `there is no GatewayClass ${className}`, next }];
}

function absent(way: WayOf<"gateway">, kubectl: string): Lack[] {
  if (way.settings.listeners === "gateway") return [];
  const next = `have the platform team create it, or name another one in \`gateway\` (\`${kubectl} get gateways -A\` lists them)`;
  return [{ reason: `there is no Gateway ${gatewayPlace(way)}`, next }];
}

function lacking(
  way: WayOf<"gateway">,
  exposures: readonly PlannedExposure[],
  { spec }: LiveGateway,
  kubectl: string,
): Lack[] {
  const { settings } = way;
  const place = gatewayPlace(way);
  if (settings.listeners === "listenerSet") {
    const from = spec.allowedListeners?.namespaces?.from ?? "None";
    const foreign = exposures.some(({ backend }) => backend.namespace !== settings.namespace);
    if (from !== "None" && !(from === "Same" && foreign)) return [];
    return [
      {
        reason: `the Gateway ${place} allows ${from === "Same" ? "only the ListenerSets of its own namespace" : "no ListenerSets"}`,
        next: `have the platform team allow them: ${kubectl} -n ${settings.namespace} patch gateway ${settings.name} --type merge -p '{"spec":{"allowedListeners":{"namespaces":{"from":"${foreign ? "All" : "Same"}"}}}}'`,
      },
    ];
  }
  if (settings.listeners === "gateway") return [];
  return exposures.flatMap((exposure): Lack[] => {
    const wanted = listenerName(settings, exposure);
    const listener = spec.listeners.find((each) => each.name === wanted);
    if (listener?.port === exposure.port) return [];
    const entry = {
      name: wanted,
      port: exposure.port,
      protocol: "TCP",
      allowedRoutes: { namespaces: { from: "All" } },
    };
    return [
      {
        reason: listener
          ? `the listener ${wanted} of the Gateway ${place} has port ${listener.port}, not ${exposure.port}`
          : `the Gateway ${place} has no listener ${wanted}`,
        next: listener
          ? `pin that port: \`port: ${listener.port}\` in replications.${exposure.replication}`
          : `have the platform team add it (\`${kubectl} -n ${settings.namespace} patch gateway ${settings.name} --type json -p '[{"op":"add","path":"/spec/listeners/-","value":${JSON.stringify(entry)}}]'\`), or name an existing listener in \`listener\``,
      },
    ];
  });
}

function notProgrammed(way: WayOf<"gateway">, { status }: LiveGateway, kubectl: string): Lack[] {
  const { namespace, name } = way.settings;
  const failed = (status?.conditions ?? []).filter(
    (each) => ["Accepted", "Programmed"].includes(each.type) && each.status === "False",
  );
  return failed.map(({ type, message }) => ({
    reason: `the Gateway ${gatewayPlace(way)} is not ${type}${message ? `: ${message}` : ""}`,
    next: `read what its controller reports: ${kubectl} -n ${namespace} describe gateway ${name}`,
  }));
}
