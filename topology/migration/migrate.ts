import { isMap, type YAMLMap, type YAMLSeq } from "yaml";
import { checkSource } from "../check.ts";
import { type Topology, topologySchema } from "../file/schema.ts";
import { parseSource, type Source } from "../file/source.ts";
import { type Finding, TopologyError } from "../findings/finding.ts";
import { newFindings } from "../findings/new-findings.ts";
import { shapeOf } from "../plan/forms.ts";
import { EditedTopology, nameOf, removeFrom, textOf } from "./document.ts";
import { appsOf, collectionsOf, copiesOf, type MigrationStep, nextStep } from "./steps.ts";

export interface MigrationRequest {
  readonly from: string;
  readonly to: string;
  /** The cluster of the new peer, where the topology does not declare it yet. @default that of the old one */
  readonly cluster?: string | undefined;
  /** Collections beyond those that the topology knows of, by app. */
  readonly collections?: readonly string[] | undefined;
}

export interface Migration {
  readonly step: MigrationStep;
  /** The topology after the step. */
  readonly text: string;
  /** The changes of the step, in the words of the file. */
  readonly changes: readonly string[];
  /** The findings of `check` that it did not have before. */
  readonly warnings: readonly Finding[];
}

/** Something that stands in the way of a migration, and what to do about it. */
export class MigrationError extends Error {}

/** The next step of a migration.
 * @throws TopologyError if the topology has errors, before or after the step
 * @throws MigrationError if it cannot be made */
export function migrate(source: Source, request: MigrationRequest): Migration {
  const { plan, findings } = checkSource(source);
  if (!plan) throw new TopologyError(findings);
  if (!source.writtenOut)
    throw new MigrationError(
      `${source.file} is made of templates, labels or several files, and a step changes entries in all of them; make the step in the output of ` +
        "`bigpeer expand`, see what it changes, and write that into the files",
    );
  const topology = topologySchema.parse(source.value);
  assertPossible(topology, request);
  const step = nextStep(topology, request.from, request.to);
  const written = edited(source, topology, request, step, undefined);
  // If nobody can dial the new peer, it dials.
  const unreachable = step === "copy" && written.findings.some(({ rule }) => rule === "unreachable-pair");
  const { text, changes, ...after } = unreachable ? edited(source, topology, request, step, "to") : written;
  if (after.findings.some(({ severity }) => severity === "error")) throw new TopologyError(after.findings);
  return { step, text, changes, warnings: newFindings(findings, after.findings) };
}

function assertPossible(topology: Topology, { from, to, cluster }: MigrationRequest): void {
  if (from === to) throw new MigrationError("a peer cannot replace itself; name another one");
  if (topology.peers[from] === undefined && topology.peers[to] === undefined)
    throw new MigrationError(`the topology has neither a peer "${from}" nor a peer "${to}"`);
  if (cluster !== undefined && topology.clusters[cluster] === undefined)
    throw new MigrationError(`the topology has no cluster "${cluster}"; declare it first`);
  if (cluster !== undefined && topology.peers[to] !== undefined && topology.peers[to].cluster !== cluster)
    throw new MigrationError(`"${to}" is in cluster "${topology.peers[to].cluster}" already`);
}

function edited(
  source: Source,
  topology: Topology,
  request: MigrationRequest,
  step: MigrationStep,
  dial: "to" | undefined,
): { text: string; changes: string[]; findings: readonly Finding[] } {
  const file = new EditedTopology(source.text);
  const changes = steps[step](file, topology, request, dial);
  const text = changes.length === 0 ? source.text : file.text();
  return { text, changes, findings: checkSource(parseSource(source.file, text)).findings };
}

type Edit = (file: EditedTopology, topology: Topology, request: MigrationRequest, dial: "to" | undefined) => string[];

const steps: Readonly<Record<MigrationStep, Edit>> = { copy, repoint, confirm, remove, tidy, done: () => [] };

function copy(
  file: EditedTopology,
  topology: Topology,
  { from, to, cluster, collections = [] }: MigrationRequest,
  dial: "to" | undefined,
): string[] {
  const changes: string[] = [];
  if (topology.peers[to] === undefined) {
    const moves = cluster !== undefined && cluster !== topology.peers[from]?.cluster;
    file.copyEntry("peers", from, to, (peer) => {
      // Its address is its own, and so is the controller of its cluster. It is new, so there is nothing to adopt.
      for (const key of ["host", "api", "address", "adopt", ...(moves ? ["ingress", "exposure"] : [])])
        peer.delete(key);
      if (moves) peer.set("cluster", cluster);
    });
    changes.push(`peers.${to}: declared like ${from}${moves ? `, in cluster ${cluster}` : ""}`);
  }
  for (const app of appsOf(topology, from)) {
    const list = file.entries("apps").find(([name]) => name === app)?.[1];
    const peers = list && file.list(list, "peers");
    if (peers && !topology.apps[app]?.peers.includes(to)) {
      // Behind the old one, so that what is made where the first of them runs is made there still.
      peers.items.splice(peers.items.findIndex((item) => textOf(item) === from) + 1, 0, file.node(to));
      changes.push(`apps.${app}: also served by ${to}`);
    }
    if (copiesOf(topology, from, to).some(([, entry]) => entry.app === app)) continue;
    const all = [...new Set([...collectionsOf(topology, app), ...collections])];
    if (all.length === 0)
      throw new MigrationError(
        `the collections of the app "${app}" are unknown; name them in \`apps.${app}.collections\`, or with --collection`,
      );
    const name = freeName(topology, `${app}-to-${to}`);
    const queries = Object.fromEntries(all.map((collection) => [collection, "true"]));
    const entry = { app, from, to, ...(dial === undefined ? {} : { dial }), queries };
    file.addEntry("replications", name, entry, `Copies everything from ${from} until ${to} has taken its place.`);
    changes.push(`replications.${name}: carries all of ${all.join(", ")} from ${from} to ${to}`);
  }
  return changes;
}

function freeName(topology: Topology, name: string): string {
  return topology.replications[name] === undefined ? name : freeName(topology, `${name}-2`);
}

function repoint(file: EditedTopology, topology: Topology, { from, to }: MigrationRequest): string[] {
  const copies = new Set(copiesOf(topology, from, to).map(([name]) => name));
  return file
    .entries("replications")
    .filter(([name]) => !copies.has(name))
    .flatMap(([name, entry]) => {
      const before = String(entry);
      dropAddress(entry, isTarget(topology, name, from), from);
      const left = repointed(file, entry, from, to);
      if (left) return String(entry) === before ? [] : [`replications.${name}: ${to} in place of ${from}`];
      file.removeEntry("replications", name);
      return [`replications.${name}: removed, because it was between ${from} and ${to}`];
    });
}

function isTarget(topology: Topology, replication: string, peer: string): boolean {
  const entry = topology.replications[replication];
  const links = entry && shapeOf(topology, replication, entry)?.links;
  return links?.some(({ target }) => target === peer) ?? false;
}

/** An address of somebody else leads to the peer that it was given for. */
function dropAddress(entry: YAMLMap, target: boolean, from: string): void {
  const address = entry.get("address", true);
  if (isMap(address)) {
    address.items = address.items.filter((pair) => nameOf(pair) !== from);
    if (address.items.length === 0) entry.delete("address");
  } else if (target) entry.delete("address");
}

/** Puts one peer in the place of another. Gives whether enough peers are left for a replication. */
function repointed(file: EditedTopology, entry: YAMLMap, from: string, to: string): boolean {
  for (const key of ["from", "to", "hub", "dial"]) if (textOf(entry.get(key, true)) === from) entry.set(key, to);
  const ports = entry.get("port", true);
  for (const map of [ports, entry.get("perSpoke", true)])
    if (isMap(map)) for (const pair of map.items) if (nameOf(pair) === from) pair.key = file.node(to);
  const lists = ["between", "spokes", "mesh"].flatMap((key): [string, YAMLSeq][] => {
    const list = file.list(entry, key);
    return list ? [[key, list]] : [];
  });
  for (const [, list] of lists) replaceIn(file, list, from, to);
  const hub = textOf(entry.get("hub", true));
  for (const [key, list] of lists) if (key === "spokes") removeFrom(list, hub);
  const enough = lists.every(([key, list]) => list.items.length >= (key === "spokes" ? 1 : 2));
  const [source, target] = [entry.get("from", true), entry.get("to", true)].map(textOf);
  return enough && (source === "" || source !== target);
}

function replaceIn(file: EditedTopology, list: YAMLSeq, from: string, to: string): void {
  const index = list.items.findIndex((item) => textOf(item) === from);
  if (index < 0) return;
  if (list.items.some((item) => textOf(item) === to)) list.items.splice(index, 1);
  else list.items[index] = file.node(to);
}

function confirm(file: EditedTopology, _: Topology, { from }: MigrationRequest): string[] {
  file.addToList("confirmRemoval", from);
  return [`confirmRemoval: ${from} may be deleted`];
}

function remove(file: EditedTopology, topology: Topology, { from, to }: MigrationRequest): string[] {
  const copies = copiesOf(topology, from, to).map(([name]) => name);
  for (const name of copies) file.removeEntry("replications", name);
  for (const [, app] of file.entries("apps")) {
    const peers = file.list(app, "peers");
    if (peers) removeFrom(peers, from);
  }
  file.removeEntry("peers", from);
  file.removeFromList("allowReplace", `peers.${from}`);
  return [`peers.${from}: removed, also from every app`, ...copies.map((name) => `replications.${name}: removed`)];
}

function tidy(file: EditedTopology, _: Topology, { from }: MigrationRequest): string[] {
  file.removeFromList("confirmRemoval", from);
  return [`confirmRemoval: ${from} is gone`];
}
