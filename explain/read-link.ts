import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { readObject } from "../kubernetes/read-object.ts";
import type { ClusterSource } from "../program/contract-check.ts";
import { exposedNow } from "../program/exposed-now.ts";
import type { Seen } from "../status/status-row.ts";
import { type ClusterObjectReference, objectKey } from "../topology/objects/object-reference.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { fieldAt } from "../topology/value-at.ts";
import { observeTrust } from "../trust/observed-trust.ts";
import { type Listener, listenerOf } from "../trust/shown-certificates.ts";
import { throughApiServer, throughClusterIp } from "../trust/ways-within-cluster.ts";
import { controllerFaults, declaredFaults, exposingObjects } from "./exposure-faults.ts";
import { dialledBy } from "./layers/objects.ts";
import { type ExplainedLink, planOfLink } from "./link.ts";
import type { LinkSeen } from "./link-seen.ts";
import { lookFromHere, lookInside } from "./look-from-here.ts";
import { objectsOf, targetService } from "./objects-of-link.ts";
import { lookFromPod } from "./probe-pod.ts";

export interface LookOptions {
  /** Path of the kubeconfig for clusters that name none. @default as kubectl finds it */
  readonly kubeconfig: string | undefined;
  /** Straight to the Services' addresses: this machine has a route there. */
  readonly clusterIp: boolean;
  /** The image of a short-lived pod that looks from the initiator's cluster, with port-forwards into the target's; undefined: neither. */
  readonly pods: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads of both clusters, and of the way between them, all that the verdicts on a link need. */
export async function readLink(plan: Plan, link: ExplainedLink, options: LookOptions): Promise<LinkSeen> {
  const { initiator, target, exposure } = link;
  const now = new Date();
  const source = (cluster: string) => {
    const planned = plan.clusters.get(cluster);
    return { cluster, context: planned?.context ?? cluster, kubeconfig: planned?.kubeconfig ?? options.kubeconfig };
  };
  const service = targetService(link, plan);
  const refs = [
    ...objectsOf(plan, link).map(({ ref }) => ref),
    service,
    ...(exposure ? exposingObjects(plan, exposure) : []),
  ];
  const [live, address, faults] = await Promise.all([
    readAll(refs, (cluster) => source(cluster)),
    addressOf(plan, link, source(target.cluster)),
    exposure ? controllerFaults(plan, exposure, source(target.cluster)).catch(unknownOf) : [],
  ]);
  const seen = { live, address, now };
  const dialled = address ?? onlyDialled(plan, link, { ...seen, ...notLooked });
  const listener = dialled === undefined ? undefined : listenerOf(dialled);
  const inside = exposure ? undefined : serviceListener(live(service), service.port, options.clusterIp);
  const here = exposure && listener ? lookFromHere(listener) : lookInside(target.cluster, inside);
  const pods = options.pods;
  const pod =
    pods !== undefined && listener
      ? lookFromPod(source(initiator.cluster), initiator.namespace, listener, { image: pods, signal: options.signal })
      : undefined;
  const found = await here;
  const within =
    pods !== undefined
      ? (cluster: string) => throughApiServer(async () => source(cluster))
      : options.clusterIp
        ? (cluster: string) => throughClusterIp(async () => source(cluster))
        : undefined;
  const trust = await observeTrust(planOfLink(plan, link), options.kubeconfig, ({ cluster }) => ({
    // What accepts no connection shows no certificate, either, and takes its time.
    exposed: () => (exposure && found.connection === "open" ? dialled : undefined),
    within: within?.(cluster),
  }));
  const declared = exposure ? declaredFaults(plan, exposure, live, now) : [];
  const both = "unknown" in faults ? (declared.length > 0 ? declared : faults) : [...declared, ...faults];
  return { ...seen, address: dialled, exposure: both, here: found, pod: await pod, trust };
}

/** Stands for what has not been read yet. */
const notLooked: Pick<LinkSeen, "exposure" | "here" | "pod" | "trust"> = {
  exposure: [],
  here: { where: "from here" },
  pod: undefined,
  trust: {
    authority: () => ({ unknown: "it was not read" }),
    secret: () => ({ unknown: "it was not read" }),
    listed: () => ({ unknown: "it was not read" }),
    shown: () => undefined,
  },
};

async function readAll(
  refs: readonly ClusterObjectReference[],
  sourceOf: (cluster: string) => KubeconfigSource,
): Promise<LinkSeen["live"]> {
  const read = await Promise.all(
    refs.map(async (ref): Promise<[string, Seen]> => {
      try {
        return [objectKey(ref), { object: await readObject(sourceOf(ref.cluster), ref) }];
      } catch (error) {
        return [objectKey(ref), unknownOf(error)];
      }
    }),
  );
  const found = new Map(read);
  return (ref) => found.get(objectKey(ref)) ?? { unknown: `${ref.kind} ${ref.namespace}/${ref.name} was not read` };
}

/** The address that the file gives, or that the target's cluster has for it now. */
async function addressOf(plan: Plan, link: ExplainedLink, source: ClusterSource): Promise<string | undefined> {
  const { address } = link.connection;
  if (address.kind !== "load-balancer") return address.address;
  const known = await exposedNow(planOfLink(plan, link), [source]).catch(() => undefined);
  return known?.get(address.exposure);
}

/** What the initiator dials, if that can only be this target. */
function onlyDialled(plan: Plan, link: ExplainedLink, seen: LinkSeen): string | undefined {
  const others = link.initiator.connections.flatMap(({ peer, address }) =>
    peer === link.target.peer || address.kind === "load-balancer" ? [] : [address.address],
  );
  const own = dialledBy(plan, link, seen)?.filter((each) => !others.includes(each)) ?? [];
  return own.length === 1 ? own[0] : undefined;
}

function serviceListener(seen: Seen, port: number, clusterIp: boolean): Listener | undefined {
  if (!clusterIp || !("object" in seen)) return undefined;
  const host: unknown = fieldAt(seen.object, "spec.clusterIP");
  return typeof host === "string" && host !== "" && host !== "None" ? { host, port } : undefined;
}

function unknownOf(error: unknown): { readonly unknown: string } {
  return { unknown: error instanceof Error ? error.message : String(error) };
}
