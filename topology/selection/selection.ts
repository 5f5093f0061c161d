import type { LabelSelector } from "../expand/schema.ts";
import { hasLabels } from "../expand/selections.ts";
import { suggestion } from "../findings/suggest.ts";
import type { Plan, PlannedCluster, PlannedPeer } from "../plan/plan.ts";
import { valuesOf } from "./label-values.ts";

/**
 * A part of a topology, as the options of a command name it. Several values of one option add up, and different options narrow each
 * other; what is undefined or empty leaves nothing out.
 */
export interface Selection {
  readonly cluster?: readonly string[] | undefined;
  readonly peer?: readonly string[] | undefined;
  readonly app?: readonly string[] | undefined;
  readonly replication?: readonly string[] | undefined;
  /** `key=value`. Several values of one key add up, and different keys narrow each other. */
  readonly label?: readonly string[] | undefined;
}

/** What a selection comes to. */
export interface Selected {
  /** False: nothing was left out. */
  readonly narrowed: boolean;
  /** Peers that are named, that run in the clusters, have the labels and the apps, and take part in the replications. */
  readonly peers: ReadonlySet<string>;
  /** The clusters of these peers; where nothing was said of peers, also clusters without any. Lost ones are among them. */
  readonly clusters: ReadonlySet<string>;
  /** The apps that are named, and those of the replications that are. */
  readonly apps: ReadonlySet<string>;
  readonly replications: ReadonlySet<string>;
  /** True if documents of a replication that flow between two peers are selected: at either end has to be one of the peers. */
  hasFlow(flow: { readonly replication: string; readonly from: string; readonly to: string }): boolean;
}

const kinds = ["cluster", "peer", "app", "replication"] as const;
type Kind = (typeof kinds)[number];

/** True if a selection leaves anything out. */
export function isNarrowed(selection: Selection): boolean {
  return [...kinds, "label" as const].some((kind) => isGiven(selection, kind));
}

/** The part of a plan that is selected. Names that the plan does not have select nothing; see `selectionProblems`. */
export function selectedIn(plan: Plan, selection: Selection): Selected {
  const labels = selectorOf(selection.label ?? []).selector;
  const wanted = (kind: Kind, name: string) => !isGiven(selection, kind) || selection[kind]?.includes(name) === true;
  const ofKind = (kind: Kind, names: ReadonlySet<string>) =>
    !isGiven(selection, kind) || selection[kind]?.some((name) => names.has(name)) === true;
  const takesPart = membershipsOf(plan);
  const isPeer = ({ name, cluster, labels: own }: PlannedPeer) => {
    const { apps, replications } = takesPart(name);
    const named = wanted("peer", name) && wanted("cluster", cluster) && hasLabels(own, labels);
    return named && ofKind("app", apps) && ofKind("replication", replications);
  };
  const peers = [...plan.peers.values()].filter(isPeer);
  const ofPeers = (["peer", "app", "replication"] as const).some((kind) => isGiven(selection, kind));
  const isCluster = ({ name, labels: own }: PlannedCluster) => wanted("cluster", name) && hasLabels(own, labels);
  const clusters = ofPeers ? [] : [...plan.clusters.values(), ...plan.lost.values()].filter(isCluster);
  const selected = new Set(peers.map(({ name }) => name));
  const replications = [...plan.replications.values()].filter(
    ({ name, app }) => wanted("replication", name) && wanted("app", app),
  );
  const flowing = new Set(replications.map(({ app }) => app));
  const isApp = (name: string) => wanted("app", name) && (!isGiven(selection, "replication") || flowing.has(name));
  const names = new Set(replications.map(({ name }) => name));
  return {
    narrowed: isNarrowed(selection),
    peers: selected,
    clusters: new Set([...clusters.map(({ name }) => name), ...peers.map(({ cluster }) => cluster)]),
    apps: new Set([...plan.apps.keys()].filter(isApp)),
    replications: names,
    hasFlow: ({ replication, from, to }) => names.has(replication) && (selected.has(from) || selected.has(to)),
  };
}

/** A sentence for each name or label of a selection that nothing has; where all of them are there, one if nothing has all of them together. */
export function selectionProblems(plan: Plan, selection: Selection): string[] {
  const known = {
    cluster: [...plan.clusters.keys(), ...plan.lost.keys()],
    peer: [...plan.peers.keys()],
    app: [...plan.apps.keys()],
    replication: [...plan.replications.keys()],
  };
  const unknown = kinds.flatMap((kind) =>
    (selection[kind] ?? [])
      .filter((name) => !known[kind].includes(name))
      .map((name) => `--${kind} ${name}: the topology has no such ${kind}; ${suggestion(name, known[kind], kind)}`),
  );
  const problems = [...unknown, ...labelProblems(plan, selection.label ?? [])];
  if (problems.length > 0) return problems;
  const { narrowed, peers, clusters } = selectedIn(plan, selection);
  if (!narrowed || peers.size > 0 || clusters.size > 0) return [];
  const given = [...kinds, "label" as const].flatMap((kind) =>
    (selection[kind] ?? []).map((each) => `--${kind} ${each}`),
  );
  return [
    `nothing is selected: no single cluster or peer has all of ${given.join(", ")}; different options narrow each other, so leave one out`,
  ];
}

function labelProblems(plan: Plan, given: readonly string[]): string[] {
  const { selector, malformed } = selectorOf(given);
  const wrong = malformed.map((text) => `--label ${text}: write key=value, as in --label region=eu`);
  const holders = [...plan.clusters.values(), ...plan.lost.values(), ...plan.peers.values()];
  const values = valuesOf(holders.map(({ labels }) => labels));
  const missing = Object.entries(selector).flatMap(([key, wanted]) => {
    const there = values.get(key);
    if (!there) {
      const hint = values.size === 0 ? "give clusters or peers `labels`" : suggestion(key, values.keys(), "label");
      return [`--label ${key}=${wanted.join()}: no cluster or peer has the label "${key}"; ${hint}`];
    }
    return wanted
      .filter((value) => !there.has(value))
      .map(
        (value) =>
          `--label ${key}=${value}: no cluster or peer has this value of "${key}"; ${suggestion(value, there, "value")}`,
      );
  });
  return [...wrong, ...missing];
}

/** `key=value` pairs as a selector, and what is no such pair. */
export function selectorOf(given: readonly string[]): {
  readonly selector: Readonly<Record<string, string[]>> & LabelSelector;
  readonly malformed: readonly string[];
} {
  const pairs = given.map((text) => ({ text, match: /^([^=]+)=(.*)$/s.exec(text) }));
  const byKey = Map.groupBy(
    pairs.flatMap(({ match }) => (match ? [{ key: match[1] ?? "", value: match[2] ?? "" }] : [])),
    ({ key }) => key,
  );
  return {
    selector: Object.fromEntries([...byKey].map(([key, group]) => [key, group.map(({ value }) => value)])),
    malformed: pairs.filter(({ match }) => !match).map(({ text }) => text),
  };
}

function isGiven(selection: Selection, kind: Kind | "label"): boolean {
  return (selection[kind] ?? []).length > 0;
}

/** The apps that a peer has, and the replications in which it takes part. */
function membershipsOf(plan: Plan) {
  const none: ReadonlySet<string> = new Set();
  const apps = new Map<string, Set<string>>();
  const replications = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, peer: string, name: string) =>
    map.set(peer, (map.get(peer) ?? new Set()).add(name));
  for (const { name, objects } of plan.apps.values()) for (const { peer } of objects) add(apps, peer, name);
  for (const { name, sides } of plan.replications.values()) for (const { peer } of sides) add(replications, peer, name);
  return (peer: string) => ({ apps: apps.get(peer) ?? none, replications: replications.get(peer) ?? none });
}
