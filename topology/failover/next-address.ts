import { checkSource } from "../check.ts";
import { givenAddresses, isForOneTarget } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";
import { parseTopology } from "../file/schema-findings.ts";
import type { Source } from "../file/source.ts";
import { type Finding, TopologyError } from "../findings/finding.ts";
import { newFindings } from "../findings/new-findings.ts";
import { suggestion } from "../findings/suggest.ts";
import { EditedTopology } from "../migration/document.ts";
import type { Plan, PlannedExposure } from "../plan/plan.ts";

/** A target that is dialled at another of its addresses from now on. */
export interface MovedDial {
  readonly replication: string;
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
  /** Findings that the topology did not have before; none of them is an error. */
  readonly warnings: readonly Finding[];
}

interface Options {
  /** Only in this replication; undefined: in every one that has a list. */
  readonly replication?: string | undefined;
  /** The last address of each list comes first, which undoes a step. */
  readonly back?: boolean | undefined;
}

/** Says why no other address of a peer can be dialled, and what to do instead. */
export class NextAddressError extends Error {}

/**
 * The topology with the next address of a peer at the front of each list that has several: the first one of a list is dialled, and the others
 * are open beside it. The last one comes round again, so as many steps as a list has addresses leave the file as it was.
 * @throws TopologyError if the topology has errors, before or after the change
 * @throws NextAddressError if nothing lists several addresses of the peer, or what does is shared with others
 */
export function nextAddress(source: Source, peer: string, { replication, back = false }: Options): NextAddress {
  const { plan, findings } = checkSource(source);
  if (!plan) throw new TopologyError(findings);
  const { topology } = parseTopology(source);
  if (!plan.peers.has(peer) || !topology)
    throw new NextAddressError(`the topology has no peer "${peer}"; ${suggestion(peer, plan.peers.keys(), "peer")}`);
  if (replication !== undefined && !plan.replications.has(replication))
    throw new NextAddressError(
      `the topology has no replication "${replication}"; ${suggestion(replication, plan.replications.keys(), "replication")}`,
    );
  const targets = plan.exposures.filter(
    (each) => each.peer === peer && each.dialled && (replication === undefined || each.replication === replication),
  );
  if (targets.length === 0)
    throw new NextAddressError(
      `no peer of another cluster dials ${peer}${within(replication)}, so it has no address there`,
    );
  const lists = targets.map((each) => listOf(topology, each)).filter((path) => path !== undefined);
  const paths = new Map(lists.map((path) => [path.join("\0"), path]));
  if (paths.size === 0) throw new NextAddressError(noList(peer, replication));
  const texts = new Map<string, string>();
  for (const path of paths.values()) {
    const holder = source.holder(path.slice(0, 2));
    const file = new EditedTopology((holder && texts.get(holder.file)) ?? holder?.text ?? "");
    if (!holder || !file.rotate(path, back)) throw new NextAddressError(ofTemplate(source, path));
    texts.set(holder.file, file.text());
  }
  const judged = checkSource(source.withTexts(texts));
  if (!judged.plan) throw new TopologyError(judged.findings);
  const moved = movedDials(plan, judged.plan);
  const foreign = moved.find(
    (each) => each.peer !== peer || (replication !== undefined && each.replication !== replication),
  );
  if (foreign)
    throw new NextAddressError(
      `${foreign.peer} in ${foreign.replication} shares this list, and would be dialled at another address, too; write a list of its own for ${peer}${within(replication)} first`,
    );
  return {
    texts,
    moved: moved.map(({ peer: _, ...each }) => each),
    warnings: newFindings(findings, judged.findings),
  };
}

function within(replication: string | undefined): string {
  return replication === undefined ? "" : ` in ${replication}`;
}

/** The list of the file that says in which order a target is dialled; undefined: there is none with several entries. */
function listOf({ replications, peers }: Topology, { replication, peer }: PlannedExposure): string[] | undefined {
  const entry = replications[replication];
  const given = entry ? givenAddresses(entry, peer) : [];
  if (given.length > 0) {
    if (given.length === 1) return undefined;
    return ["replications", replication, "address", ...(isForOneTarget(entry?.address) ? [] : [peer])];
  }
  const { address, exposure } = peers[peer] ?? {};
  if (address !== undefined)
    return Array.isArray(address) && address.length > 1 ? ["peers", peer, "address"] : undefined;
  return Array.isArray(exposure) && exposure.length > 1 ? ["peers", peer, "exposure"] : undefined;
}

function movedDials(before: Plan, after: Plan): (MovedDial & { readonly peer: string })[] {
  return before.exposures
    .filter(({ dialled }) => dialled)
    .flatMap((old) => {
      const { replication, peer } = old;
      const now = after.exposures.find(
        (each) => each.dialled && each.replication === replication && each.peer === peer,
      );
      const [one, other] = [addressText(old), now ? addressText(now) : "nothing"];
      if (one === other) return [];
      const links = after.replications.get(replication)?.links ?? [];
      const initiators = links.flatMap(({ initiator, target }) =>
        target === peer && after.peers.get(initiator)?.cluster !== old.cluster ? [initiator] : [],
      );
      return [{ replication, peer, initiators, before: one, after: other }];
    });
}

function addressText({ host, port, ingress, cluster }: PlannedExposure): string {
  return host === undefined ? `port ${port} by "${ingress}" of ${cluster}` : `${host}:${port}`;
}

function noList(peer: string, replication: string | undefined): string {
  return `${peer} has one address${replication === undefined ? " wherever it is dialled" : within(replication)}; write a list: \`address: [<first>, <second>]\` in the replication or in peers.${peer}, or \`exposure: [<first>, <second>]\` in peers.${peer}`;
}

function ofTemplate(source: Source, path: readonly string[]): string {
  const { file, line } = source.locate(path, "key");
  return `a template or a default gives ${path.join(".")} (${file}:${line}), so the order cannot be changed for this entry alone; change it there, or write the list into the entry`;
}
