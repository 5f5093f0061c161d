import { pageAddress } from "../pages.ts";
import type { Plan, PlannedExposure } from "../plan/plan.ts";
import { isIngressController, wayNoun } from "../plan/ways.ts";

/**
 * The effect of a changed way of exposure on those who dial its targets, one sentence for each cluster and pair of ways. A target that
 * has both ways open while its diallers move is never out of reach; one that changes in one step is.
 */
export function exposureConsequences(base: Plan, head: Plan): string[] {
  const before = byTarget(base);
  const sentences: string[] = [];
  for (const [target, after] of byTarget(head)) {
    const old = before.get(target);
    if (old) sentences.push(...targetConsequences(old, after));
  }
  return [...new Set(sentences), ...kafkaConsequences(base, head)];
}

function targetConsequences(before: readonly PlannedExposure[], after: readonly PlannedExposure[]): string[] {
  const [was, is] = [dialledOf(before), dialledOf(after)];
  if (!was || !is) return [];
  const { cluster } = is;
  const [former, latter] = [called(was), called(is)];
  const opened = after.filter((each) => !each.dialled && !has(before, each));
  const closed = before.filter((each) => !each.dialled && !has(after, each));
  const sentences = [
    ...opened.map(
      (each) =>
        `Targets of ${cluster} are exposed by ${called(each)} in addition to ${latter}, and nobody dials the new way yet. Once none of its addresses is pending, name it first in \`exposure\`, so that the peers that dial move to it.`,
    ),
    ...closed
      .filter((each) => !same(each, is))
      .map((each) => `${upper(called(each))} no longer exposes targets of ${cluster}; nobody dials it in the base.`),
  ];
  if (same(was, is)) return sentences;
  if (has(before, is) && has(after, was))
    return [
      ...sentences,
      `Peers that dial targets of ${cluster} move from ${former} to ${latter}; both stay open, so each connection is reopened at once. Remove ${former} from \`exposure\` once every stack has been updated and \`verify\` passes.`,
    ];
  if (has(before, is))
    return [
      ...sentences,
      `Peers that dial targets of ${cluster} move from ${former} to ${latter}, and ${former} closes in the same change: a stack that is updated later dials what is gone. Keep \`exposure: [${is.ingress}, ${was.ingress}]\` until every stack has been updated.`,
    ];
  return [
    ...sentences,
    is.way.kind === "address"
      ? `Peers that dial targets of ${cluster} move from ${former} to ${latter}: make sure that it leads to them before you deploy this.`
      : `Targets of ${cluster} change from ${former} to ${latter} in one step: nobody reaches them until the new address exists and the stack of every peer that dials has been updated. A migration without a gap takes three changes: \`exposure: [<former>, <new>]\`, then \`[<new>, <former>]\`, then \`[<new>]\` (${pageAddress("docs/exposure.md")}).`,
  ];
}

/** Kafka's listener goes with the last Ingress controller of a cluster. */
function kafkaConsequences(base: Plan, head: Plan): string[] {
  return [...head.clusters.values()].flatMap(({ name, ways }): string[] => {
    const before = base.clusters.get(name);
    const runs = (all: typeof ways) => [...all.values()].some(isIngressController);
    if (!before || !runs(before.ways) || runs(ways)) return [];
    const peers = [...head.peers.values()].filter(
      ({ name: peer, cluster, settings }) =>
        cluster === name &&
        settings.kafkaListener === false &&
        base.peers.get(peer)?.settings.kafkaListener === undefined,
    );
    if (peers.length === 0) return [];
    return [
      `No Ingress controller is left in ${name}, so Kafka's listener for clients outside is disabled on ${peers.map((peer) => peer.name).join(", ")}; without a controller it would keep them from becoming Ready. Write \`kafkaListener: true\` on a peer if one still runs there.`,
    ];
  });
}

function byTarget({ exposures }: Plan): Map<string, PlannedExposure[]> {
  return Map.groupBy(exposures, ({ cluster, replication, peer }) => [cluster, replication, peer].join("/"));
}

function dialledOf(exposures: readonly PlannedExposure[]): PlannedExposure | undefined {
  return exposures.find(({ dialled }) => dialled);
}

function has(exposures: readonly PlannedExposure[], one: PlannedExposure): boolean {
  return exposures.some((each) => same(each, one));
}

/** True if its objects and its address stay the same kind of thing under the same name. */
function same(one: PlannedExposure, other: PlannedExposure): boolean {
  return one.ingress === other.ingress && one.way.kind === other.way.kind;
}

function called({ ingress, way }: PlannedExposure): string {
  return `${wayNoun[way.kind]} (\`${ingress}\`)`;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
