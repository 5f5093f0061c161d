import { Finding, type Path } from "../findings/finding.ts";
import type { RuleDescription } from "../findings/rule-description.ts";
import { apiVersionOf } from "../objects/manifests.ts";
import { declaredSize, smallerStore } from "../objects/store-size.ts";
import { live } from "../rules/live.ts";
import type { Plan, PlannedApp, PlannedPeer } from "./plan.ts";
import type { ClusterReach } from "./renamed-clusters.ts";

/** What one stack has deployed, as far as that is known: its exports hold less than the plan that it was made from. */
export interface Deployed {
  readonly peers: ReadonlyMap<string, DeployedPeer>;
  readonly apps: ReadonlyMap<string, DeployedApp>;
  /** How each cluster was reached. Undefined: unknown. */
  readonly clusters: ReadonlyMap<string, ClusterReach> | undefined;
}

export interface DeployedPeer {
  /** In-cluster `host:port` of its HTTP API, from which its namespace is read. */
  readonly api: string;
  /** Undefined: unknown. */
  readonly cluster: string | undefined;
  /** The size of its store's volumes. Undefined: none was declared, or unknown. */
  readonly storage: string | undefined;
  /** API version and kind. Undefined: unknown. */
  readonly type?: string | undefined;
  /** True if the engine refuses to delete it. Undefined: unknown. */
  readonly protect?: boolean | undefined;
}

export interface DeployedApp {
  /** Undefined: it was generated, and is unknown. */
  readonly id: string | undefined;
  /** True if the engine refuses to delete it. Undefined: unknown. */
  readonly protect?: boolean | undefined;
  /** Peers that serve it. Undefined: unknown. */
  readonly peers?: readonly string[] | undefined;
}

/**
 * What an update would delete for good: a Big Peer with the documents that only it holds, or an app under the ID that
 * its documents have. Outside of development, each loss has to be asked for by name, and what the engine protects has
 * to be released by an update of its own first.
 * @param owned the clusters that the stack will own
 * @param before in the plan's names for clusters
 */
export function losses(plan: Plan, owned: ReadonlySet<string>, deployed: Deployed): Finding[] {
  const before = withoutLost(plan, deployed);
  return [
    ...removedPeers(plan, owned, before),
    ...replacedPeers(plan, owned, before),
    ...removedApps(plan, before),
    ...appsTakenOff(plan, owned, before),
    ...replacedApps(plan, before),
  ];
}

/** What remains without the clusters that are gone for good, where nothing can be lost any more. */
function withoutLost(plan: Plan, before: Deployed): Deployed {
  if (plan.lost.size === 0) return before;
  const peers = new Map([...before.peers].filter(([, { cluster }]) => !plan.lost.has(cluster ?? "")));
  const apps = [...before.apps].map(([name, app]): [string, DeployedApp] => [
    name,
    { ...app, peers: app.peers?.filter((peer) => peers.has(peer)) },
  ]);
  return { ...before, peers, apps: new Map(apps) };
}

/** What a plan deploys in some of its clusters. */
export function deployedBy(plan: Plan, clusters: ReadonlyMap<string, ClusterReach>): Deployed {
  const peers = [...plan.peers.values()].filter(({ cluster }) => clusters.has(cluster));
  const apps = [...plan.apps.values()].filter(({ objects }) => objects.some(({ cluster }) => clusters.has(cluster)));
  return {
    peers: new Map(peers.map((peer) => [peer.name, deployedPeer(plan, peer)])),
    apps: new Map(apps.map((app) => [app.name, deployedApp(app, new Set(peers.map(({ name }) => name)))])),
    clusters,
  };
}

function deployedPeer(plan: Plan, { apiAddress, cluster, settings, protect }: PlannedPeer): DeployedPeer {
  return { api: apiAddress, cluster, storage: declaredSize(settings, plan.operator), type: typeOf(plan), protect };
}

function deployedApp({ id, protect, objects }: PlannedApp, peers: ReadonlySet<string>): DeployedApp {
  return { id, protect, peers: objects.map(({ peer }) => peer).filter((peer) => peers.has(peer)) };
}

function typeOf({ operator }: Plan): string {
  return `${apiVersionOf(operator)} ${operator.kinds.bigPeer}`;
}

function removedPeers(plan: Plan, owned: ReadonlySet<string>, before: Deployed): Finding[] {
  return [...before.peers].flatMap(([name, { protect }]) => {
    if (owned.has(plan.peers.get(name)?.cluster ?? "")) return [];
    const path = ["peers", name];
    const moved = plan.peers.has(name) ? "moved to another cluster, so deleted here" : "deleted";
    const what = `the Big Peer "${name}" would be ${moved}, with every document that only it holds`;
    if (isProduction(plan) && !plan.confirmRemoval.has(name))
      return [
        loss(
          live.peerRemoved,
          path,
          what,
          `put it back: under a new name it is a new, empty one. Replicate its data away first (npx bigpeer migrate ${name} <peer>); then, with it still declared, add \`confirmRemoval: [${name}]\`, run pulumi up, and take it out`,
        ),
      ];
    return protect ? [stillProtected(live.peerRemoved, path, what, `confirmRemoval: [${name}]`)] : [];
  });
}

function replacedPeers(plan: Plan, owned: ReadonlySet<string>, before: Deployed): Finding[] {
  return [...before.peers].flatMap(([name, { api, cluster, storage, type, protect }]) => {
    const peer = plan.peers.get(name);
    if (!peer || !owned.has(peer.cluster)) return [];
    const recreated = (change: string) =>
      `the Big Peer "${name}" would be recreated for ${change}, without its documents`;
    const moved = cluster !== undefined && cluster !== peer.cluster;
    const retyped = type !== undefined && type !== typeOf(plan);
    // To the engine these are another object, so it deletes the former one.
    const elsewhere = [
      moved ? recreated(`another cluster (${peer.cluster} for ${cluster})`) : undefined,
      retyped ? recreated(`another API (${typeOf(plan)} for ${type})`) : undefined,
    ];
    const planned = declaredSize(peer.settings, plan.operator);
    const inPlace = [
      api === peer.apiAddress ? undefined : recreated(`another namespace (${peer.namespace})`),
      smallerStore(name, storage, planned),
    ];
    const path = ["peers", name];
    const allow = `allowReplace: [peers.${name}]`;
    if (isProduction(plan) && !plan.allowReplace.has(`peers.${name}`)) {
      const hint = moved ? onlyRenamed(plan, before, { former: cluster, now: peer.cluster }) : "";
      return [...elsewhere, ...inPlace].filter(isText).map((what, index) => {
        const fix = `put it back; or replicate its data to another peer first (npx bigpeer migrate ${name} <peer>) and add \`${allow}\``;
        return loss(live.peerReplaced, path, what, `${index === 0 ? hint : ""}${fix}`);
      });
    }
    return protect ? elsewhere.filter(isText).map((what) => stillProtected(live.peerReplaced, path, what, allow)) : [];
  });
}

/** How to recognise a cluster that has only been renamed. */
function onlyRenamed(plan: Plan, before: Deployed, { former, now }: { former: string; now: string }): string {
  if (plan.clusters.has(former)) return "";
  const same = `if ${now} is the same cluster under another name,`;
  const reach = before.clusters?.get(former);
  if (!reach)
    return `${same} run pulumi up once under the former one: the stack then recognizes it by its context; otherwise `;
  const kubeconfig = reach.kubeconfig === undefined ? "no `kubeconfig`" : "the `kubeconfig` that it had";
  return `${same} reach it as before: \`context: ${reach.context}\` and ${kubeconfig}; else `;
}

function removedApps(plan: Plan, before: Deployed): Finding[] {
  return [...before.apps].flatMap(([name, { protect }]) => {
    if (plan.apps.has(name)) return [];
    const path = ["apps", name];
    const what = `the app "${name}" would be deleted on every peer, with its documents`;
    if (isProduction(plan) && !plan.allowReplace.has(`apps.${name}`))
      return [
        loss(
          live.appRemoved,
          path,
          what,
          `put it back: under a new name it is a new, empty app. Once its documents are no longer needed, add \`allowReplace: [apps.${name}]\`, run pulumi up, and take it out`,
        ),
      ];
    return protect ? [stillProtected(live.appRemoved, path, what, `allowReplace: [apps.${name}]`)] : [];
  });
}

/** Apps that stay in the topology, but leave a peer that stays. */
function appsTakenOff(plan: Plan, owned: ReadonlySet<string>, before: Deployed): Finding[] {
  return [...before.apps].flatMap(([name, { peers, protect }]) => {
    const app = plan.apps.get(name);
    if (!app || !protect) return [];
    const serving = new Set(app.objects.map(({ peer }) => peer));
    return (peers ?? [])
      .filter((peer) => owned.has(plan.peers.get(peer)?.cluster ?? "") && before.peers.get(peer)?.protect)
      .filter((peer) => !serving.has(peer))
      .map((peer) => {
        const what = `the app "${name}" would be deleted on the peer "${peer}", with its documents there`;
        const allow = `allowReplace: [apps.${name}]`;
        return stillProtected(live.appRemoved, ["apps", name, "peers"], what, allow);
      });
  });
}

function replacedApps(plan: Plan, before: Deployed): Finding[] {
  if (!isProduction(plan)) return [];
  return [...before.apps].flatMap(([name, { id }]) => {
    const planned = plan.apps.get(name)?.id;
    if (planned === undefined || planned.toLowerCase() === id?.toLowerCase()) return [];
    if (plan.allowReplace.has(`apps.${name}`)) return [];
    const path = ["apps", name, "id"];
    if (id === undefined)
      return [
        loss(
          live.appIdGiven,
          path,
          `the app "${name}" would get the ID ${planned} in place of the one that was generated for it; if they differ, its documents stay behind under the generated ID`,
          `compare it with the one that its stack has exported (pulumi stack output topology), and leave \`id\` out if they differ`,
        ),
      ];
    return [
      loss(
        live.appReplaced,
        path,
        `the app "${name}" would get the ID ${planned} in place of ${id}: its documents stay behind under the old one`,
        `put \`id: ${id}\` back; or declare a second app, and add \`allowReplace: [apps.${name}]\` once the old documents are no longer needed`,
      ),
    ];
  });
}

function isProduction({ environment }: Plan): boolean {
  return environment !== "development";
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}

/**
 * The file allows it, but the engine still refuses it: what the last update protected stays protected until an update
 * releases it.
 */
function stillProtected(rule: RuleDescription, path: Path, what: string, allow: string): Finding {
  const fix = `put it back; once its documents are no longer needed, add \`${allow}\`while it is still declared, run pulumi up, and make this change after that`;
  return loss(rule, path, `${what}; the engine protects it until an update has removed the protection`, fix);
}

function loss(rule: RuleDescription, path: Path, what: string, fix: string): Finding {
  return new Finding(rule, { path, what, fix });
}
