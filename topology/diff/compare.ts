import { names } from "../../report/words.ts";
import { type Finding, formatPath } from "../findings/finding.ts";
import type { Plan, PlannedApp } from "../plan/plan.ts";
import { pinCommand } from "../plan/port-advice.ts";
import { planInNamesOf, reachesOf, renamedClusters } from "../plan/renamed-clusters.ts";
import { type Arrivals, arrivalChanges } from "./arrivals.ts";
import { type FlowChange, flowChanges } from "./data-flows.ts";
import { appChanges, clusterChanges, peerChanges, portChanges, trustChanges } from "./entries.ts";
import { exposureConsequences } from "./exposure-changes.ts";
import { failoverConsequences } from "./failovers.ts";
import { findingChanges, shownFinding } from "./finding-changes.ts";
import { compareObjects, type ObjectChange, plannedObjects } from "./object-changes.ts";
import { pauseConsequences } from "./pauses.ts";
import { refusals } from "./refusals.ts";
import { renamedEntryConsequences } from "./renamed-entries.ts";
import { renameConsequences } from "./renamed-peers.ts";
import { interruptions, replicationChanges } from "./replication-changes.ts";
import type { ObjectChangeReport, TopologyDiff } from "./schema.ts";
import { shownChanges, shownFields } from "./shown-fields.ts";
import { summaryOf } from "./summary.ts";
import { updateOrder } from "./update-order.ts";

/** One side of a comparison. */
export interface DiffSide {
  /** The name of this side in the report. */
  readonly name: string;
  /** Undefined if a finding is an error. */
  readonly plan: Plan | undefined;
  readonly findings: readonly Finding[];
  /** The reason why this side has no file, so that everything of the other side is added or removed. Undefined if it has one. */
  readonly absent?: string;
}

/** Compares two topologies: their differences, and the consequences. It is pure, and needs neither a cluster nor a state. */
export function diffTopologies(base: DiffSide, head: DiffSide): TopologyDiff {
  const pin = pinCommand(fileOf(head.name), "--base", base.name);
  const planned =
    base.plan && head.plan
      ? changesOf(base.plan, headPlan(head.plan, base.plan, head), pin, fileOf(head.name))
      : nothing;
  const diff = {
    version: 1 as const,
    base: nameOf(base),
    head: nameOf(head),
    missing: sides({ base: base.absent !== undefined, head: head.absent !== undefined }),
    unplanned: sides({ base: !base.plan, head: !head.plan }),
    ...planned,
    consequences: [...missingSides(base, head), ...planned.consequences],
    findings: findingChanges(base.findings, head.findings),
  };
  return { ...diff, summary: summaryOf(diff) };
}

/** A file that is gone says nothing of how strict to be, nor of the operator. */
function headPlan(head: Plan, { environment, operator }: Plan, { absent }: DiffSide): Plan {
  return absent === undefined ? head : { ...head, environment, operator };
}

/** The file that a side was read from; in a revision its path. What a stack has deployed is no file. */
function fileOf(name: string): string {
  const [, revision, path] = /^([^:]{2,}):(.+)$/.exec(name) ?? [];
  if (path === undefined) return name;
  return revision === "stack" ? "<topology>" : path;
}

function sides(which: { base: boolean; head: boolean }): ("base" | "head")[] {
  return [...(which.base ? ["base" as const] : []), ...(which.head ? ["head" as const] : [])];
}

function missingSides(base: DiffSide, head: DiffSide): string[] {
  return [
    base.absent === undefined ? [] : [`The base lacks the file, so everything is shown as new: ${base.absent}.`],
    head.absent === undefined ? [] : [`The head lacks the file, so everything is shown as gone: ${head.absent}.`],
  ].flat();
}

function nameOf({ name, absent }: DiffSide): string {
  return absent === undefined ? name : `${name} (not there)`;
}

type Planned = Omit<TopologyDiff, "version" | "base" | "head" | "summary" | "missing" | "unplanned" | "findings">;

const nothing: Planned = {
  refused: [],
  clusters: [],
  peers: [],
  apps: [],
  settings: [],
  operator: [],
  replications: [],
  ports: [],
  trust: [],
  objects: [],
  interruptions: [],
  flows: [],
  arrivals: [],
  arrivalsComplete: true,
  consequences: [],
};

function changesOf(earlier: Plan, head: Plan, pin: string, file: string): Planned {
  const renamed = renamedClusters(reachesOf(earlier), reachesOf(head));
  // From here on in the names of the head, so that what is only in a cluster of another name does not differ.
  const base = planInNamesOf(head, earlier);
  const objects = compareObjects(plannedObjects(base), plannedObjects(head));
  const flows = flowChanges(base, head);
  const arrivals = arrivalChanges(base, head, flows);
  return {
    refused: refusals(base, head, pin).map(shownFinding),
    clusters: clusterChanges(base, head, renamed),
    peers: peerChanges(base, head),
    apps: appChanges(base, head),
    settings: shownChanges(settingsOf(base), settingsOf(head)),
    // These are the operator's names: `apiKey` is the name of a kind there.
    operator: shownChanges(base.operator, head.operator, "reference"),
    replications: replicationChanges(base, head),
    ports: portChanges(base, head),
    trust: trustChanges(base, head),
    objects: objects.map(objectReport),
    interruptions: interruptions(base, head),
    flows: flows.map((flow) => flowReport(flow, arrivals)),
    arrivals: arrivals.changes.map(({ sample, from, to, ...arrival }) => ({
      ...arrival,
      ...(sample === undefined ? {} : { sample }),
      from: [...from],
      to: [...to],
    })),
    arrivalsComplete: arrivals.complete,
    consequences: [
      ...renamings(renamed),
      ...renameConsequences(base, head, file),
      ...renamedEntryConsequences(base, head),
      ...consequences(base, head, objects),
      ...failoverConsequences(base, head),
      ...pauseConsequences(base, head),
      ...updateOrder(base, head),
    ],
  };
}

function flowReport(flow: FlowChange, { detours }: Arrivals): TopologyDiff["flows"][number] {
  const { witnesses: _, ...told } = flow;
  const { effect, app, collection, from, to, before, after, replications } = told;
  const key = [app, collection, from, to].join("/");
  const overOthers = { starts: "gained", widens: "gained", stops: "lost", narrows: "lost" } as const;
  const detour = effect === "turns" || effect === "rewrites" ? undefined : detours[overOthers[effect]].get(key);
  return {
    ...told,
    ...(detour === undefined ? {} : { overOthers: detour }),
    before: [...before],
    after: [...after],
    replications: [...replications],
  };
}

function settingsOf(plan: Plan) {
  const { environment, confirmRemoval, allowReplace, failover, peers, apps, replications, waves } = plan;
  const adopt = [
    ...[...peers.values()].flatMap(({ name, settings }) => (settings.adopt ? [`peers.${name}`] : [])),
    ...[...apps.values()].flatMap(({ name, adopt }) => adopted(`apps.${name}`, adopt)),
    ...[...replications.values()].flatMap(({ name, adopt }) => adopted(`replications.${name}`, adopt)),
  ];
  const losses = { confirmRemoval: [...confirmRemoval], allowReplace: [...allowReplace] };
  const standIns = [...failover].map(([failed, standby]) => `${standby} in place of ${failed}`);
  return { environment, ...losses, failover: standIns, adopt, waves: waves.length > 0 ? waves : undefined };
}

function adopted(entry: string, adopt: PlannedApp["adopt"]): string[] {
  if (adopt === undefined) return [];
  return adopt === true ? [entry] : adopt.map((peer) => `${entry} on ${peer}`);
}

function objectReport(change: ObjectChange): ObjectChangeReport {
  const report = {
    action: change.action,
    ...change.ref,
    fields:
      change.action === "change" ? shownFields(change.fields, change.before.manifest, change.object.manifest) : [],
    source: formatPath(change.object.source),
  };
  if (change.action !== "replace") return report;
  const { role: _, ...from } = change.from;
  return { ...report, from };
}

function renamings(renamed: ReadonlyMap<string, string>): string[] {
  return [...renamed].map(
    ([name, former]) =>
      `The cluster ${former} is called ${name}: its objects stay, and are listed under the new name. A stack that lists it in bigpeer:clusters must list the new name.`,
  );
}

/** The consequences that an author may overlook, since the objects alone do not show them. */
function consequences(base: Plan, head: Plan, objects: readonly ObjectChange[]): string[] {
  const sentences: string[] = [];
  const deleted: string[] = [];
  for (const change of objects) {
    if (change.ref.kind !== head.operator.kinds.bigPeer || change.ref.role !== "object") continue;
    const { name } = change.ref;
    if (change.action === "replace")
      sentences.push(
        `The Big Peer ${name} is recreated in ${change.ref.cluster}/${change.ref.namespace}: its store starts empty and fills with what it subscribes to; documents that only it held are lost with the old one.`,
      );
    if (change.action === "delete") deleted.push(name);
  }
  if (deleted.length === 1)
    sentences.push(`The Big Peer ${deleted.join()} is deleted with its store: documents that only it held are lost.`);
  if (deleted.length > 1)
    sentences.push(
      `${deleted.length} Big Peers are deleted with their stores (${names(deleted)}): documents that only they held are lost.`,
    );
  for (const [name, app] of head.apps) {
    const before = base.apps.get(name);
    if (before && before.id !== app.id)
      sentences.push(
        `The app ${name} gets a different ID: its clients and both ends of its replications must change at the same time, and documents under the old ID stay behind.`,
      );
  }
  for (const [name, cluster] of head.clusters) {
    const before = base.clusters.get(name);
    if (before && (before.context !== cluster.context || before.kubeconfig !== cluster.kubeconfig))
      sentences.push(
        `The cluster ${name} is reached differently (context ${before.context} -> ${cluster.context}): if that is another cluster, every object in it is recreated there.`,
      );
    if (before && before.stack !== cluster.stack)
      sentences.push(
        `The cluster ${name} moves from stack ${before.stack ?? "(this one)"} to stack ${cluster.stack ?? "(this one)"}: one stack deletes its objects and the other creates them, unless the state is moved first.`,
      );
  }
  sentences.push(...exposureConsequences(base, head));
  const before = managedControllers(base);
  for (const [place, deployment] of managedControllers(head))
    if (!before.has(place))
      sentences.push(
        `The ingress controller ${deployment} gets the flag --tcp-services-configmap if it has none: its pods restart, which breaks every connection through it once.`,
      );
  return sentences;
}

/** The Deployments whose arguments are set, by `cluster/ingress`. What they are now is known to the cluster alone. */
function managedControllers({ exposures, clusters }: Plan): Map<string, string> {
  return new Map(
    exposures.flatMap(({ cluster, ingress }): [string, string][] => {
      const controller = clusters.get(cluster)?.ingresses.get(ingress);
      if (controller?.manage !== "arguments") return [];
      return [[`${cluster}/${ingress}`, `${controller.deployment} in ${cluster}/${controller.namespace}`]];
    }),
  );
}
