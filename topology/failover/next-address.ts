import { checkSource } from "../check.ts";
import type { Topology } from "../file/schema.ts";
import { parseTopology } from "../file/schema-findings.ts";
import type { Source, Writer } from "../file/source.ts";
import { type Finding, formatPath, type Path, TopologyError } from "../findings/finding.ts";
import { newFindings } from "../findings/new-findings.ts";
import { suggestion } from "../findings/suggest.ts";
import { EditedTopology } from "../migration/document.ts";
import type { Plan, PlannedExposure } from "../plan/plan.ts";
import { type AddressList, addressListsOf, byHand } from "./address-lists.ts";

/** A target that is dialled at another of its addresses from now on. */
export interface MovedDial {
  readonly replication: string;
  readonly peer: string;
  /** Who dials it. */
  readonly initiators: readonly string[];
  /** `host:port`, or the way whose host only the cluster knows. */
  readonly before: string;
  readonly after: string;
}

export interface NextAddress {
  /** The new text of each file that changes, by its name. */
  readonly texts: ReadonlyMap<string, string>;
  readonly moved: readonly MovedDial[];
  /** The clusters whose own list has moved: it holds for each of their peers that has none. */
  readonly clusters: readonly string[];
  /** Findings that the topology did not have before; none of them is an error. */
  readonly warnings: readonly Finding[];
}

interface Options {
  /** Only in this replication; undefined: in every one that has a list. */
  readonly replication?: string | undefined;
  /** The last address of each list comes first, which undoes a step. */
  readonly back?: boolean | undefined;
}

/** Says why no other address can be dialled, and what to do instead. */
export class NextAddressError extends Error {}

/**
 * The topology with the next address of a peer, or of a cluster, at the front of each list that has several: the first one of a list is
 * dialled, and the others are open beside it. The last one comes round again, so as many steps as a list has addresses leave the file as it was.
 * A list of a cluster moves all its peers that have no list of their own.
 * @param name a peer, whose lists are turned wherever they are; or a cluster, whose own list is
 * @throws TopologyError if the topology has errors, before or after the change
 * @throws NextAddressError if nothing lists several addresses, or what does is shared with others
 */
export function nextAddress(source: Source, name: string, { replication, back = false }: Options): NextAddress {
  const { plan, findings } = checkSource(source);
  if (!plan) throw new TopologyError(findings);
  const { topology } = parseTopology(source);
  if (!topology) throw new TopologyError(findings);
  const targets = targetsOf(plan, name, replication);
  const lists = addressListsOf(topology, plan, targets);
  if (lists.length === 0) throw new NextAddressError(noList(plan, name, replication));
  const texts = turned(source, topology, lists, back);
  const judged = checkSource(source.withTexts(texts));
  if (!judged.plan) throw new TopologyError(judged.findings);
  const moved = movedDials(plan, judged.plan);
  if (moved.length === 0)
    throw new NextAddressError(`${lists.map(({ path }) => formatPath(path)).join(" and ")} has the same address twice`);
  const clusters = lists.flatMap(({ path, ofCluster }) => (ofCluster ? [String(path[1])] : []));
  const isAsked = (each: PlannedExposure) =>
    targets.some((target) => target.id === each.id) ||
    (replication === undefined && each.listedBy === "cluster" && clusters.includes(each.cluster));
  const foreign = moved.find(({ before }) => !isAsked(before));
  if (foreign) throw new NextAddressError(shared({ source, topology, lists, back }, name, replication, foreign.before));
  return {
    texts,
    moved: moved.map(({ before, after, initiators }) => ({
      ...{ replication: before.replication, peer: before.peer, initiators },
      ...{ before: addressText(before), after: after ? addressText(after) : "nothing" },
    })),
    clusters,
    warnings: newFindings(findings, judged.findings),
  };
}

/** The targets that a name stands for, as others dial them now. */
function targetsOf(plan: Plan, name: string, replication: string | undefined): readonly PlannedExposure[] {
  const isPeer = plan.peers.has(name);
  if (!isPeer && !plan.clusters.has(name))
    throw new NextAddressError(
      `the topology has no peer or cluster "${name}"; ${suggestion(name, [...plan.peers.keys(), ...plan.clusters.keys()], "peer")}`,
    );
  if (replication !== undefined && !plan.replications.has(replication))
    throw new NextAddressError(
      `the topology has no replication "${replication}"; ${suggestion(replication, plan.replications.keys(), "replication")}`,
    );
  const dialled = plan.exposures.filter(
    (each) => each.dialled && (replication === undefined || each.replication === replication),
  );
  const targets = dialled.filter((each) =>
    isPeer ? each.peer === name : each.cluster === name && each.listedBy === "cluster",
  );
  if (targets.length > 0) return targets;
  throw new NextAddressError(
    isPeer
      ? `no peer of another cluster dials ${name}${within(replication)}, so it has no address there`
      : `no peer of another cluster dials a peer of ${name}${within(replication)} in a way that clusters.${name} lists; name the peer whose address is to change`,
  );
}

/** The texts of the files with each list turned by one. */
function turned(
  source: Source,
  topology: Topology,
  lists: readonly AddressList[],
  back: boolean,
): ReadonlyMap<string, string> {
  const byFile = new Map<string, { readonly text: string; readonly writers: (Writer & { readonly list: Path })[] }>();
  for (const { path } of lists) {
    const writer = source.writer(path);
    if (!writer)
      throw new NextAddressError(
        `the list of ${formatPath(path)} cannot be rotated; ${byHand(source, topology, path, back)}`,
      );
    const { file, text } = writer.file;
    const known = byFile.get(file) ?? { text, writers: [] };
    byFile.set(file, known);
    known.writers.push({ ...writer, list: path });
  }
  return new Map(
    [...byFile].map(([name, { text, writers }]) => {
      const file = new EditedTopology(text);
      const [left] = file.rotate(
        writers.map(({ path }) => path),
        back,
      );
      const list = writers.find(({ path }) => path === left)?.list;
      if (list)
        throw new NextAddressError(
          `the list of ${formatPath(list)} cannot be rotated; ${byHand(source, topology, list, back)}`,
        );
      return [name, file.text()];
    }),
  );
}

interface MovedExposure {
  readonly before: PlannedExposure;
  readonly after: PlannedExposure | undefined;
  readonly initiators: readonly string[];
}

function movedDials(before: Plan, after: Plan): MovedExposure[] {
  return before.exposures
    .filter(({ dialled }) => dialled)
    .flatMap((old) => {
      const { replication, peer } = old;
      const now = after.exposures.find(
        (each) => each.dialled && each.replication === replication && each.peer === peer,
      );
      if (now && addressText(old) === addressText(now)) return [];
      const links = after.replications.get(replication)?.links ?? [];
      const initiators = links.flatMap(({ initiator, target }) =>
        target === peer && after.peers.get(initiator)?.cluster !== old.cluster ? [initiator] : [],
      );
      return [{ before: old, after: now, initiators }];
    });
}

function addressText({ host, port, ingress, cluster }: PlannedExposure): string {
  return host === undefined ? `port ${port} by "${ingress}" of ${cluster}` : `${host}:${port}`;
}

function within(replication: string | undefined): string {
  return replication === undefined ? "" : ` in ${replication}`;
}

function noList(plan: Plan, name: string, replication: string | undefined): string {
  const dialled = replication === undefined ? " wherever it is dialled" : within(replication);
  if (!plan.peers.has(name))
    return `cluster ${name} has one way of exposing its targets; write several into \`exposures\` of clusters.${name}, and their names as a list: \`exposure: [<first>, <second>]\``;
  return `${name} has one address${dialled}; write a list: \`address: [<first>, <second>]\` in the replication or in peers.${name}, or \`exposure: [<first>, <second>]\` in peers.${name} or its cluster`;
}

interface Turned {
  readonly source: Source;
  readonly topology: Topology;
  readonly lists: readonly AddressList[];
  readonly back: boolean;
}

/** Why a list may not be turned, since it would move somebody else, too. */
function shared(
  { source, topology, lists, back }: Turned,
  name: string,
  replication: string | undefined,
  foreign: PlannedExposure,
): string {
  const says = `${foreign.peer} in ${foreign.replication} shares this list, and would be dialled at another address, too; `;
  const elsewhere = lists.find(({ path }) => (source.writer(path)?.kind ?? "entry") !== "entry");
  if (elsewhere) return says + byHand(source, topology, elsewhere.path, back);
  const whole = lists.every(({ ofCluster }) => ofCluster) || foreign.peer === name;
  return `${says}write a list of its own for ${name}${within(replication)} first${replication !== undefined && whole ? ", or leave out --replication to move all of them" : ""}`;
}
