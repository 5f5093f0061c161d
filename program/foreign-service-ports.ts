import { z } from "zod";
import type { WayOf } from "../topology/file/exposure.ts";
import { Finding } from "../topology/findings/finding.ts";
import { askedAddresses, sharesPorts } from "../topology/objects/service-manifests.ts";
import { fillNames } from "../topology/plan/exposures.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import { pinCommand, portAdvice } from "../topology/plan/port-advice.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import { avoidOption } from "./live-controllers.ts";
import { liveForm } from "./live-form.ts";
import type { ReadObject } from "./read-controller.ts";
import { placeOf, type SeenWay } from "./seen-way.ts";

const form = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string(),
        annotations: z.record(z.string(), z.string()).optional(),
      }),
      spec: z
        .object({
          type: z.string().optional(),
          ports: z
            .array(z.object({ port: z.number(), nodePort: z.number().optional(), protocol: z.string().default("TCP") }))
            .default([]),
          healthCheckNodePort: z.number().optional(),
        })
        .optional(),
      status: z
        .object({
          loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string().optional() })).optional() }).optional(),
        })
        .optional(),
    }),
  ),
});

/** A port that one Service of a cluster has, so that no other Service can have it. */
interface HeldPort {
  /** The nodes or the address that the port belongs to. */
  readonly of: string;
  readonly port: number;
  /** `<namespace>/<name>` of the Service. */
  readonly by: string;
}

/** Targets that are exposed by Services of ours. */
export interface ServiceTargets {
  readonly way: WayOf<"loadBalancer" | "nodePort">;
  readonly exposures: readonly PlannedExposure[];
  /** The topology, as a command names it. */
  readonly file?: string | undefined;
}

/**
 * Ports that our Services need and that another Service of the cluster has: node ports, and ports of an address that
 * our Services ask for. Where the Services may not be listed, a note says so; there, the API server refuses such a
 * port, or the Service gets no address.
 */
export async function foreignServicePorts(
  plan: Plan,
  cluster: string,
  { way, exposures, file = "<topology>" }: ServiceTargets,
  read: ReadObject,
): Promise<Pick<SeenWay, "refused" | "notes">> {
  if (!sharesPorts(way)) return { refused: [], notes: [] };
  let held: readonly HeldPort[];
  try {
    const list = liveForm(form, await read("ServiceList", "", ""), `the list of Services of cluster "${cluster}"`);
    held = list.items.flatMap(heldBy);
  } catch (error) {
    const what = `the ports of other Services in cluster "${cluster}" are not known: ${error instanceof Error ? error.message : String(error)}`;
    const fix = "let the kubeconfig's user list Services of all namespaces, as `npx bigpeer rbac` prints it";
    return { refused: [], notes: [new Finding(liveRules.portsUnknown, { path: ["clusters", cluster], what, fix })] };
  }
  const taken = exposures.flatMap((exposure) => {
    const [wanted, own] = [placesOfPort(exposure), placeOf(exposure)];
    // A Service of this topology that gives up the port does so in the same update, which may be too late.
    const other = held.find(({ of, port, by }) => wanted.includes(of) && port === exposure.port && by !== own);
    return other ? [{ exposure, other }] : [];
  });
  const foreign = new Set(held.map(({ port }) => port));
  if (taken.length === 0) return { refused: [], notes: [] };
  const moving = taken.map(({ exposure }) => exposure);
  const command = pinCommand(file, ...avoidOption(moving, foreign));
  const { pins, full } = portAdvice(plan, moving, { foreign, command });
  const refused = taken.map(
    ({ exposure, other: { of, by } }) =>
      new Finding(liveRules.portTaken, {
        path: ["replications", exposure.replication],
        what: `port ${exposure.port} of ${of} in cluster "${cluster}" belongs to the Service ${by}`,
        fix:
          pins.get(exposure.id) ?? full.find(({ exposures: none }) => none.includes(exposure))?.fix ?? "pin a free one",
      }),
  );
  return { refused, notes: [] };
}

const nodes = "the nodes";

/** The nodes or the address that the port of an exposure belongs to. */
function placesOfPort({ way, names }: PlannedExposure): string[] {
  if (way.kind !== "loadBalancer") return [nodes];
  const annotations = Object.entries(way.settings.annotations ?? {}).map(([key, value]) => [
    key,
    fillNames(value, names),
  ]);
  return askedAddresses(Object.fromEntries(annotations)).map(addressPlace);
}

function addressPlace(address: string): string {
  return `the address ${address}`;
}

function heldBy({ metadata, spec, status }: z.output<typeof form>["items"][number]): HeldPort[] {
  const by = `${metadata.namespace}/${metadata.name}`;
  const tcp = (spec?.ports ?? []).filter(({ protocol }) => protocol === "TCP");
  const nodePorts = [...tcp.map(({ nodePort }) => nodePort), spec?.healthCheckNodePort];
  const given = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  const addresses =
    spec?.type === "LoadBalancer" ? new Set([...given, ...askedAddresses(metadata.annotations ?? {})]) : [];
  return [
    ...nodePorts.flatMap((port) => (port === undefined ? [] : [{ of: nodes, port, by }])),
    ...[...addresses].flatMap((address) => tcp.map(({ port }) => ({ of: addressPlace(address), port, by }))),
  ];
}
